import { Link } from "@tanstack/react-router";
import { shortNumber } from "../words/format.ts";
import { shellWords } from "../words/index.ts";
import { useNav } from "./nav.ts";

/** Below 700 px: the pages that are needed on the way. */
export function PhoneBar() {
  const pages = useNav()
    .flatMap((group) => group.pages)
    .filter(({ nav }) => nav.onPhone === true)
    .slice(0, 5);
  return (
    <nav
      className="hidden h-16 flex-none auto-cols-fr grid-flow-col border-t border-border bg-bg phone:grid"
      aria-label={shellWords.bar}
    >
      {pages.map(({ path, title, nav }) => {
        const Icon = nav.icon;
        return (
          <Link
            key={path}
            to={path}
            activeOptions={{ exact: path === "/", includeSearch: false }}
            className="relative flex flex-col items-center justify-center gap-1 text-2xs/[13px] font-[460] text-fg-3 -outline-offset-2 aria-[current=page]:font-medium aria-[current=page]:text-fg"
          >
            <Icon size={20} strokeWidth={1.75} aria-hidden />
            {title}
            {nav.useWaiting && <Count use={nav.useWaiting} />}
          </Link>
        );
      })}
    </nav>
  );
}

function Count({ use }: { use: () => number | null }) {
  const count = use();
  if (count === null || count === 0) return null;
  return (
    <span className="tnum absolute top-1.5 left-[calc(50%+7px)] rounded-full bg-surface-active px-1 text-[10px]/[15px] text-fg-2">
      {shortNumber(count)}
    </span>
  );
}
