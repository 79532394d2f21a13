import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { useMe } from "../api/me.ts";
import { serverName, serverQuery } from "../api/server.ts";
import { cx } from "../parts/class-names.ts";
import { fetched } from "../parts/late/fetched.ts";
import { OnDemand } from "../parts/late/on-demand.tsx";
import { Mark } from "../parts/mark.tsx";
import { number } from "../words/format.ts";
import { shellWords } from "../words/index.ts";
import { type NavPage, useNav } from "./nav.ts";

const WorkspaceMenu = fetched(() => import("./workspace-menu.tsx").then((it) => it.WorkspaceMenu));

/** Workspace, the server's name, the pages, and how the server is. */
export function Sidebar({ onChoose }: { onChoose?: () => void }) {
  const groups = useNav();
  return (
    <>
      <Workspace />
      <ServerName />
      <div className="min-h-0 flex-1 overflow-y-auto px-2.5 py-0.5">
        {groups.map(
          ({ group, title, pages }) =>
            pages.length > 0 && (
              <div key={group} className="mb-3.5">
                {title !== "" && <h2 className="px-2 text-2xs/6 font-medium text-fg-3">{title}</h2>}
                <ul>
                  {pages.map((page) => (
                    <Unless key={page.path} useIsAway={page.nav.useIsAway}>
                      <li>
                        <NavLink page={page} onChoose={onChoose} />
                      </li>
                    </Unless>
                  ))}
                </ul>
              </div>
            ),
        )}
      </div>
      <ServerLine />
    </>
  );
}

const never = () => false;

function Unless({
  useIsAway = never,
  children,
}: {
  useIsAway: (() => boolean) | undefined;
  children: ReactNode;
}) {
  return useIsAway() ? null : children;
}

function NavLink({ page, onChoose }: { page: NavPage; onChoose: (() => void) | undefined }) {
  const { icon: Icon } = page.nav;
  return (
    <Link
      to={page.path}
      activeOptions={{ exact: page.path === "/", includeSearch: false }}
      onClick={onChoose}
      className="group flex h-7 items-center gap-2.25 rounded-md px-2 font-[460] text-fg-2 hover:bg-surface-hover aria-[current=page]:bg-surface-active aria-[current=page]:font-medium aria-[current=page]:text-fg touch:h-10"
    >
      <Icon
        size={15}
        strokeWidth={1.75}
        aria-hidden
        className="flex-none text-fg-3 group-aria-[current=page]:text-fg"
      />
      <span className="truncate">{page.title}</span>
      {page.nav.useWaiting && <Waiting use={page.nav.useWaiting} />}
    </Link>
  );
}

/** Only where something waits for a person. */
function Waiting({ use, className }: { use: () => number | null; className?: string }) {
  const count = use();
  if (count === null || count === 0) return null;
  return (
    <span className={cx("tnum ml-auto text-2xs font-normal text-fg-3", className)}>
      {number(count)}
    </span>
  );
}

function Workspace() {
  const { workspace, workspaces } = useMe();
  const face = (
    <>
      <Mark />
      <span className="truncate">{workspace.name}</span>
    </>
  );
  const look =
    "flex h-(--topbar) w-full flex-none items-center gap-2.25 pr-3 pl-3.5 font-strong tracking-tight -outline-offset-2";
  if (workspaces.length < 2) return <div className={look}>{face}</div>;
  const switcher = (
    <button type="button" className={look} aria-label={shellWords.switchWorkspace(workspace.name)}>
      {face}
      <ChevronsUpDown size={14} strokeWidth={1.75} aria-hidden className="ml-auto text-fg-3" />
    </button>
  );
  return <OnDemand face={switcher} open={(trigger) => <WorkspaceMenu trigger={trigger} />} />;
}

function ServerName() {
  const { name, address } = serverName();
  return (
    <div className="mx-2.5 mb-2 flex h-6.5 flex-none items-center gap-1.75 rounded-md border border-border bg-surface px-2 text-2xs">
      <span className="size-1.5 flex-none rounded-[1.5px] bg-ink" />
      <span className={cx("font-strong", address === null && "truncate")} title={name}>
        {name}
      </span>
      {address !== null && <span className="truncate text-fg-3">{address}</span>}
    </div>
  );
}

/** How the server is; leads its operator to the whole of it. */
function ServerLine() {
  const { data, isError } = useQuery(serverQuery);
  const { is_operator: isOperator } = useMe();
  const look =
    "flex h-9 flex-none items-center gap-1.5 border-t border-border px-3.5 text-2xs text-fg-3 -outline-offset-2";
  const face = (
    <>
      <span
        className={cx(
          "size-1.5 flex-none rounded-full",
          isError ? "bg-dead-solid" : data ? "bg-delivered-solid" : "bg-border-strong",
        )}
      />
      {!data && isError && <span className="truncate">{shellWords.serverAway}</span>}
      {data && (
        <>
          <span className="truncate">
            {shellWords.serverLine(data.processes)} · {data.database}
          </span>
          <span className="tnum ml-auto">{data.version}</span>
        </>
      )}
    </>
  );
  if (!isOperator) return <div className={look}>{face}</div>;
  return (
    <Link
      to="/health"
      title={shellWords.openHealth}
      className={`${look} hover:bg-surface-hover hover:text-fg-2`}
    >
      {face}
    </Link>
  );
}
