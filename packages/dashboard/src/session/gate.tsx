import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { meQuery } from "../api/me.ts";
import { asRefused } from "../api/problem.ts";
import { noteSignedIn } from "../api/renewal.ts";
import { chooseWorkspace, currentWorkspace, onWorkspaceDoubted } from "../api/workspace.ts";

const Door = lazy(() => import("./door.tsx").then((it) => ({ default: it.Door })));
const NoAnswer = lazy(() => import("./door.tsx").then((it) => ({ default: it.NoAnswer })));
const Gone = lazy(() => import("./gone.tsx").then((it) => ({ default: it.Gone })));
const INVITATION = "/accept-invitation";

/** Shows the pages to who has signed in, and the door to everybody else. */
export function Gate({ children }: { children: ReactNode }) {
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
