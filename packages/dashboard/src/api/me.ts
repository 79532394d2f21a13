import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { shellWords } from "../words/index.ts";
import { api, type Shape, taken } from "./client.ts";
import { holdWorkspace } from "./workspace.ts";

export type Me = Shape<"Me">;
export type Role = Me["workspaces"][number]["role"];

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async () => {
    const me = await taken(api.GET("/v1/me"));
    holdWorkspace(me.workspace.id);
    return me;
  },
  staleTime: 60_000,
  retry: false,
});

/** Who you are. Below the gate it is always known. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

export function roleOf(me: Me): Role {
  return me.workspaces.find(({ id }) => id === me.workspace.id)?.role ?? "read_only";
}

/** Roles that may, by scope, the greatest first; owners may everything. */
const AGENTS_TOO = new Set(["conversations:write", "messages:send"]);
const OWNERS_ONLY = new Set([
  "members:write",
  "settings:write",
  "audit_log:read",
  "events:expunge",
]);

export type May = { may: true; reason?: undefined } | { may: false; reason: string };

/** Whether you may do what needs this scope; if not, why, for a person. */
export function useMay(scope: string | undefined): May {
  const me = useMe();
  if (scope === undefined || me.scopes.includes(scope)) return { may: true };
  const { many, and, reason, yours } = shellWords.needs;
  const roles = OWNERS_ONLY.has(scope)
    ? [many.owner]
    : AGENTS_TOO.has(scope)
      ? [many.owner, many.developer, many.agent]
      : [many.owner, many.developer];
  const who = [roles.slice(0, -1).join(", "), roles.at(-1)].filter(Boolean).join(` ${and} `);
  return { may: false, reason: reason(who, yours[roleOf(me)]) };
}
