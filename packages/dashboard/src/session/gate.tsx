import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, Suspense, useEffect } from "react";
import { meQuery } from "../api/me.ts";
import { asRefused } from "../api/problem.ts";
import { noteSignedIn } from "../api/renewal.ts";
import { chooseWorkspace, currentWorkspace, onWorkspaceDoubted } from "../api/workspace.ts";
import { buttonClass } from "../parts/controls/button.tsx";
import { fetched } from "../parts/late/fetched.ts";
import { Unfetched } from "../parts/late/late.tsx";
import { partWords, shellWords } from "../words/index.ts";

const Door = fetched(() => import("./door.tsx").then((it) => it.Door));
const NoAnswer = fetched(() => import("./door.tsx").then((it) => it.NoAnswer));
const Gone = fetched(() => import("./gone.tsx").then((it) => it.Gone));
const INVITATION = "/accept-invitation";

/** Shows the pages to who has signed in, and the door to everybody else. */
export function Gate({ children }: { children: ReactNode }) {
  return (
    <Unfetched instead={(again) => <Doorless onAgain={again} />}>
      <Way>{children}</Way>
    </Unfetched>
  );
}

/** What stands before the pages could not be fetched. */
function Doorless({ onAgain }: { onAgain(): void }) {
  const { title, unreachable, again } = partWords.error;
  return (
    <main className="p-7">
      <h1 className="text-xl font-strong tracking-tight">{title(shellWords.product)}</h1>
      <p className="mt-1 mb-3.5 max-w-[60ch] text-fg-2">{unreachable}</p>
      <button type="button" className={buttonClass("primary")} onClick={onAgain}>
        {again}
      </button>
    </main>
  );
}

function Way({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const me = useQuery(meQuery);
  const refused = me.error === null ? null : asRefused(me.error);
  const isIn = me.data !== undefined;
  useEffect(() => noteSignedIn(isIn), [isIn]);
  useEffect(
    () =>
      onWorkspaceDoubted(() => {
        void queries.refetchQueries(
          { queryKey: meQuery.queryKey, type: "active" },
          { cancelRefetch: false },
        );
      }),
    [queries],
  );
  const isOut = refused?.status === 403;
  // A workspace that was left is not asked for again.
  const isLeft = isOut && !isIn && currentWorkspace() !== null;
  useEffect(() => {
    if (!isLeft) return;
    chooseWorkspace(null);
    void queries.resetQueries({ queryKey: meQuery.queryKey });
  }, [isLeft, queries]);

  if (location.pathname === INVITATION) {
    return (
      <Suspense fallback={null}>
        <Door invitation={new URLSearchParams(location.search).get("token") ?? ""} />
      </Suspense>
    );
  }
  if (isIn && isOut) {
    return (
      <Suspense fallback={null}>
        <Gone name={me.data.workspace.name} />
      </Suspense>
    );
  }
  if (isIn) return children;
  if (refused === null || isLeft) return null;
  return (
    <Suspense fallback={null}>
      {refused.status === 401 || refused.status === 403 ? (
        <Door />
      ) : (
        <NoAnswer error={refused} onAgain={() => void me.refetch()} />
      )}
    </Suspense>
  );
}
