import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import { type Role, scopesOf } from "../../core/workspaces/roles.ts";
import type { Scope } from "../../core/workspaces/scopes.ts";
import { findWorkspace } from "../../storage/workspaces/workspaces.ts";

/** Nobody hands on what they do not have. */
export function requireOwnScopes({ scopes: own }: Principal, scopes: Iterable<Scope>): void {
  const lacking = [...scopes].filter((scope) => !own.has(scope));
  if (lacking.length > 0) {
    throw new CurlewError("forbidden", `Your key does not have ${lacking.join(", ")} itself.`);
  }
}

/** A role is given, and taken away, by who may do all that it opens: an owner of the first workspace is the operator. */
export async function requireRole(db: Queryable, principal: Principal, role: Role): Promise<void> {
  requireOwnScopes(principal, scopesOf(role));
  if (role !== "owner" || principal.kind === "admin" || principal.isOperator === true) return;
  const workspace = await findWorkspace(db, principal.workspaceId);
  if (workspace?.isDefault === true) {
    const detail =
      "Owners of the first workspace operate the instance: this needs its admin key, or one of them.";
    throw new CurlewError("forbidden", detail);
  }
}
