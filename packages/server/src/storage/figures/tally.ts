import type { Queryable } from "../../core/events/recording.ts";
import { firstIdAt, timeOfId } from "../../core/ids.ts";
import type { Tx } from "../connections/connections.ts";

/** Events that one page of the roll-up reads at most. */
const PAGE = 20_000;
const DELTAS = 50_000;
const HOUR_MS = 3_600_000;

/** The UTC instant of a UUIDv7, without a time zone. */
function instantOf(id: string): string {
  const ms = `('x' || lpad(replace(left(${id}::text, 13), '-', ''), 16, '0'))::bit(64)::bigint`;
  return `to_timestamp(${ms} / 1000.0) at time zone 'UTC'`;
}

function dayOf(id: string): string {
  return `(${instantOf(id)})::date`;
}

function hourOf(id: string): string {
  return `extract(hour from ${instantOf(id)})::smallint`;
}

/**
 * Brings the tally up to the lowest settled floor, a page of the events of one hour at a time, and folds the
 * deltas in. Everything up to that floor has its first outcome written or waits in `retry`, so what is
 * counted here once is told of by deltas from then on. Runs in a transaction; false when there is no
 * more to do, or another process is at it.
 */
export async function rollUp(tx: Tx): Promise<boolean> {
  const held = await tx.query<{ floor: string }>(
    "select floor from tally_floor for update skip locked",
  );
  const floor = held.rows[0]?.floor;
  if (floor === undefined) return false;
  // Statements of their own: they see what the lock has waited for.
  const page = await findPage(tx, floor);
  if (page !== null) {
    if (page.first !== null) await countPage(tx, floor, { ...page, first: page.first });
    await tx.query({ text: "update tally_floor set floor = $1", values: [page.to] });
  }
  const folded = await foldDeltas(tx);
  return page?.isLast === false || folded;
}

interface Page {
  /** Of the first event or delivery in it; null where there is none. */
  first: string | null;
  /** The last id that is in it. */
  to: string;
  isLast: boolean;
}

/** What is to be counted next; null where all is. */
async function findPage(tx: Tx, floor: string): Promise<Page | null> {
  const { rows } = await tx.query<{ first: string | null; to: string | null; isFull: boolean }>({
    text: `with f as materialized (select settled_floor as floor from process where state in ('living', 'dead')
        order by settled_floor limit 1),
      p as (select e.id from f cross join lateral (
        select id from event where id > $1 and id <= f.floor order by id offset ${PAGE} - 1 limit 1) e),
      e as (select e.id from f cross join lateral (
        select id from event where id > $1 and id <= f.floor order by id limit 1) e),
      d as (select d.id from f cross join lateral (
        select event_id as id from delivery where event_id > $1 and event_id <= f.floor order by event_id limit 1) d)
      select least((select id from e), (select id from d)) as first,
        coalesce((select id from p), (select floor from f)) as to, exists (select from p) as "isFull"`,
    values: [floor],
  });
  const { first = null, to = null, isFull = false } = rows[0] ?? {};
  if (to === null || to <= floor) return null;
  const hourEnd = first === null ? to : firstIdAt(hourOfId(first) + HOUR_MS);
  return to > hourEnd ? { first, to: hourEnd, isLast: false } : { first, to, isLast: !isFull };
}

/** A row that stands for many alike costs less than each of them: most events of an hour have the same targets. */
async function countPage(
  tx: Tx,
  from: string,
  { first, to }: { first: string; to: string },
): Promise<void> {
  const hour = hourOfId(first);
  await tx.query({
    text: `with g as materialized (
        select workspace_id, targets, count(*) as n from event where id > $1 and id <= $2 group by 1, 2),
      d as (
        select workspace_id, endpoint, first_state, count(*) as n from delivery
        where event_id > $1 and event_id <= $2 group by 1, 2, 3),
      counted as (
        insert into tally_event as t (workspace_id, day, hour, accepted, unwanted)
        select workspace_id, $3, $4, sum(n), coalesce(sum(n) filter (where targets = '{}'), 0) from g group by 1
        on conflict (workspace_id, day, hour) do update set accepted = t.accepted + excluded.accepted,
          unwanted = t.unwanted + excluded.unwanted),
      c as (
        select g.workspace_id, t.endpoint, 'targeted' as what, g.n
        from g cross join lateral unnest(g.targets) as t (endpoint)
        union all
        select workspace_id, endpoint, first_state, n from d)
      insert into tally as t (workspace_id, endpoint, day, hour, targeted, delivered, dead, cancelled)
      select workspace_id, endpoint, $3, $4, ${["targeted", "delivered", "dead", "cancelled"]
        .map((what) => `coalesce(sum(n) filter (where what = '${what}'), 0)`)
        .join(", ")}
      from c group by 1, 2
      on conflict (workspace_id, endpoint, day, hour) do update set targeted = t.targeted + excluded.targeted,
        delivered = t.delivered + excluded.delivered, dead = t.dead + excluded.dead,
        cancelled = t.cancelled + excluded.cancelled`,
    values: [from, to, new Date(hour).toISOString().slice(0, 10), new Date(hour).getUTCHours()],
  });
}

function hourOfId(id: string): number {
  const at = timeOfId(id);
  return at - (at % HOUR_MS);
}

/** True when there may be more. */
async function foldDeltas(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query<{ folded: number }>(
    `with gone as (
        delete from tally_delta where id in (select id from tally_delta order by id limit ${DELTAS})
        returning workspace_id, endpoint, day, hour, from_state, to_state, n),
      sums as (
        select workspace_id, endpoint, day, hour, ${DELTA_SUMS} from gone
        group by workspace_id, endpoint, day, hour),
      kept as (
        insert into tally as t (workspace_id, endpoint, day, hour, targeted, delivered, dead, cancelled)
        select workspace_id, endpoint, day, hour, targeted, delivered, dead, cancelled from sums
        on conflict (workspace_id, endpoint, day, hour) do update set targeted = t.targeted + excluded.targeted,
          delivered = t.delivered + excluded.delivered, dead = t.dead + excluded.dead,
          cancelled = t.cancelled + excluded.cancelled)
      select count(*)::int as folded from gone`,
  );
  return rows[0]?.folded === DELTAS;
}

const DELTA_SUMS = `coalesce(sum(n) filter (where from_state = 'none'), 0) as targeted,
  ${["delivered", "dead", "cancelled"]
    .map(
      (state) => `coalesce(sum(n) filter (where to_state = '${state}'), 0)
        - coalesce(sum(n) filter (where from_state = '${state}'), 0) as ${state}`,
    )
    .join(", ")}`;

export interface LedgerQuery {
  workspaceId: string;
  /** Serials of the only endpoints that count; null for all. */
  endpoints: readonly number[] | null;
  /** The first and the last day, `2026-11-21`. */
  from: string;
  to: string;
  /** Ids of those days lie from here on, and below there. */
  firstId: string;
  endId: string;
  /** Days before this one are closed: nothing waits in them any more. */
  firstKept: string;
  /** Only rows after this one, in the order of the list. */
  after: { day: string; endpoint: number } | null;
  limit: number;
}

export interface LedgerRow {
  day: string;
  endpoint: number;
  endpointId: string;
  targeted: number;
  delivered: number;
  pending: number;
  dead: number;
  cancelled: number;
}

export type LedgerSums = Omit<LedgerRow, "day" | "endpoint" | "endpointId">;

/**
 * What became of everything that was to be delivered, by day of the event and endpoint, the newest day
 * first. Exact at any moment: what the tally holds, what its deltas add, and what stands above its
 * floor, in one statement. What a closed day never came to is cancelled.
 */
export async function readLedger(db: Queryable, query: LedgerQuery): Promise<LedgerRow[]> {
  const { rows } = await db.query<LedgerRow>({
    text: `${sums()}
      select to_char(s.day, 'YYYY-MM-DD') as day, s.endpoint, p.id as "endpointId", ${SHOWN}
      from s join endpoint p on p.serial = s.endpoint
      where $8::date is null or s.day < $8::date or (s.day = $8::date and s.endpoint > $9::int)
      order by s.day desc, s.endpoint limit $10`,
    values: [
      ...values(query),
      query.after?.day ?? null,
      query.after?.endpoint ?? null,
      query.limit,
    ],
  });
  return rows;
}

/** The same, all rows in one. */
export async function sumLedger(db: Queryable, query: LedgerQuery): Promise<LedgerSums> {
  const { rows } = await db.query<LedgerSums>({
    text: `${sums()}, c as (select ${SHOWN} from s)
      select ${["targeted", "delivered", "pending", "dead", "cancelled"]
        .map((name) => `coalesce(sum(${name}), 0)::float8 as ${name}`)
        .join(", ")} from c`,
    values: values(query),
  });
  const row = rows[0];
  if (!row) throw new Error("a sum gave no row");
  return row;
}

/** Asks for columns of `s`; $7 is the first day that is not closed. */
const SHOWN = `s.targeted::float8 as targeted, s.delivered::float8 as delivered, s.dead::float8 as dead,
  (case when s.day < $7::date then 0 else s.targeted - s.delivered - s.dead - s.cancelled end)::float8 as pending,
  (case when s.day < $7::date then s.targeted - s.delivered - s.dead else s.cancelled end)::float8 as cancelled`;

function values({ workspaceId, endpoints, from, to, firstId, endId, firstKept }: LedgerQuery) {
  return [workspaceId, endpoints, from, to, firstId, endId, firstKept];
}

/** `u`: what is known, in rows that are to be added up; `s`: added up by day and endpoint. */
function sums(): string {
  return `${knownRows()},
    s as (
      select day, endpoint, sum(targeted) as targeted, sum(delivered) as delivered, sum(dead) as dead,
        sum(cancelled) as cancelled
      from u group by day, endpoint)`;
}

function knownRows(): string {
  const wanted = `workspace_id = $1 and day >= $3::date and day <= $4::date
    and ($2::int[] is null or endpoint = any($2::int[]))`;
  return `with f as materialized (select floor from tally_floor),
    n as (
      select e.id, t.endpoint, d.first_state
      from event e cross join lateral unnest(e.targets) as t (endpoint)
      left join lateral (select first_state from delivery d
        where d.event_id = e.id and d.event_id >= $5::uuid and d.event_id < $6::uuid and d.endpoint = t.endpoint
        limit 1) d on true
      where e.workspace_id = $1 and e.id > (select floor from f) and e.id >= $5::uuid and e.id < $6::uuid
        and ($2::int[] is null or t.endpoint = any($2::int[]))),
    u as (
      select day, hour, endpoint, targeted, delivered, dead, cancelled from tally where ${wanted}
      union all
      select day, hour, endpoint, ${DELTA_SUMS} from tally_delta where ${wanted} group by day, hour, endpoint
      union all
      select ${dayOf("id")}, ${hourOf("id")}, endpoint, count(*), count(*) filter (where first_state = 'delivered'),
        count(*) filter (where first_state = 'dead'), count(*) filter (where first_state = 'cancelled')
      from n group by 1, 2, 3)`;
}

export interface SeriesQuery extends Omit<LedgerQuery, "after" | "limit"> {
  step: "hour" | "day";
  /** A row for each endpoint, or all of them in one. */
  byEndpoint: boolean;
}

export interface SeriesRow extends LedgerSums {
  /** The beginning of the hour or day, ms since the epoch. */
  at: number;
  /** Null where all endpoints are in one row. */
  endpointId: string | null;
}

/** The ledger's sums by hour or day of the event, the first one first: the same rows, so never others. */
export async function readSeries(db: Queryable, query: SeriesQuery): Promise<SeriesRow[]> {
  const grain = pointOf(query.step);
  const { rows } = await db.query<SeriesRow>({
    text: `${knownRows()},
      p as (
        select ${grain} as at, day, case when $8::boolean then endpoint end as endpoint, sum(targeted) as targeted,
          sum(delivered) as delivered, sum(dead) as dead, sum(cancelled) as cancelled
        from u group by 1, 2, 3),
      s as (select p.*, e.id as "endpointId" from p left join endpoint e on e.serial = p.endpoint)
      select (extract(epoch from s.at) * 1000)::float8 as at, s."endpointId", ${SHOWN} from s order by s.at, s.endpoint`,
    values: [...values({ ...query, after: null, limit: 0 }), query.byEndpoint],
  });
  return rows;
}

function pointOf(step: SeriesQuery["step"]): string {
  return step === "day" ? "day::timestamp" : "day::timestamp + hour * interval '1 hour'";
}

/** Accepted events by hour or day. */
export async function readEventSeries(
  db: Queryable,
  { workspaceId, from, to, firstId, endId, step }: SeriesQuery,
): Promise<{ at: number; accepted: number; unwanted: number }[]> {
  const { rows } = await db.query<{ at: number; accepted: number; unwanted: number }>({
    text: `with u as (
        select day, hour, accepted, unwanted from tally_event
        where workspace_id = $1 and day >= $2::date and day <= $3::date
        union all
        select ${dayOf("id")}, ${hourOf("id")}, count(*), count(*) filter (where targets = '{}') from event
        where workspace_id = $1 and id > (select floor from tally_floor) and id >= $4::uuid and id < $5::uuid
        group by 1, 2)
      select (extract(epoch from ${pointOf(step)}) * 1000)::float8 as at, sum(accepted)::float8 as accepted,
        sum(unwanted)::float8 as unwanted
      from u group by 1 order by 1`,
    values: [workspaceId, from, to, firstId, endId],
  });
  return rows;
}

/** How many events were accepted on these days, and how many of them nothing wanted. */
export async function countEventsOfDays(
  db: Queryable,
  { workspaceId, from, to, firstId, endId }: LedgerQuery,
): Promise<{ accepted: number; unwanted: number }> {
  const { rows } = await db.query<{ accepted: number; unwanted: number }>({
    text: `with u as (
        select accepted, unwanted from tally_event
        where workspace_id = $1 and day >= $2::date and day <= $3::date
        union all
        select count(*), count(*) filter (where targets = '{}') from event
        where workspace_id = $1 and id > (select floor from tally_floor) and id >= $4::uuid and id < $5::uuid)
      select coalesce(sum(accepted), 0)::float8 as accepted, coalesce(sum(unwanted), 0)::float8 as unwanted from u`,
    values: [workspaceId, from, to, firstId, endId],
  });
  const row = rows[0];
  if (!row) throw new Error("a sum gave no row");
  return row;
}

/** Of what is pending, how much has failed before and waits for another attempt. */
export async function countRetrying(
  db: Queryable,
  {
    workspaceId,
    endpoints,
    firstId,
    endId,
  }: Pick<LedgerQuery, "workspaceId" | "endpoints" | "firstId" | "endId">,
): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    text: `select count(*)::float8 as count from retry r
      where r.workspace_id = $1 and r.n > 1 and r.event_id >= $3 and r.event_id < $4
        and ($2::int[] is null or r.endpoint = any($2::int[]))
        and (r.round = 1 or exists (select from delivery d
          where d.event_id = r.event_id and d.endpoint = r.endpoint and d.state = 'pending'))`,
    values: [workspaceId, endpoints, firstId, endId],
  });
  return rows[0]?.count ?? 0;
}
