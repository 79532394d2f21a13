import { Link, useMatches } from "@tanstack/react-router";
import { CircleHelp, Menu as MenuIcon, MoonStar, Search, Sun } from "lucide-react";
import { useSyncExternalStore } from "react";
import { useMe } from "../api/me.ts";
import { pauseLive } from "../live/stream.ts";
import { useLiveState } from "../live/use-live.ts";
import { pages } from "../pages/index.ts";
import { cx } from "../parts/class-names.ts";
import { IconButton } from "../parts/controls/button.tsx";
import { useCrumb } from "../parts/crumb.ts";
import { fetched } from "../parts/late/fetched.ts";
import { OnDemand } from "../parts/late/on-demand.tsx";
import { chooseTheme, onTheme, seenTheme } from "../style/theme.ts";
import { clock, initialsOf } from "../words/format.ts";
import { shellWords } from "../words/index.ts";

/** Path, search, live state, keys, theme, account. */
export function TopBar({ onSearch, onKeys }: { onSearch(): void; onKeys(): void }) {
  return (
    <header className="grid h-(--topbar) flex-none grid-cols-[1fr_minmax(0,380px)_1fr] items-center gap-4 border-b border-border pr-3.5 pl-6 phone:grid-cols-[auto_1fr_auto] phone:gap-1 phone:px-2">
      <span className="hidden phone:contents">
        <OnDemand
          face={<IconButton icon={MenuIcon} size={18} label={shellWords.menu} />}
          open={(trigger) => <MobileMenu trigger={trigger} />}
        />
      </span>
      <Crumbs />
      <button
        type="button"
        onClick={onSearch}
        aria-label={shellWords.search}
        className="flex h-7 w-full items-center gap-2 rounded-md border border-border bg-surface-sunken pr-1.5 pl-2.25 text-fg-3 hover:bg-surface-hover phone:hidden"
      >
        <Search size={14} strokeWidth={1.75} aria-hidden />
        <span className="truncate">{shellWords.search}</span>
        <kbd
          aria-hidden
          className="ml-auto border border-border-strong bg-transparent! leading-3.5! text-fg-3!"
        >
          ⌘K
        </kbd>
      </button>
      <div className="flex items-center justify-end gap-1">
        <Live />
        <span className="hidden phone:contents">
          <IconButton icon={Search} size={18} label={shellWords.searchShort} onClick={onSearch} />
        </span>
        <span className="contents phone:hidden">
          <IconButton icon={CircleHelp} label={shellWords.keys} onClick={onKeys} />
          <ThemeButton />
        </span>
        <Account />
      </div>
    </header>
  );
}

/** Where you are: the group or the list that leads here, and this. */
function Crumbs() {
  const { workspace } = useMe();
  const crumb = useCrumb();
  const matches = useMatches();
  const path = matches.at(-1)?.routeId;
  const page = pages.find((each) => each.path === path);
  const parent = page?.nav
    ? { title: shellWords.groups[page.nav.group] || workspace.name, to: null }
    : parentOf(path);
  const title = crumb ?? page?.title ?? shellWords.nothingHere.title;
  return (
    <div className="flex min-w-0 items-center gap-2 whitespace-nowrap text-fg-3">
      <span className="contents phone:hidden">
        {parent &&
          (parent.to === null ? (
            <span>{parent.title}</span>
          ) : (
            <Link to={parent.to} className="hover:text-fg">
              {parent.title}
            </Link>
          ))}
        {parent && (
          <span aria-hidden className="text-border-control phone:hidden">
            /
          </span>
        )}
      </span>
      <span className="truncate font-medium text-fg">{title}</span>
    </div>
  );
}

function parentOf(path: string | undefined) {
  const parent = pages
    .filter((each) => each.nav && each.path !== "/" && path?.startsWith(`${each.path}/`))
    .at(-1);
  return parent ? { title: parent.title, to: parent.path } : null;
}

function Live() {
  const { status, isPaused, lostAt, rate } = useLiveState();
  const words = shellWords.live;
  if (status === "off") return null;
  const isLive = status === "live" && !isPaused;
  const text =
    status === "reconnecting" && lostAt !== null
      ? words.reconnecting(clock(lostAt))
      : status === "connecting"
        ? words.connecting
        : isPaused
          ? words.paused
          : words.live;
  return (
    <button
      type="button"
      onClick={() => pauseLive(!isPaused)}
      title={isPaused ? words.resume : words.pause}
      className="mr-1 flex h-7 items-center gap-1.75 rounded-md px-1.5 text-xs whitespace-nowrap text-fg-2 hover:bg-surface-hover"
    >
      <span
        className={cx(
          "size-1.5 flex-none rounded-full",
          isLive
            ? "bg-accent-solid shadow-[0_0_0_3px_var(--accent-soft)]"
            : status === "live"
              ? "bg-border-control"
              : "bg-retrying-solid",
        )}
      />
      {text}
      {isLive && rate > 0 && <span className="tnum text-fg-3">{words.rate(rate.toFixed(1))}</span>}
    </button>
  );
}

function ThemeButton() {
  const theme = useSyncExternalStore(onTheme, seenTheme);
  const other = theme === "dark" ? "light" : "dark";
  return (
    <IconButton
      icon={theme === "dark" ? Sun : MoonStar}
      label={shellWords.theme[other]}
      onClick={() => chooseTheme(other)}
    />
  );
}

const MobileMenu = fetched(() => import("./mobile-menu.tsx").then((it) => it.MobileMenu));
const AccountMenu = fetched(() => import("./account-menu.tsx").then((it) => it.AccountMenu));

function Account() {
  const me = useMe();
  const name = me.person?.name ?? "";
  const face = (
    <button
      type="button"
      aria-label={shellWords.account(name)}
      aria-haspopup="menu"
      className="ml-1.5 grid size-6 flex-none place-items-center rounded-full bg-surface-active text-[9.5px] font-strong text-fg-2 touch:size-8"
    >
      {initialsOf(name)}
    </button>
  );
  return <OnDemand face={face} open={(trigger) => <AccountMenu trigger={trigger} />} />;
}
