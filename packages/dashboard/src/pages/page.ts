import type { LucideIcon } from "lucide-react";
import type { ComponentType } from "react";
import type { SearchSchema } from "../parts/address.ts";
import type { Place } from "../parts/places.ts";
import type { shellWords } from "../words/index.ts";

export type NavGroup = keyof typeof shellWords.groups;

/** One page of the dashboard. Areas list theirs in `pages/<area>/pages.ts`. */
export interface PageDef {
  /** `/endpoints/$id`: what begins with `$` is read with `useParams`. */
  path: string;
  /** For the browser's tab and the path in the top bar. */
  title: string;
  /** The scope without which nobody sees it. */
  needs?: string;
  /** What its address can say besides; anything else is dropped. */
  search?: SearchSchema;
  /** Its code, a chunk of its own: exports `Page`. */
  load(): Promise<{ Page: ComponentType }>;
  /** Its place in the sidebar; absent for pages that others lead to. */
  nav?: {
    group: NavGroup;
    /** Within the group, the smallest first. */
    order: number;
    icon: LucideIcon;
    /** The letter that goes there after G. */
    key?: string;
    /** Stands in the bottom bar of a phone. */
    onPhone?: boolean;
    /** Left out of the sidebar for now; the palette still has it. A hook. */
    useIsAway?: () => boolean;
    /** How many wait for a person; null shows nothing. A hook. */
    useWaiting?: () => number | null;
  };
  /** Ids that it opens: `{ prefix: "ep_", to: (id) => `/endpoints/${id}` }`. */
  opens?: Place;
}
