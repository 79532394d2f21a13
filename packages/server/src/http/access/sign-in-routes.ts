import { timingSafeEqual } from "node:crypto";
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Role } from "../../core/workspaces/roles.ts";
import type { Connections, Tx } from "../../storage/connections/connections.ts";
import {
  findInvitedEmail,
  insertPerson,
  isAnybodyThere,
  lockPeople,
  putMember,
  takeInvitation,
} from "../../storage/workspaces/members.ts";
import { readerOf } from "../absent-members.ts";
import { type AppEnv, fieldRefused, invalidRequest, newRoutes, type Routes } from "../api.ts";
import { malformedJson } from "../problems/problem.ts";
import { isForwarded, peerOf } from "../requests/peer.ts";
import { digestOf } from "./key-text.ts";
import { isLoopback } from "./loopback.ts";
import { emailSchema } from "./members.ts";
import { requireOwnOrigin } from "./session-door.ts";
import {
  LONGEST_PASSWORD,
  PEER_HEADER,
  SHORTEST_PASSWORD,
  SIGN_IN_PATH,
  type SignIn,
} from "./sign-in.ts";

/** What better-auth answers, and nothing else that it could. */
const ITS_PATHS = [
  "get-session",
  "sign-in/email",
  "sign-out",
  "change-password",
  "list-sessions",
  "revoke-session",
  "revoke-other-sessions",
  "two-factor/enable",
  "two-factor/disable",
  "two-factor/get-totp-uri",
  "two-factor/verify-totp",
  "two-factor/generate-backup-codes",
  "two-factor/verify-backup-code",
] as const;

const passwordSchema = z.string().min(SHORTEST_PASSWORD).max(LONGEST_PASSWORD);
const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((text) => !text.includes("\0"), { error: "holds a NUL character" });

const Owner = z.strictObject({
  name: nameSchema,
  email: emailSchema,
  password: passwordSchema,
  admin_key: z.string().optional(),
});
/** Whoever has signed in with the address already brings the token alone. */
const Acceptance = z.strictObject({
  token: z.string().min(1).max(100),
  name: nameSchema.optional(),
  password: passwordSchema.optional(),
});

export interface SignInRoutesDeps {
  connections: Pick<Connections, "pool" | "transaction">;
  clock: Pick<Clock, "now">;
  signIn: SignIn;
  newId(): string;
  defaultWorkspaceId: string;
  /** SHA-256 of the instance's admin key. */
  adminDigest: Buffer;
  /** Whether only this machine can reach the server: no address of the network, no proxy before it. */
  isLocal: boolean;
  publicUrl: string | null;
}

/** How people come in: the first owner, invitations, and signing in and out. */
export function signInRoutes(deps: SignInRoutesDeps): Routes {
  const { connections, clock, signIn, newId } = deps;
  const routes = newRoutes();
  const at = (path: string) => `${SIGN_IN_PATH}/${path}`;

  routes.get(at("state"), async (c) => {
    const needsOwner = !(await isAnybodyThere(connections.pool));
    c.header("cache-control", "no-store");
    return c.json({ needs_owner: needsOwner, needs_admin_key: needsOwner && !isFromHere(c) });
  });

  routes.post(at("first-owner"), async (c) => {
    requireOwnOrigin(c, deps.publicUrl);
    const owner = await bodyOf(c, Owner);
    if (!isFromHere(c)) requireAdminKey(owner.admin_key ?? "", deps.adminDigest);
    await requireNobodyThere(connections.pool);
    const passwordHash = await signIn.hashPassword(owner.password);
    await connections.transaction(async (tx) => {
      await lockPeople(tx);
      await requireNobodyThere(tx);
      const place = { workspaceId: deps.defaultWorkspaceId, role: "owner" as const };
      await join(tx, { ...owner, passwordHash }, place);
    });
    return signedIn(c, owner);
  });

  routes.post(at("accept-invitation"), async (c) => {
    requireOwnOrigin(c, deps.publicUrl);
    const { token, name, password } = await bodyOf(c, Acceptance);
    const known = await signIn.whoIs(c.req.raw.headers);
    const digest = digestOf(token);
    const email = await findInvitedEmail(connections.pool, digest, clock.now());
    if (email === null) throw invitationRefused();
    if (known?.person.email === email) {
      const personId = known.person.id;
      const joined = await connections.transaction(async (tx) => {
        const now = clock.now();
        const invitation = await takeInvitation(tx, digest, now);
        if (!invitation) throw invitationRefused();
        await putMember(tx, { ...invitation, personId, now });
        return invitation.workspaceId;
      });
      return c.json({ redirect: false, workspace_id: publicId("ws", joined) });
    }
    if (name === undefined || password === undefined) {
      const detail =
        "This invitation is for another address than yours: sign out, then open its link again.";
      if (known) throw new CurlewError("conflict", detail);
      throw fieldRefused(name === undefined ? "/name" : "/password", "is missing");
    }
    const passwordHash = await signIn.hashPassword(password);
    await connections.transaction(async (tx) => {
      const invitation = await takeInvitation(tx, digest, clock.now());
      if (!invitation) throw invitationRefused();
      await join(tx, { name, email, passwordHash }, invitation);
    });
    return signedIn(c, { email, password });
  });

  for (const path of ITS_PATHS) {
    routes.on(["GET", "POST"], at(path), (c) => answered(c, forwarded(c, c.req.raw)));
  }

  /** A page elsewhere may have its name lead here; it still gives its own name as the host. */
  function isFromHere(c: Context<AppEnv>): boolean {
    return deps.isLocal && isLoopback(new URL(c.req.url).hostname) && !isForwarded(c);
  }

  /**
   * Makes somebody who was not known a member; who is known signs in and then accepts. The hash is
   * made before the transaction: what makes it is loaded by the first who needs it, and PostgreSQL
   * ends a transaction that stands still meanwhile.
   */
  async function join(
    tx: Tx,
    { name, email, passwordHash }: { name: string; email: string; passwordHash: string },
    { workspaceId, role }: { workspaceId: string; role: Role },
  ): Promise<void> {
    const now = clock.now();
    const id = newId();
    if (!(await insertPerson(tx, { id, name, email, passwordHash, now }))) {
      throw new CurlewError("conflict", "This address signs in here already: sign in to accept.");
    }
    await putMember(tx, { workspaceId, personId: id, role, now });
  }

  function signedIn(
    c: Context<AppEnv>,
    { email, password: text }: { email: string; password: string },
  ) {
    const headers = new Headers(c.req.raw.headers);
    headers.set("content-type", "application/json");
    headers.delete("content-length");
    const request = new Request(new URL(at("sign-in/email"), c.req.url), {
      ...{ method: "POST", headers, body: JSON.stringify({ email, password: text }) },
    });
    return answered(c, forwarded(c, request));
  }

  async function answered(c: Context<AppEnv>, request: Request): Promise<Response> {
    const response = await signIn.handle(request);
    if (response.status < 400) return withOurHeaders(c, response);
    const said: unknown = await response.json().catch(() => null);
    throw refusalOf(response, said);
  }

  return routes;
}

/** An answer of the library's, as every other of ours: sessions and secrets are kept by nobody on the way. */
function withOurHeaders(c: Context<AppEnv>, response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set("cache-control", "no-store");
  headers.set("x-content-type-options", "nosniff");
  headers.set("x-request-id", c.get("requestId"));
  return new Response(response.body, { status: response.status, headers });
}

/** The request with the peer's address as the only one that is believed. */
function forwarded(c: Context<AppEnv>, request: Request): Request {
  const headers = new Headers(request.headers);
  headers.delete(PEER_HEADER);
  const peer = peerOf(c);
  if (peer !== null) headers.set(PEER_HEADER, peer);
  return new Request(request, { headers });
}

function refusalOf(response: Response, said: unknown): CurlewError {
  const message =
    typeof said === "object" && said !== null && "message" in said ? String(said.message) : "";
  const detail = message === "" ? "Signing in was refused." : `${message}.`;
  if (response.status === 429) {
    const retryAfterS = Number(response.headers.get("x-retry-after") ?? 60);
    return new CurlewError("too_many_requests", "Too many attempts.", { retryAfterS });
  }
  if (response.status === 401) return new CurlewError("sign_in_refused", detail);
  if (response.status === 403) return new CurlewError("forbidden", detail);
  if (response.status >= 500) return new CurlewError("internal", "Signing in met a fault of ours.");
  return new CurlewError("invalid_request", detail);
}

async function requireNobodyThere(db: Queryable): Promise<void> {
  if (!(await isAnybodyThere(db))) return;
  throw new CurlewError("conflict", "There is an owner already: ask for an invitation.");
}

function invitationRefused(): CurlewError {
  return new CurlewError("invitation_refused", "This invitation does not count.");
}

function requireAdminKey(text: string, digest: Buffer): void {
  if (timingSafeEqual(digestOf(text), digest)) return;
  throw new CurlewError(
    "unauthorized",
    "This server can be reached from elsewhere: give the admin key that its first start has printed.",
  );
}

async function bodyOf<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  const said: unknown = await c.req.json().catch(async () => {
    throw malformedJson(await c.req.text());
  });
  const parsed = readerOf(schema).safeParse(said);
  if (!parsed.success) throw invalidRequest("json", parsed.error);
  return parsed.data;
}
