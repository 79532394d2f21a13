import { useMe } from "../api/me.ts";
import { pages } from "../pages/index.ts";
import type { NavGroup, PageDef } from "../pages/page.ts";
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
