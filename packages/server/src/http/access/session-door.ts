import type { Context } from "hono";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { parseId } from "../../core/ids.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import { scopesOf } from "../../core/workspaces/roles.ts";
import { listMemberships } from "../../storage/workspaces/members.ts";
import type { AppEnv } from "../api.ts";
import type { SignIn } from "./sign-in.ts";

/** Who has signed in and asks for something; null when the request brings no session that counts. */
export type EnterSignedIn = (c: Context<AppEnv>) => Promise<Principal | null>;

export interface SessionDoorDeps {
  db: Queryable;
  signIn: Pick<SignIn, "whoIs">;
  publicUrl: string | null;
}

const READING = new Set(["GET", "HEAD", "OPTIONS"]);

/** The second door to the API, beside keys: the same routes, with the scopes of a person's role. */
export function createSessionDoor({ db, signIn, publicUrl }: SessionDoorDeps): EnterSignedIn {
  return async (c) => {
    if (!c.req.header("cookie")) return null;
    const found = await signIn.whoIs(c.req.raw.headers);
    if (!found) return null;
    if (!READING.has(c.req.method)) requireOwnOrigin(c, publicUrl);
    const memberships = await listMemberships(db, found.person.id);
    const named = c.req.header("curlew-workspace");
    const wanted = named === undefined ? null : parseId("ws", named);
    const membership =
      named === undefined
        ? memberships[0]
        : memberships.find(({ workspaceId }) => workspaceId === wanted);
    if (!membership) throw new CurlewError("forbidden", "You are not a member of this workspace.");
    return {
      kind: "member",
      workspaceId: membership.workspaceId,
      accountId: null,
      scopes: scopesOf(membership.role),
      keyId: null,
      personId: found.person.id,
      isOperator: memberships.some(({ isDefault, role }) => isDefault && role === "owner"),
    };
  };
}

/** A cookie goes along with whatever page makes the request: what writes must come from our own. */
export function requireOwnOrigin(c: Context<AppEnv>, publicUrl: string | null): void {
  const origin = c.req.header("origin");
  if (origin === undefined) {
    if (c.req.header("sec-fetch-site") === "same-origin") return;
  } else if (origin === originOf(c, publicUrl)) return;
  throw new CurlewError("forbidden", "This request does not come from Curlew's own pages.");
}

function originOf(c: Context<AppEnv>, publicUrl: string | null): string {
  return publicUrl === null ? new URL(c.req.url).origin : new URL(publicUrl).origin;
}
