import { timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { LRUCache } from "lru-cache";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { parseId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import { grantedScopes, SCOPES } from "../../core/workspaces/scopes.ts";
import { findKeyByDigest, type KnownKey, touchKey } from "../../storage/workspaces/api-keys.ts";
import { findWorkspace } from "../../storage/workspaces/workspaces.ts";
import type { AppEnv } from "../api.ts";
import { digestOf } from "./key-text.ts";
import type { EnterSignedIn } from "./session-door.ts";

/** What a request brings to say who it is; undefined when a header is absent. */
export interface Credentials {
  authorization: string | undefined;
  apiKey: string | undefined;
  /** The `Curlew-Workspace` header. */
  workspace: string | undefined;
}

/** On whose behalf these credentials act. Throws `unauthorized`, the same whatever is wrong with them. */
export type Authenticate = (credentials: Credentials) => Promise<Principal>;

export interface Authenticator {
  authenticate: Authenticate;
  /** Forgets what it knows of keys and workspaces: from now on nothing older than this call counts. */
  invalidate(workspaceId?: string): void;
  /** Waits for what is being written about the use of keys. */
  close(): Promise<void>;
}

export interface AuthenticatorDeps {
  db: Queryable;
  clock: Pick<Clock, "now">;
  logger: Logger;
  /** SHA-256 of the instance's admin key. */
  adminDigest: Buffer;
  defaultWorkspaceId: string;
}

interface Entry {
  principal: Principal;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

const MAX_KEYS = 10_000;
const MAX_WORKSPACES = 1_000;
const TOUCH_EVERY_MS = 60_000;
/** Any other scheme is somebody else's, such as a proxy's that stands before us. */
const SCHEME = /^Bearer( |$)/i;
const BEARER = /^Bearer +(\S+) *$/i;

/**
 * Knows keys by their digest. A key that was seen before costs one hash and no statement; a key
 * that fails costs one look-up, whatever it fails by, so that neither the answer nor its time tells
 * a wrong key from an expired or revoked one, or from none.
 */
export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const { db, clock } = deps;
  const keys = new LRUCache<string, Entry>({ max: MAX_KEYS });
  const admins = new LRUCache<string, Principal>({ max: MAX_WORKSPACES });
  const writing = new Set<Promise<void>>();
  // What was read before an invalidation must not be kept after it.
  let generation = 0;

  async function authenticate(credentials: Credentials): Promise<Principal> {
    const token = tokenOf(credentials);
    const digest = digestOf(token ?? "");
    const name = digest.toString("latin1");
    const known = keys.get(name);
    if (known && isLive(known)) return asKey(known, credentials);
    if (timingSafeEqual(digest, deps.adminDigest)) return asAdmin(credentials.workspace);

    const startedIn = generation;
    const row = await findKeyByDigest(db, digest);
    if (!row || !timingSafeEqual(row.digest, digest) || !isLive(row)) throw unauthorized();
    const entry = entryOf(row);
    if (startedIn === generation) keys.set(name, entry);
    return asKey(entry, credentials);
  }

  function isLive({ expiresAt }: { expiresAt: number | null }): boolean {
    return expiresAt === null || clock.now() < expiresAt;
  }

  function asKey(entry: Entry, { workspace }: Credentials): Principal {
    const { principal } = entry;
    if (workspace !== undefined && parseId("ws", workspace) !== principal.workspaceId) {
      throw new CurlewError("forbidden", "This key belongs to another workspace.");
    }
    touch(entry);
    return principal;
  }

  async function asAdmin(workspace: string | undefined): Promise<Principal> {
    const id = workspace === undefined ? deps.defaultWorkspaceId : parseId("ws", workspace);
    const known = id === null ? undefined : admins.get(id);
    if (known) return known;
    const startedIn = generation;
    const row = id === null ? null : await findWorkspace(db, id);
    if (!row) throw new CurlewError("not_found", `There is no workspace ${workspace}.`);
    const principal = adminOf(row.id);
    if (startedIn === generation) admins.set(row.id, principal);
    return principal;
  }

  /** Off the path of the request, and at most once a minute for each key. */
  function touch(entry: Entry): void {
    const now = clock.now();
    const unlessAfter = now - TOUCH_EVERY_MS;
    const { keyId } = entry.principal;
    if (keyId === null || (entry.lastUsedAt !== null && entry.lastUsedAt > unlessAfter)) return;
    entry.lastUsedAt = now;
    const write = touchKey(db, keyId, { now, unlessAfter })
      .catch((error: unknown) => {
        deps.logger.warn({ err: error }, "could not note that a key was used");
      })
      .finally(() => writing.delete(write));
    writing.add(write);
  }

  return {
    authenticate,
    invalidate(workspaceId) {
      generation++;
      if (workspaceId === undefined) {
        keys.clear();
        admins.clear();
        return;
      }
      admins.delete(workspaceId);
      for (const [name, { principal }] of keys.entries()) {
        if (principal.workspaceId === workspaceId) keys.delete(name);
      }
    },
    async close() {
      await Promise.all(writing);
    },
  };
}

/** For everything below `/v1`: nobody gets further without a key, or having signed in. */
export function authentication(
  authenticate: Authenticate,
  enterSignedIn: EnterSignedIn | null = null,
): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const brought = {
      authorization: c.req.header("authorization"),
      apiKey: c.req.header("x-api-key"),
      workspace: c.req.header("curlew-workspace"),
    };
    const identify = async () =>
      (bringsKey(brought) ? null : await enterSignedIn?.(c)) ?? (await authenticate(brought));
    c.set("identify", identify);
    c.set("principal", await identify());
    c.header("cache-control", "no-store");
    await next();
  };
}

/** Whether something stands there that is to be a key; who has signed in brings a cookie instead. */
export function bringsKey({ authorization, apiKey }: Omit<Credentials, "workspace">): boolean {
  return apiKey !== undefined || (authorization !== undefined && SCHEME.test(authorization));
}

/** Null when there is none, or when the two headers do not agree. */
function tokenOf({ authorization, apiKey }: Credentials): string | null {
  if (authorization === undefined || !SCHEME.test(authorization)) return apiKey ?? null;
  const bearer = BEARER.exec(authorization)?.[1];
  if (bearer === undefined || (apiKey !== undefined && bearer !== apiKey)) return null;
  return bearer;
}

function unauthorized(): CurlewError {
  return new CurlewError("unauthorized", "Send a valid key: Authorization: Bearer <key>.");
}

function entryOf(row: KnownKey): Entry {
  const principal: Principal = {
    kind: "key",
    workspaceId: row.workspaceId,
    accountId: row.accountId,
    scopes: grantedScopes(row.scopes),
    keyId: row.id,
  };
  return { principal, expiresAt: row.expiresAt, lastUsedAt: row.lastUsedAt };
}

function adminOf(workspaceId: string): Principal {
  return { kind: "admin", workspaceId, accountId: null, scopes: new Set(SCOPES), keyId: null };
}
