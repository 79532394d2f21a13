import { pages } from "../pages/index.ts";
import type { NavGroup, PageDef } from "../pages/page.ts";
import { useMe } from "../session/me.ts";
import { shellWords } from "../words/index.ts";

export type NavPage = PageDef & { nav: NonNullable<PageDef["nav"]> };

/** The pages of the sidebar that you may see, in their groups. What you may not see is absent. */
export function useNav(): { group: NavGroup; title: string; pages: NavPage[] }[] {
  const me = useMe();
  const seen = pages.filter(
    (page): page is NavPage =>
      page.nav !== undefined && (page.needs === undefined || me.scopes.includes(page.needs)),
  );
  return groups.map((group) => ({
    group,
    title: shellWords.groups[group],
    pages: seen
      .filter(({ nav }) => nav.group === group)
      .toSorted((a, b) => a.nav.order - b.nav.order),
  }));
}

const groups: readonly NavGroup[] = ["top", "traffic", "connect", "build", "workspace"];

/** Where an id of Curlew leads; null when no page opens its kind. */
export function placeOf(id: string): string | null {
  const page = pages.find(({ opens }) => opens !== undefined && id.startsWith(opens.prefix));
  return page?.opens?.to(id) ?? null;
}

/** An id as it is pasted, with whatever stands around it. */
export function idIn(text: string): string | null {
  return /\b[a-z]{2,5}_[0-9A-Za-z]{20,}(_\d+)?\b/.exec(text)?.[0] ?? null;
}
