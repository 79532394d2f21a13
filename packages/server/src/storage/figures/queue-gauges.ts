import type { Queryable } from "../../core/events/recording.ts";
import { timeOfId } from "../../core/ids.ts";

/** Rows of `retry` are counted one by one up to here; above, the server's own estimate is taken. */
const COUNTED = 100_000;

/** How the queues stand, as the metrics and the health page show it. */
export interface QueueGauges {
  /** Deliveries in `retry`, leased ones too; exact up to 100,000. */
  retryRows: number;
  /** Of these, exact up to 100,000 rows: those that wait for the one before them in their conversation. */
  parkedRows: number;
  /** Of these, exact up to 100,000 rows: those whose owner is not among the living. */
  retryOrphans: number;
  /** How long the delivery that has been due longest has been due, of endpoints that move. */
  oldestDueSeconds: number;
  /** Endpoints that are owed something of the log, and how old the oldest of it may be. */
  endpointsBehind: number;
  behindSeconds: number;
  outboxQueued: number;
  outboxSending: number;
  outboxInDoubt: number;
  /** How long the message that is to leave next has been due. */
  outboxOldestDueSeconds: number;
  /** Age of the lowest floors of the processes that count. */
  insertFloorAgeSeconds: number;
  settledFloorAgeSeconds: number;
  livingProcesses: number;
  /** Days after today that have their partitions. */
  partitionDaysAhead: number;
}

interface Row {
  retryRows: number;
  parkedRows: number;
  retryEstimate: number;
  retryOrphans: number;
  oldestDueAt: number | null;
  endpointsBehind: number;
  behindFrom: string | null;
  outboxQueued: number;
  outboxSending: number;
  outboxInDoubt: number;
  outboxDueAt: number | null;
  insertFloor: string | null;
  settledFloor: string | null;
  livingProcesses: number;
  partitionDaysAhead: number;
}

/** Cheap enough to be asked every ten seconds, however much waits. */
export async function readQueueGauges(db: Queryable, now: number): Promise<QueueGauges> {
  const { rows } = await db.query<Row>({
    // Who has something due is found by one look an endpoint, from each to the next.
    text: `with recursive t as (
        (select endpoint from retry order by endpoint limit 1)
        union all
        select n.endpoint from t cross join lateral (
          select endpoint from retry where endpoint > t.endpoint order by endpoint limit 1) n),
      due as (
        select min(r.next_at) as at from t
        join endpoint e on e.serial = t.endpoint and e.state = 'enabled' and e.deleted_at is null
        cross join lateral (select next_at from retry r
          where r.endpoint = t.endpoint and r.owner is null and r.next_at < 'infinity'
          order by r.next_at limit 1) r)
      select
        w.rows as "retryRows", w.parked as "parkedRows", w.orphans as "retryOrphans",
        (select n_live_tup::float8 from pg_stat_user_tables where relid = 'retry'::regclass) as "retryEstimate",
        (select at from due) as "oldestDueAt",
        (select count(*)::int from endpoint where behind_from is not null) as "endpointsBehind",
        (select behind_from from endpoint where behind_from is not null
          order by behind_from limit 1) as "behindFrom",
        (select count(*)::int from outbox where state = 'queued') as "outboxQueued",
        (select count(*)::int from outbox where state = 'sending') as "outboxSending",
        (select count(*)::int from outbox where state = 'in_doubt') as "outboxInDoubt",
        (select min(next_at) from outbox where state = 'queued') as "outboxDueAt",
        (select insert_floor from process where state = 'living'
          order by insert_floor limit 1) as "insertFloor",
        (select settled_floor from process where state in ('living', 'dead')
          order by settled_floor limit 1) as "settledFloor",
        (select count(*)::int from process where state = 'living') as "livingProcesses",
        (select count(*)::int from pg_inherits i join pg_class c on c.oid = i.inhrelid
          where i.inhparent = 'event'::regclass and right(c.relname, 8) > $1) as "partitionDaysAhead"
      from (select count(*)::int as rows, (count(*) filter (where next_at = 'infinity'))::int as parked,
          (count(*) filter (where owner is not null and not exists (
            select from process p where p.id = r.owner and p.state = 'living')))::int as orphans
        from (select next_at, owner from retry limit ${COUNTED + 1}) r) w`,
    values: [new Date(now).toISOString().slice(0, 10).replaceAll("-", "")],
  });
  const row = rows[0];
  if (!row) throw new Error("the gauges gave no row");
  const { retryRows, outboxQueued, outboxSending, outboxInDoubt, livingProcesses } = row;
  return {
    retryRows: retryRows > COUNTED ? Math.max(retryRows, row.retryEstimate) : retryRows,
    parkedRows: row.parkedRows,
    retryOrphans: row.retryOrphans,
    oldestDueSeconds: secondsSince(row.oldestDueAt, now),
    endpointsBehind: row.endpointsBehind,
    behindSeconds: secondsSince(timeOf(row.behindFrom), now),
    ...{ outboxQueued, outboxSending, outboxInDoubt },
    outboxOldestDueSeconds: secondsSince(row.outboxDueAt, now),
    insertFloorAgeSeconds: secondsSince(timeOf(row.insertFloor), now),
    settledFloorAgeSeconds: secondsSince(timeOf(row.settledFloor), now),
    livingProcesses,
    partitionDaysAhead: row.partitionDaysAhead,
  };
}

function timeOf(floor: string | null): number | null {
  return floor === null ? null : timeOfId(floor);
}

function secondsSince(at: number | null, now: number): number {
  return at === null ? 0 : Math.max(0, now - at) / 1000;
}

/** Living processes that have not applied the instance's newest configuration. */
export async function listLateProcesses(db: Queryable): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select id from process
      where state = 'living' and config_version < (select config_version from instance)`,
  );
  return rows.map(({ id }) => id);
}

/** Processes that were declared dead since then: killed, or not heard. */
export async function countLostProcesses(db: Queryable, since: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    text: `select count(*)::int as count from process
      where lost_at >= to_timestamp($1::float8 / 1000)`,
    values: [since],
  });
  return rows[0]?.count ?? 0;
}

/** Deliveries of events from this id on that became dead letters, counted up to `most`. */
export async function countDeadSince(db: Queryable, from: string, most: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    text: `select count(*)::int as count from (select from delivery
      where event_id >= $1 and state <> 'delivered' and state = 'dead' limit $2) d`,
    values: [from, most],
  });
  return rows[0]?.count ?? 0;
}

export async function readDatabaseBytes(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ bytes: number }>(
    "select pg_database_size(current_database())::float8 as bytes",
  );
  return rows[0]?.bytes ?? 0;
}
