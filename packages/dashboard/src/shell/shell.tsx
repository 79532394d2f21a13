import { useIsFetching } from "@tanstack/react-query";
import { Outlet, useMatches, useNavigate } from "@tanstack/react-router";
import { type ReactNode, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { useMe } from "../api/me.ts";
import { isRenewing, onRenewal } from "../api/renewal.ts";
import { startLive } from "../live/stream.ts";
import { pages } from "../pages/index.ts";
import { listenForKeys, useActs } from "../parts/acts.ts";
import { fetched } from "../parts/late/fetched.ts";
import { Late, Unfetched } from "../parts/late/late.tsx";
import { idIn, placeOf } from "../parts/places.ts";
import { followedJobs, onFollowed } from "../parts/toasts/followed-jobs.ts";
import { areToastsWanted, onToastsWanted } from "../parts/toasts/toasts.ts";
import { shellWords } from "../words/index.ts";
import { unreached } from "./broken.tsx";
import { useNav } from "./nav.ts";
import { PhoneBar } from "./phone-bar.tsx";
import { Sidebar } from "./sidebar.tsx";
import { TopBar } from "./top-bar.tsx";

const Palette = fetched(() => import("./palette.tsx").then((it) => it.Palette));
const KeysDialog = fetched(() => import("./keys-dialog.tsx").then((it) => it.KeysDialog));

const Toaster = fetched(() => import("../parts/toasts/toaster.tsx").then((it) => it.Toaster));
const jobs = () => import("../parts/toasts/jobs.tsx");
const Jobs = fetched(() => jobs().then((it) => it.Jobs));
const ExpiredSession = fetched(() =>
  import("../session/expired.tsx").then((it) => it.ExpiredSession),
);

const Aids = fetched(() => import("./aids.tsx").then((it) => it.Aids));

/** The frame around every page. */
export function Shell() {
  const [open, setOpen] = useState<"palette" | "keys" | null>(null);
  const close = () => setOpen(null);
  const me = useMe();
  const seesEvents = me.scopes.includes("events:read");
  useEffect(() => listenForKeys(), []);
  useEffect(
    () => (seesEvents ? startLive(me.workspace.id) : undefined),
    [seesEvents, me.workspace.id],
  );
  usePastedIds();
  useWays(setOpen);
  return (
    <div className="grid h-dvh grid-cols-[var(--sidebar)_minmax(0,1fr)] overflow-hidden phone:grid-cols-[minmax(0,1fr)]">
      <a
        href="#page"
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-ink focus:px-3 focus:py-1.5 focus:text-on-ink"
      >
        {shellWords.skip}
      </a>
      <nav
        aria-label={shellWords.navigation}
        className="flex min-h-0 flex-col border-r border-border bg-bg [--cut:var(--bg)] phone:hidden"
      >
        <Sidebar />
      </nav>
      <div className="flex min-h-0 min-w-0 flex-col bg-surface">
        <TopBar onSearch={() => setOpen("palette")} onKeys={() => setOpen("keys")} />
        <Main>
          <Allowed />
        </Main>
        <PhoneBar />
      </div>
      <Unfetched>
        <Suspense fallback={null}>
          <Aids />
        </Suspense>
      </Unfetched>
      <Floating />
      {open !== null && (
        <Late onLeave={close}>
          {open === "palette" ? <Palette onClose={close} /> : <KeysDialog onClose={close} />}
        </Late>
      )}
    </div>
  );
}

/** Busy while something of the page is fetched for the first time. */
function Main({ children }: { children: ReactNode }) {
  const isBusy = useIsFetching({ predicate: ({ state }) => state.status === "pending" }) > 0;
  return (
    // What the link at the top leads to takes the focus.
    <main
      id="page"
      tabIndex={-1}
      data-quiet-focus
      aria-busy={isBusy}
      className="relative flex min-h-0 flex-1 flex-col"
    >
      {children}
    </main>
  );
}

const SETTLED_MS = 1_000;

/** What lies above the page, fetched when it is needed first. */
function Floating() {
  useEffect(() => {
    // What tells that the server does not answer cannot be fetched then.
    const fetchBefore = () => [jobs, unreached].map((part) => part().catch(() => {}));
    const timer = setTimeout(() => void fetchBefore(), SETTLED_MS);
    return () => clearTimeout(timer);
  }, []);
  const hasToasts = useSyncExternalStore(onToastsWanted, areToastsWanted);
  const hasJobs = useSyncExternalStore(onFollowed, () => followedJobs().length > 0);
  const isExpired = useSyncExternalStore(onRenewal, isRenewing);
  return (
    <>
      {(hasToasts || hasJobs) && (
        <Unfetched>
          <Suspense fallback={null}>
            <Toaster />
            <Jobs />
          </Suspense>
        </Unfetched>
      )}
      {isExpired && (
        <Unfetched>
          <Suspense fallback={null}>
            <ExpiredSession />
          </Suspense>
        </Unfetched>
      )}
    </>
  );
}

/** A page that your role does not see says so, whatever led to it. */
function Allowed() {
  const me = useMe();
  const path = useMatches().at(-1)?.routeId;
  const page = pages.find((each) => each.path === path);
  if (page?.needs !== undefined && !me.scopes.includes(page.needs)) {
    return <p className="p-7 text-fg-2">{shellWords.notYours(page.title)}</p>;
  }
  return <Outlet />;
}

/** G and a letter, ⌘K, ?, from everywhere. */
function useWays(setOpen: (open: "palette" | "keys" | null) => void): void {
  const navigate = useNavigate();
  const pagesSeen = useNav().flatMap((group) => group.pages);
  useActs(
    [
      { key: "Mod+k", does: shellWords.searchShort, isQuiet: true, run: () => setOpen("palette") },
      { key: "?", does: shellWords.keysOf, isQuiet: true, run: () => setOpen("keys") },
      ...pagesSeen
        .filter(({ nav }) => nav.key !== undefined)
        .map(({ title, path, nav }) => ({
          key: `g ${nav.key}`,
          does: title,
          isQuiet: true,
          run: () => void navigate({ to: path }),
        })),
    ],
    "everywhere",
  );
}

/** Pasting an id anywhere outside a field goes to what it names. */
function usePastedIds(): void {
  const navigate = useNavigate();
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      if (
        event.target instanceof Element &&
        event.target.closest("input, textarea, [contenteditable]")
      )
        return;
      const id = idIn(event.clipboardData?.getData("text") ?? "");
      const to = id === null ? null : placeOf(id);
      if (to !== null) void navigate({ to });
    };
    document.addEventListener("paste", onPaste);
    return () => document.removeEventListener("paste", onPaste);
  }, [navigate]);
}
