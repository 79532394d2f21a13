import type { Queryable } from "../../core/events/recording.ts";
import { lockLanes, promote } from "./lanes.ts";

/**
 * An endpoint that stands still, or has too much waiting, is *behind*: its events are in the log and
 * nowhere else.
 * - `behind_from`: all that it is owed up to this event has been handed over; the mark, and later how
 *   far catching up has come.
 * - `behind_version`: events accepted under this version of the workspace or a later one are owed.
 * - `behind_until`: from this version on they are not, since the endpoint moves again; null before.
 */
export interface Behind {
  serial: number;
  workspaceId: string;
  from: string;
  sinceVersion: number;
  untilVersion: number | null;
  keepsOrder: boolean;
  isDeleted: boolean;
  /** It is sent to, or gone, and then what it is owed is cancelled. Not so where its workspace goes with it. */
  moves: boolean;
}

/** Whether an event waits in the log alone for an endpoint `p`; null where the endpoint is not behind. */
export function isOwed(p: string, event: { id: string; version: string }): string {
  return `(${event.id} > ${p}.behind_from and ${event.version} >= ${p}.behind_version
    and (${p}.behind_until is null or ${event.version} < ${p}.behind_until))`;
}

const STANDS = "(state = 'paused' or (state = 'disabled' and disabled_by is distinct from 'user'))";
const IS_CARRIED = "(behind_from is null or behind_until is not null)";

/** As much of the queue's table is looked at for who may have too much in it: some 25,000 rows. */
const SAMPLED_BYTES = 4 * 1024 * 1024;

/**
 * Endpoints whose events should wait in the log, and do not yet. Of a large queue a sample says who may
 * have too much waiting: who is missed is seen by one of the next looks.
 */
export async function listToFallBehind(
  db: Queryable,
  mostWaiting: number,
): Promise<{ serial: number; workspaceId: string }[]> {
  const standing = await db.query<{ serial: number; workspaceId: string }>({
    text: `select serial, workspace_id as "workspaceId" from endpoint
      where deleted_at is null and ${STANDS} and ${IS_CARRIED}`,
  });
  // Where all of them together have no more waiting than one may have, none has.
  const any = await db.query<{ bytes: number }>({
    text: `select (select pg_relation_size('retry'))::float8 as bytes from retry offset $1 limit 1`,
    values: [mostWaiting],
  });
  const [queue] = any.rows;
  if (!queue) return standing.rows;
  const share = Math.min(1, SAMPLED_BYTES / queue.bytes);
  // Who has much of what waits has much of some of its pages, too: only these are counted. Counted once an
  // endpoint, before any join: a plan may ask again for each row that it joins.
  const crowded = await db.query<{ serial: number; workspaceId: string }>({
    text: `with seen as materialized (
        select endpoint from retry tablesample system ($2::real) group by endpoint having count(*) >= $3::float8),
      crowded as materialized (select endpoint from seen
        where exists (select 1 from retry r where r.endpoint = seen.endpoint offset $1 limit 1))
      select p.serial, p.workspace_id as "workspaceId" from crowded c join endpoint p on p.serial = c.endpoint
      where p.deleted_at is null and p.state = 'enabled' and ${IS_CARRIED}`,
    values: [mostWaiting, share * 100, (mostWaiting * share) / 2],
  });
  return [...standing.rows, ...crowded.rows];
}

/**
 * Marks an endpoint behind, in the transaction that makes this version of its workspace's
 * configuration. No process inserts below its insert floor any more, so that every event accepted
 * under this version is above the lowest of them. One that was catching up goes on from where it was.
 */
export async function fallBehind(tx: Queryable, serial: number, version: number): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: `update endpoint set behind_until = null,
        behind_version = case when behind_from is null then $2 else behind_version end,
        behind_from = coalesce(behind_from, (
          select insert_floor from process order by state <> 'living',
            case when state = 'living' then insert_floor end, insert_floor desc limit 1))
      where serial = $1 and deleted_at is null and ${IS_CARRIED} and (${STANDS} or state = 'enabled')`,
    values: [serial, version],
  });
  return rowCount === 1;
}

/**
 * Endpoints that are behind and move, or are gone, and that no job of this kind sees to. Those of a
 * workspace that is being deleted go with it.
 */
export async function listToCatchUp(
  db: Queryable,
  kind: string,
): Promise<{ serial: number; workspaceId: string }[]> {
  const { rows } = await db.query<{ serial: number; workspaceId: string }>({
    text: `select serial, workspace_id as "workspaceId" from endpoint p
      where behind_from is not null and (state = 'enabled' or deleted_at is not null)
        and exists (select from workspace w where w.id = p.workspace_id and w.deleted_at is null)
        and not exists (select from job j where j.kind = $1 and j.state in ('waiting', 'running')
          and j.workspace_id = p.workspace_id and (j.params::json ->> 'endpoint')::int = p.serial)`,
    values: [kind],
  });
  return rows;
}

/** Holds an endpoint that is behind for one page of catching up; null when it is not. */
export async function lockBehind(tx: Queryable, serial: number): Promise<Behind | null> {
  const { rows } = await tx.query<Behind>({
    text: `select serial, workspace_id as "workspaceId", behind_from as "from",
        behind_version as "sinceVersion", behind_until as "untilVersion",
        ordering = 'conversation' as "keepsOrder", deleted_at is not null as "isDeleted",
        (state = 'enabled' or deleted_at is not null) and exists (
          select from workspace w where w.id = p.workspace_id and w.deleted_at is null) as moves
      from endpoint p where serial = $1 and behind_from is not null for no key update`,
    values: [serial],
  });
  return rows[0] ?? null;
}

/**
 * How much waits that the endpoint can get rid of by itself, counted no further than `atMost`. What
 * stands in a lane above the mark is not that: it goes when the mark has passed it.
 */
export async function countMovable(
  db: Queryable,
  { serial, from }: Behind,
  atMost: number,
): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    text: `select count(*)::int as count from (select from retry
      where endpoint = $1 and (conversation_id is null or event_id <= $2) limit $3) r`,
    values: [serial, from, atMost],
  });
  return rows[0]?.count ?? 0;
}

/** Below it nothing is carried in memory alone, by anybody. Null: nobody is there. */
export async function readLowestSettledFloor(db: Queryable): Promise<string | null> {
  const { rows } = await db.query<{ floor: string }>(
    `select settled_floor as floor from process where state in ('living', 'dead')
     order by settled_floor limit 1`,
  );
  return rows[0]?.floor ?? null;
}

/**
 * Hands over what an endpoint is owed, `limit` events of its workspace further and no further than
 * `to`: what has neither a delivery nor a row in `retry` gets one there. The mark moves along, in the
 * same transaction, also where none of the events was for this endpoint.
 */
export async function handOver(
  tx: Queryable,
  behind: Behind,
  { to, limit, now }: { to: string; limit: number; now: number },
): Promise<{ read: number; given: number; from: string; promoted: number[] }> {
  const { serial, workspaceId, from, sinceVersion, untilVersion, keepsOrder } = behind;
  const nothing = { read: 0, given: 0, from, promoted: [] };
  if (to <= from) return nothing;
  const page = await tx.query<{ read: number; last: string | null }>({
    text: `select count(*)::int as read, (array_agg(id order by id desc))[1] as last from (
        select id from event where workspace_id = $1 and id > $2 and id <= $3 order by id limit $4) e`,
    values: [workspaceId, from, to, limit],
  });
  const { read = 0, last = null } = page.rows[0] ?? {};
  const end = read === limit && last !== null ? last : to;
  const { rowCount } = await tx.query({
    text: `insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n, conversation_id, seq)
      select e.id, $1::int, e.workspace_id, case when o.seq is null then to_timestamp($8::float8 / 1000) else 'infinity' end,
        1, 1, 1, o.conversation_id, o.seq
      from event e
      left join lateral (select e.conversation_id, e.seq where $7::bool and e.conversation_id is not null) o on true
      where e.workspace_id = $2 and e.id > $3 and e.id <= $4 and $1::int = any(e.targets)
        and e.config_version >= $5 and ($6::bigint is null or e.config_version < $6)
        and not exists (select from delivery d where d.event_id = e.id and d.endpoint = $1::int
          and d.event_id > $3 and d.event_id <= $4)
      order by e.id
      on conflict do nothing`,
    values: [serial, workspaceId, from, end, sinceVersion, untilVersion, keepsOrder, now],
  });
  await tx.query({
    text: "update endpoint set behind_from = $2 where serial = $1",
    values: [serial, end],
  });
  const promoted = await promoteBetween(tx, serial, { from, to: end, now });
  return { read, given: rowCount ?? 0, from: end, promoted };
}

/** Heads that the mark has passed, or that it has put there, may go: nothing before them is missing. */
async function promoteBetween(
  tx: Queryable,
  serial: number,
  { from, to, now }: { from: string; to: string; now: number },
): Promise<number[]> {
  const { rows } = await tx.query<{ conversationId: string }>({
    text: `select distinct conversation_id as "conversationId" from retry
      where endpoint = $1 and event_id > $2 and event_id <= $3 and conversation_id is not null`,
    values: [serial, from, to],
  });
  if (rows.length === 0) return [];
  const lanes = rows.map(({ conversationId }) => ({ endpoint: serial, conversationId }));
  await lockLanes(tx, lanes);
  return promote(tx, lanes, now);
}

/** From this version of its workspace on, events for the endpoint are carried again. */
export async function moveAgain(tx: Queryable, serial: number, version: number): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: `update endpoint set behind_until = $2
      where serial = $1 and behind_from is not null and behind_until is null and state = 'enabled'`,
    values: [serial, version],
  });
  return rowCount === 1;
}

/**
 * Everything up to `upTo` has been handed over, and nothing more will be owed, since events are carried
 * from the version `until` on: false when it fell behind anew.
 */
export async function endBehind(
  tx: Queryable,
  serial: number,
  { until, upTo }: { until: number | null; upTo: string },
): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: `update endpoint set behind_from = null, behind_version = null, behind_until = null
      where serial = $1 and behind_from >= $2 and behind_until is not distinct from $3
        and (behind_until is not null or deleted_at is not null)`,
    values: [serial, upTo, until],
  });
  return rowCount === 1;
}

/** The instance's configuration version. */
export async function readInstanceVersion(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ version: number }>(
    "select config_version as version from instance",
  );
  return rows[0]?.version ?? 0;
}

/** Whether nothing is under way any more, in any process, that began before it had applied a version. */
export async function isPassedEverywhere(db: Queryable, instanceVersion: number): Promise<boolean> {
  const { rowCount } = await db.query({
    text: "select 1 from process where state = 'living' and passed_version < $1 limit 1",
    values: [instanceVersion],
  });
  return rowCount === 0;
}

/** The highest id of the workspace's events; null when there is none. */
export async function readLastEventId(db: Queryable, workspaceId: string): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>({
    text: "select id from event where workspace_id = $1 order by id desc limit 1",
    values: [workspaceId],
  });
  return rows[0]?.id ?? null;
}

/** Gives heads to an endpoint's lanes that have none, `limit` of them; answers how many there were. */
export async function promoteLanesOf(
  tx: Queryable,
  serial: number,
  limit: number,
  now: number,
): Promise<number> {
  const { rows } = await tx.query<{ conversationId: string }>({
    text: `select conversation_id as "conversationId" from lane l where l.endpoint = $1
        and not exists (select from retry r where r.event_id = l.head_event_id and r.endpoint = l.endpoint)
      order by conversation_id limit $2`,
    values: [serial, limit],
  });
  if (rows.length === 0) return 0;
  const lanes = rows.map(({ conversationId }) => ({ endpoint: serial, conversationId }));
  await lockLanes(tx, lanes);
  await promote(tx, lanes, now);
  return rows.length;
}

/** Events that are read at most to count what an endpoint is owed. */
const MOST_READ = 200_000;

/** Since when an endpoint is behind, and how much of the log it is owed, counted up to `most`; null when it is not. */
export async function readOwed(
  db: Queryable,
  serial: number,
  most: number,
): Promise<{ from: string; count: number } | null> {
  const { rows } = await db.query<{ from: string; count: number }>({
    text: `select p.behind_from as "from", (select count(*)::int from (
          select 1 from (select id, config_version, targets from event
            where workspace_id = p.workspace_id and id > p.behind_from order by id limit ${MOST_READ}) e
          where $1::int = any(e.targets) and ${isOwed("p", { id: "e.id", version: "e.config_version" })}
            and not exists (select from delivery d where d.event_id = e.id and d.endpoint = $1::int)
            and not exists (select from retry r where r.event_id = e.id and r.endpoint = $1::int)
          limit $2) o) as count
      from endpoint p where p.serial = $1::int and p.behind_from is not null`,
    values: [serial, most],
  });
  return rows[0] ?? null;
}

/** What is owed from days that are about to be closed. */
export interface Closing {
  serial: number;
  endpointId: string;
  /** The oldest event that may be owed. */
  from: string;
}

/** Endpoints that are owed something of before `id`. */
export async function listBehindBelow(db: Queryable, id: string): Promise<Closing[]> {
  const { rows } = await db.query<Closing>({
    text: `select serial, id as "endpointId", behind_from as "from" from endpoint
      where behind_from < $1 order by serial`,
    values: [id],
  });
  return rows;
}

/**
 * Cancels what an endpoint is owed of events below `firstKept`, whose days are closed: the mark passes
 * `limit` events of its workspace, or all of them. Runs in a transaction; answers how many deliveries that
 * were.
 */
export async function cancelOwed(
  tx: Queryable,
  serial: number,
  { firstKept, limit }: { firstKept: string; limit: number },
): Promise<{ cancelled: number; isDone: boolean }> {
  const behind = await lockBehind(tx, serial);
  if (behind === null || behind.from >= firstKept) return { cancelled: 0, isDone: true };
  const { rows } = await tx.query<{ read: number; last: string | null; cancelled: number }>({
    text: `select count(*)::int as read, (array_agg(e.id order by e.id desc))[1] as last,
        (count(*) filter (where $1::int = any(e.targets)
          and ${isOwed("p", { id: "e.id", version: "e.config_version" })}
          and not exists (select from delivery d where d.event_id = e.id and d.endpoint = $1::int
            and d.event_id > $3 and d.event_id < $4)
          and not exists (select from retry r where r.event_id = e.id and r.endpoint = $1::int)))::int as cancelled
      from (select id, config_version, targets from event
        where workspace_id = $2 and id > $3 and id < $4 order by id limit $5) e
      join endpoint p on p.serial = $1::int`,
    values: [serial, behind.workspaceId, behind.from, firstKept, limit],
  });
  const { read = 0, last = null, cancelled = 0 } = rows[0] ?? {};
  const isDone = read < limit || last === null;
  await tx.query({
    text: "update endpoint set behind_from = $2 where serial = $1",
    values: [serial, isDone ? firstKept : last],
  });
  return { cancelled, isDone };
}
