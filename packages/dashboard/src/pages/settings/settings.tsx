import { Link } from "@tanstack/react-router";
import { useAddress } from "../../parts/address.ts";
import { PageHead } from "../../parts/page-head.tsx";
import { settingsWords } from "../../words/index.ts";
import { Account } from "./account.tsx";
import { settingsSearch } from "./search.ts";
import { WorkspaceSettings } from "./workspace-settings.tsx";

const words = settingsWords;
const TAB =
  "-mb-px flex h-9 items-center border-b-[1.5px] border-transparent text-fg-2 hover:text-fg aria-[current=page]:border-ink aria-[current=page]:font-medium aria-[current=page]:text-fg touch:h-11";

/** What holds in this workspace, and how you come in. */
export function Page() {
  const [{ part }] = useAddress(settingsSearch);
  return (
    <>
      <PageHead title={words.title} />
      <nav
        aria-label={words.partsLabel}
        className="flex flex-none gap-5 border-b border-border px-6 phone:px-4"
      >
        <Link
          to="/settings"
          search={{} as never}
          className={TAB}
          activeOptions={{ exact: true, includeSearch: true }}
        >
          {words.parts.workspace}
        </Link>
        <Link
          to="/settings"
          search={{ part: "account" } as never}
          className={TAB}
          activeOptions={{ exact: true, includeSearch: true }}
        >
          {words.parts.account}
        </Link>
      </nav>
      <div className="min-h-0 flex-1 overflow-auto px-6 pb-10 phone:px-4">
        <div className="max-w-180">{part === "account" ? <Account /> : <WorkspaceSettings />}</div>
      </div>
    </>
  );
}
