import type { Queryable } from "../../core/events/recording.ts";
import type { Owner } from "../workspaces/accounts.ts";

/** A receiver inside Curlew, at which a workspace looks at its own webhooks. */
export interface Catcher {
  id: string;
  workspaceId: string;
  accountId: string | null;
  name: string;
  /** What it answers, and how long it takes over that. */
  status: number;
  delayMs: number;
  /** How many requests it remembers. */
  keep: number;
  createdAt: number;
  updatedAt: number;
}

const COLUMNS = `id, workspace_id as "workspaceId", account_id as "accountId", name, status,
  delay_ms as "delayMs", keep, created_at as "createdAt", updated_at as "updatedAt"`;
const VISIBLE = "workspace_id = $1 and ($2::uuid is null or account_id = $2)";

/** False when the workspace has that many already. */
export async function insertCatcher(db: Queryable, made: Catcher, most: number): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `insert into catcher (id, workspace_id, account_id, name, status, delay_ms, keep, created_at, updated_at)
      select $1, $2, $3, $4, $5, $6, $7, $8, $8
      where (select count(*) from catcher where workspace_id = $2) < $9`,
    values: [
      ...[made.id, made.workspaceId, made.accountId, made.name, made.status, made.delayMs],
      ...[made.keep, new Date(made.createdAt), most],
    ],
  });
  return rowCount === 1;
}

/** The newest first. */
export async function listCatchers(
  db: Queryable,
  { workspaceId, accountId }: Owner,
  { limit, before }: { limit: number; before: string | undefined },
): Promise<Catcher[]> {
  const { rows } = await db.query<Catcher>({
    text: `select ${COLUMNS} from catcher where ${VISIBLE} and ($3::uuid is null or id < $3)
      order by id desc limit $4`,
    values: [workspaceId, accountId, before ?? null, limit],
  });
  return rows;
}

export async function findCatcher(
  db: Queryable,
  { workspaceId, accountId }: Owner,
  id: string,
): Promise<Catcher | null> {
  const { rows } = await db.query<Catcher>({
    text: `select ${COLUMNS} from catcher where ${VISIBLE} and id = $3`,
    values: [workspaceId, accountId, id],
  });
  return rows[0] ?? null;
}

/** For what comes in from outside, where an id is all there is. */
export async function findOpenCatcher(db: Queryable, id: string): Promise<Catcher | null> {
  const { rows } = await db.query<Catcher>({
    text: `select ${COLUMNS} from catcher where id = $1`,
    values: [id],
  });
  return rows[0] ?? null;
}

export async function updateCatcher(db: Queryable, after: Catcher): Promise<void> {
  await db.query({
    text: "update catcher set name = $2, status = $3, delay_ms = $4, keep = $5, updated_at = $6 where id = $1",
    values: [
      ...[after.id, after.name, after.status, after.delayMs, after.keep],
      new Date(after.updatedAt),
    ],
  });
}

/** With everything that it has caught. */
export async function deleteCatcher(db: Queryable, id: string): Promise<void> {
  await db.query({ text: "delete from catcher where id = $1", values: [id] });
}

export interface Caught {
  id: string;
  catcherId: string;
  receivedAt: number;
  method: string;
  /** JSON of pairs, in the order in which they came. */
  headers: string;
  /** Null where nothing of it may be kept, and in lists. */
  body: Buffer | null;
  /** How long it was, whatever is kept of it. */
  bodyBytes: number;
  answered: number;
  /** The endpoint whose request it is, as far as that can be told. */
  endpointId: string | null;
  /** JSON of what its signature is worth. */
  verdict: string | null;
}

/** Keeps a request and forgets those that are too many; nothing where the catcher is gone meanwhile. */
export async function keepCaught(db: Queryable, caught: Caught, keep: number): Promise<void> {
  await db.query({
    text: `insert into catcher_request (id, catcher_id, received_at, method, headers, body, body_bytes, answered,
        endpoint_id, verdict)
      select $1, id, $3, $4, $5, $6, $7, $8, $9, $10 from catcher where id = $2`,
    values: [
      ...[caught.id, caught.catcherId, new Date(caught.receivedAt), caught.method, caught.headers],
      ...[caught.body, caught.bodyBytes, caught.answered, caught.endpointId, caught.verdict],
    ],
  });
  await db.query({
    text: `delete from catcher_request where catcher_id = $1 and id <= (
      select id from catcher_request where catcher_id = $1 order by id desc offset $2 limit 1)`,
    values: [caught.catcherId, keep],
  });
}

const CAUGHT = `id, catcher_id as "catcherId", received_at as "receivedAt", method, headers,
  body_bytes as "bodyBytes", answered, endpoint_id as "endpointId", verdict`;

/** The newest first, without their bodies. */
export async function listCaught(
  db: Queryable,
  catcherId: string,
  { limit, before }: { limit: number; before: string | undefined },
): Promise<Caught[]> {
  const { rows } = await db.query<Caught>({
    text: `select ${CAUGHT}, null as body from catcher_request
      where catcher_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    values: [catcherId, before ?? null, limit],
  });
  return rows;
}

export async function findCaught(
  db: Queryable,
  catcherId: string,
  id: string,
): Promise<Caught | null> {
  const { rows } = await db.query<Caught>({
    text: `select ${CAUGHT}, body from catcher_request where catcher_id = $1 and id = $2`,
    values: [catcherId, id],
  });
  return rows[0] ?? null;
}

export async function clearCaught(db: Queryable, catcherId: string): Promise<void> {
  await db.query({
    text: "delete from catcher_request where catcher_id = $1",
    values: [catcherId],
  });
}

/** The endpoints that send to an address, the newest first. */
export async function listEndpointsAt(
  db: Queryable,
  workspaceId: string,
  url: string,
): Promise<{ id: string; serial: number; dialect: string }[]> {
  const { rows } = await db.query<{ id: string; serial: number; dialect: string }>({
    text: `select id, serial, dialect from endpoint
      where workspace_id = $1 and url = $2 and deleted_at is null order by id desc limit 10`,
    values: [workspaceId, url],
  });
  return rows;
}
