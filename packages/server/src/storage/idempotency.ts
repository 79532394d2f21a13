import type { Queryable } from "../core/events/recording.ts";
import { floats, texts, uuids } from "./connections/columns.ts";

/** Where a key counts: the same key means another request on another route. */
export interface KeyName {
  workspaceId: string;
  /** Method and path, as `POST /v1/send`. */
  route: string;
  key: string;
}

export interface KeyClaim extends KeyName {
  /** SHA-256 of the canonical request. */
  hash: Buffer;
  /** What the request makes, so that it is found again after a crash: messages or events. */
  refs: readonly string[];
  /** When the key may be forgotten; null while what it stands for has not come to its end. */
  expiresAt: number | null;
}

export interface HeldKey extends KeyName {
  hash: Buffer;
  refs: string[];
  /** The answer that was given, or null while none was. */
  status: number | null;
  answer: string | null;
  createdAt: number;
}

/**
 * Claims keys in the transaction that makes what they stand for. For each claim, in its order: null
 * when it is won, else who holds the key (an earlier claim of the same list, too). Waits for other
 * transactions that are claiming the same keys.
 */
export async function claimKeys(
  tx: Queryable,
  claims: readonly KeyClaim[],
  now: number,
): Promise<(HeldKey | null)[]> {
  if (claims.length === 0) return [];
  const first = new Map<string, KeyClaim>();
  for (const claim of claims) {
    const name = nameOf(claim);
    if (!first.has(name)) first.set(name, claim);
  }
  const won = await insertKeys(tx, [...first.values()], now);
  const isWon = (claim: KeyClaim) => won.has(nameOf(claim)) && first.get(nameOf(claim)) === claim;
  const lost = claims.filter((claim) => !isWon(claim));
  // A statement of its own: it sees what the insert has waited for.
  const held = new Map((await readKeys(tx, lost)).map((each) => [nameOf(each), each]));
  // A key may be forgotten between the two statements: then it is free.
  const freed = lost.filter((claim) => !held.has(nameOf(claim)));
  const second = await claimKeys(tx, freed, now);
  return claims.map((claim) => {
    if (isWon(claim)) return null;
    return held.get(nameOf(claim)) ?? second[freed.indexOf(claim)] ?? null;
  });
}

function nameOf({ workspaceId, route, key }: KeyName): string {
  return `${workspaceId} ${route} ${key}`;
}

/** The names of those that were free. Sorted, so that two transactions never wait for each other. */
async function insertKeys(
  tx: Queryable,
  claims: readonly KeyClaim[],
  now: number,
): Promise<Set<string>> {
  const { rows } = await tx.query<KeyName>({
    name: "claim_keys",
    text: `insert into idempotency (workspace_id, route, key, hash, refs, created_at, expires_at)
      select i.workspace_id, i.route, i.key, decode(i.hash, 'hex'), i.refs::uuid[],
        to_timestamp($7::float8 / 1000), to_timestamp(i.expires_at / 1000)
      from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::float8[])
        as i (workspace_id, route, key, hash, refs, expires_at)
      order by i.workspace_id, i.route, i.key
      on conflict do nothing
      returning workspace_id as "workspaceId", route, key`,
    values: [
      uuids(claims.map((each) => each.workspaceId)),
      texts(claims.map((each) => each.route)),
      texts(claims.map((each) => each.key)),
      texts(claims.map((each) => each.hash.toString("hex"))),
      texts(claims.map((each) => `{${each.refs.join(",")}}`)),
      floats(claims.map((each) => each.expiresAt)),
      now,
    ],
  });
  return new Set(rows.map(nameOf));
}

/** Who holds these keys, of those that are held. */
export async function readKeys(db: Queryable, names: readonly KeyName[]): Promise<HeldKey[]> {
  if (names.length === 0) return [];
  const { rows } = await db.query<HeldKey>({
    name: "read_keys",
    text: `select k.workspace_id as "workspaceId", k.route, k.key, k.hash, k.refs, k.status, k.answer,
        k.created_at as "createdAt"
      from unnest($1::uuid[], $2::text[], $3::text[]) as i (workspace_id, route, key)
      join idempotency k on k.workspace_id = i.workspace_id and k.route = i.route and k.key = i.key`,
    values: [
      uuids(names.map((each) => each.workspaceId)),
      texts(names.map((each) => each.route)),
      texts(names.map((each) => each.key)),
    ],
  });
  return rows;
}

/** Keeps the answer that a key stands for from now on. The first one stands. */
export async function storeAnswer(
  db: Queryable,
  { workspaceId, route, key }: KeyName,
  answer: { status: number; body: string },
): Promise<void> {
  await db.query({
    name: "store_answer",
    text: `update idempotency set status = $4, answer = $5
      where workspace_id = $1 and route = $2 and key = $3 and status is null`,
    values: [workspaceId, route, key, answer.status, answer.body],
  });
}

/** What these keys stand for has come to its end: from `expiresAt` on they may be forgotten. */
export async function expireKeys(
  tx: Queryable,
  keys: readonly (KeyName & { expiresAt: number })[],
): Promise<void> {
  if (keys.length === 0) return;
  await tx.query({
    name: "expire_keys",
    text: `update idempotency k set expires_at = to_timestamp(i.expires_at / 1000)
      from unnest($1::uuid[], $2::text[], $3::text[], $4::float8[]) as i (workspace_id, route, key, expires_at)
      where k.workspace_id = i.workspace_id and k.route = i.route and k.key = i.key`,
    values: [
      uuids(keys.map((each) => each.workspaceId)),
      texts(keys.map((each) => each.route)),
      texts(keys.map((each) => each.key)),
      floats(keys.map((each) => each.expiresAt)),
    ],
  });
}

/** Forgets keys whose time is over, some at a time; answers how many. */
export async function forgetKeys(db: Queryable, now: number, limit: number): Promise<number> {
  const gone = await db.query({
    text: `delete from idempotency where (workspace_id, route, key) in (
        select workspace_id, route, key from idempotency where expires_at <= to_timestamp($1::float8 / 1000)
        order by expires_at limit $2 for update skip locked)`,
    values: [now, limit],
  });
  return gone.rowCount ?? 0;
}

/**
 * Gives keys an end whose messages are done without anybody having said so (whoever would have was
 * killed). Only those claimed before `claimedBefore`; it reads the whole table.
 */
export async function endAbandonedKeys(
  db: Queryable,
  o: { route: string; claimedBefore: number; expiresAt: number },
): Promise<number> {
  const ended = await db.query({
    text: `update idempotency k set expires_at = to_timestamp($3::float8 / 1000)
      where k.expires_at is null and k.route = $1 and k.created_at < to_timestamp($2::float8 / 1000)
        and not exists (select 1 from outbox o where o.message_id = any(k.refs))`,
    values: [o.route, o.claimedBefore, o.expiresAt],
  });
  return ended.rowCount ?? 0;
}
