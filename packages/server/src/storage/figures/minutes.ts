import type { Queryable } from "../../core/events/recording.ts";
import type { LedgerSums, SeriesQuery } from "./tally.ts";

const MINUTE_MS = 60_000;

export interface MinutesQuery
  extends Pick<SeriesQuery, "workspaceId" | "endpoints" | "firstId" | "endId" | "byEndpoint"> {}

export interface Minute extends LedgerSums {
  /** The beginning of the minute, ms since the epoch. */
  at: number;
  /** Null where all endpoints are in one row. */
  endpointId: string | null;
}

export interface Minutes {
  books: Minute[];
  events: { at: number; accepted: number; unwanted: number }[];
}

/** The minute of a UUIDv7. */
function minuteOf(id: string): string {
  const ms = `('x' || lpad(replace(left(${id}::text, 13), '-', ''), 16, '0'))::bit(64)::bigint`;
  return `(${ms} / ${MINUTE_MS})`;
}

/**
 * What became of the events of a range of ids by minute, and how many there were: counted from the log, in one
 * statement, so that what was to be delivered is what became of it. A delivery that has no row yet is pending;
 * whatever an endpoint was added to, its event names it.
 */
export async function readMinutes(db: Queryable, query: MinutesQuery): Promise<Minutes> {
  const { workspaceId, endpoints, firstId, endId, byEndpoint } = query;
  const { rows } = await db.query<Row>({
    text: `with e as materialized (
        select ${minuteOf("id")} as minute, targets, count(*) as n from event
        where workspace_id = $1 and id >= $3 and id < $4 group by 1, 2),
      u as (
        select e.minute, t.endpoint, 'targeted' as what, e.n from e cross join lateral unnest(e.targets) as t (endpoint)
        where $2::int[] is null or t.endpoint = any($2::int[])
        union all
        select ${minuteOf("event_id")}, endpoint, state, count(*) from delivery
        where workspace_id = $1 and event_id >= $3 and event_id < $4 and state <> 'pending'
          and ($2::int[] is null or endpoint = any($2::int[]))
        group by 1, 2, 3),
      b as (
        select minute, case when $5::boolean then endpoint end as endpoint, ${[
          "targeted",
          "delivered",
          "dead",
          "cancelled",
        ]
          .map((what) => `coalesce(sum(n) filter (where what = '${what}'), 0) as ${what}`)
          .join(", ")}
        from u group by 1, 2)
      select (b.minute * ${MINUTE_MS})::float8 as at, p.id as "endpointId", b.targeted::float8 as targeted,
        b.delivered::float8 as delivered, b.dead::float8 as dead, b.cancelled::float8 as cancelled,
        null::float8 as accepted, null::float8 as unwanted
      from b left join endpoint p on p.serial = b.endpoint
      union all
      select (minute * ${MINUTE_MS})::float8, null, 0, 0, 0, 0, sum(n)::float8,
        coalesce(sum(n) filter (where targets = '{}'), 0)::float8
      from e group by minute
      order by at`,
    values: [workspaceId, endpoints, firstId, endId, byEndpoint],
  });
  const books: Minute[] = [];
  const events: Minutes["events"] = [];
  for (const { accepted, unwanted, ...row } of rows) {
    if (accepted !== null) events.push({ at: row.at, accepted, unwanted: unwanted ?? 0 });
    else books.push({ ...row, pending: row.targeted - row.delivered - row.dead - row.cancelled });
  }
  return { books, events };
}

type Row = Omit<Minute, "pending"> & { accepted: number | null; unwanted: number | null };
