import type { Queryable } from "../../core/events/recording.ts";
import type { Tx } from "../connections/connections.ts";
import { build, run } from "../connections/statement.ts";
import type { Owner } from "./accounts.ts";

export interface ApiKey {
  id: string;
  workspaceId: string;
  accountId: string | null;
  name: string;
  prefix: string;
  last4: string;
  scopes: string[];
  rotatedFrom: string | null;
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
  lastUsedAt: number | null;
}

/** What authentication goes by. */
export interface KnownKey {
  id: string;
  workspaceId: string;
  accountId: string | null;
  scopes: string[];
  digest: Buffer;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

const columns = [
  "id",
  "workspace_id as workspaceId",
  "account_id as accountId",
  "name",
  "prefix",
  "last4",
  "scopes",
  "rotated_from as rotatedFrom",
  "created_at as createdAt",
  "expires_at as expiresAt",
  "revoked_at as revokedAt",
  "last_used_at as lastUsedAt",
] as const;

/** The key with this digest, unless it was revoked or its workspace is gone. It may have expired. */
export async function findKeyByDigest(db: Queryable, digest: Buffer): Promise<KnownKey | null> {
  const { rows } = await db.query<KnownKey>({
    name: "find_key_by_digest",
    text: `select k.id, k.workspace_id as "workspaceId", k.account_id as "accountId", k.scopes,
        k.digest, k.expires_at as "expiresAt", k.last_used_at as "lastUsedAt"
      from api_key k
      join workspace w on w.id = k.workspace_id and w.deleted_at is null
      where k.digest = $1 and k.revoked_at is null`,
    values: [digest],
  });
  return rows[0] ?? null;
}

/** Notes that a key was used, unless another process did so after `unlessAfter`. */
export async function touchKey(
  db: Queryable,
  id: string,
  { now, unlessAfter }: { now: number; unlessAfter: number },
): Promise<void> {
  await db.query({
    text: `update api_key set last_used_at = $2
      where id = $1 and (last_used_at is null or last_used_at <= $3)`,
    values: [id, new Date(now), new Date(unlessAfter)],
  });
}

export interface KeyDraft {
  id: string;
  workspaceId: string;
  accountId: string | null;
  name: string;
  prefix: string;
  last4: string;
  digest: Buffer;
  scopes: readonly string[];
  rotatedFrom: string | null;
  createdAt: number;
  expiresAt: number | null;
}

export async function insertKey(tx: Tx, draft: KeyDraft): Promise<ApiKey> {
  const [key] = await run(
    tx,
    build
      .insertInto("api_key")
      .values({
        id: draft.id,
        workspace_id: draft.workspaceId,
        account_id: draft.accountId,
        name: draft.name,
        prefix: draft.prefix,
        last4: draft.last4,
        digest: draft.digest,
        scopes: [...draft.scopes],
        rotated_from: draft.rotatedFrom,
        created_at: new Date(draft.createdAt),
        expires_at: draft.expiresAt === null ? null : new Date(draft.expiresAt),
      })
      .returning(columns),
  );
  if (!key) throw new Error("an insert gave no row");
  return key;
}

function visible({ workspaceId, accountId }: Owner) {
  const keys = build.selectFrom("api_key").select(columns).where("workspace_id", "=", workspaceId);
  return accountId === null ? keys : keys.where("account_id", "=", accountId);
}

/** Revoked and expired ones too: they say who did what. The newest first. */
export function listKeys(
  db: Queryable,
  owner: Owner,
  { limit, before }: { limit: number; before: string | undefined },
): Promise<ApiKey[]> {
  let query = visible(owner).orderBy("id", "desc").limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return run(db, query);
}

export async function findKey(db: Queryable, owner: Owner, id: string): Promise<ApiKey | null> {
  const [key] = await run(db, visible(owner).where("id", "=", id));
  return key ?? null;
}

/** The key that replaces this one and still works, or null. */
export async function findSuccessor(
  db: Queryable,
  id: string,
  now: number,
): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>({
    text: `select id from api_key
      where rotated_from = $1 and revoked_at is null and (expires_at is null or expires_at > $2)
      limit 1`,
    values: [id, new Date(now)],
  });
  return rows[0]?.id ?? null;
}

/** A key stays revoked from the first time on. */
export async function revokeKey(tx: Tx, id: string, now: number): Promise<void> {
  await tx.query({
    text: "update api_key set revoked_at = coalesce(revoked_at, $2) where id = $1",
    values: [id, new Date(now)],
  });
}

export async function revokeKeysOfAccount(tx: Tx, accountId: string, now: number): Promise<void> {
  await tx.query({
    text: "update api_key set revoked_at = $2 where account_id = $1 and revoked_at is null",
    values: [accountId, new Date(now)],
  });
}

/** Lets a key expire at `at`, or earlier when it was to expire earlier. */
export async function expireKey(tx: Tx, id: string, at: number): Promise<void> {
  await tx.query({
    text: "update api_key set expires_at = least(expires_at, $2) where id = $1",
    values: [id, new Date(at)],
  });
}
