import type { Queryable } from "../../core/events/recording.ts";
import type { LatencyHistogram } from "../../core/latency-histogram.ts";
import { floats, ints, texts } from "../connections/columns.ts";

/** What came of an endpoint's requests in an hour. */
export interface EndpointHour {
  /** Its beginning, ms since the epoch. */
  hour: number;
  delivered: number;
  failed: number;
  /** Of both: those that took longer than is healthy. */
  slow: number;
  /** All of them together. */
  ms: number;
}

/** What a process has counted of one endpoint. */
export interface CountedHour extends Omit<EndpointHour, "hour"> {
  endpoint: number;
  answers: LatencyHistogram;
  arrivals: LatencyHistogram;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Adds what a process has counted to the hour and to the minute that are. */
export async function addCounts(
  db: Queryable,
  now: number,
  rows: readonly CountedHour[],
): Promise<void> {
  const sorted = [...rows].sort((a, b) => a.endpoint - b.endpoint);
  await db.query({
    name: "add_counts",
    text: `with i as materialized (
        select i.endpoint, i.delivered, i.failed, i.slow, i.ms, i.answers::int[] as answers, i.arrivals::int[] as arrivals
        from unnest($2::int[], $3::int[], $4::int[], $5::int[], $6::float8[], $7::text[], $8::text[])
          as i (endpoint, delivered, failed, slow, ms, answers, arrivals)),
      m as (
        insert into endpoint_minute as h (endpoint, minute, delivered, failed, slow, answers, arrivals)
        select endpoint, to_timestamp($9::float8 / 1000), delivered, failed, slow, answers, arrivals from i
        on conflict (endpoint, minute) do update set ${SUMMED})
      insert into endpoint_hour as h (endpoint, hour, delivered, failed, slow, ms, answers, arrivals)
      select endpoint, to_timestamp($1::float8 / 1000), delivered, failed, slow, ms, answers, arrivals from i
      on conflict (endpoint, hour) do update set ms = h.ms + excluded.ms, ${SUMMED}`,
    values: [
      now - (now % HOUR_MS),
      ints(sorted.map((row) => row.endpoint)),
      ints(sorted.map((row) => row.delivered)),
      ints(sorted.map((row) => row.failed)),
      ints(sorted.map((row) => row.slow)),
      floats(sorted.map((row) => Math.round(row.ms))),
      texts(sorted.map((row) => `{${row.answers.join()}}`)),
      texts(sorted.map((row) => `{${row.arrivals.join()}}`)),
      now - (now % MINUTE_MS),
    ],
  });
}

/** What is summed up again where an hour or a minute has been counted before; histograms bucket by bucket. */
const SUMMED = [
  ...["delivered", "failed", "slow"].map((name) => `${name} = h.${name} + excluded.${name}`),
  ...["answers", "arrivals"].map(
    (name) => `${name} = array(select coalesce(a, 0) + coalesce(b, 0)
      from unnest(h.${name}, excluded.${name}) with ordinality as u (a, b, n) order by n)`,
  ),
].join(", ");

export interface RequestsQuery {
  workspaceId: string;
  /** Serials of the only endpoints that count; null for all. */
  endpoints: readonly number[] | null;
  /** From here on, and before there, ms since the epoch. */
  from: number;
  end: number;
  step: "minute" | "hour" | "day";
  byEndpoint: boolean;
}

export interface RequestsRow {
  at: number;
  endpointId: string | null;
  delivered: number;
  failed: number;
  slow: number;
  answers: LatencyHistogram;
  arrivals: LatencyHistogram;
}

/** What came of a workspace's requests by minute, hour or day (UTC), the first one first. */
export async function sumRequests(db: Queryable, query: RequestsQuery): Promise<RequestsRow[]> {
  const { workspaceId, endpoints, from, end, step, byEndpoint } = query;
  const kept = step === "minute" ? "minute" : "hour";
  const point = `date_trunc('${step}', h.${kept} at time zone 'UTC')`;
  // Buckets are added up apart from the sums, so that a row's other columns count once.
  const { rows } = await db.query<RequestsRow>({
    text: `with h as (
        select ${point} as at, case when $5::boolean then p.id end as "endpointId", h.delivered, h.failed, h.slow,
          h.answers, h.arrivals
        from endpoint p join endpoint_${kept} h on h.endpoint = p.serial
        where p.workspace_id = $1 and ($2::int[] is null or p.serial = any($2::int[]))
          and h.${kept} >= to_timestamp($3::float8 / 1000) and h.${kept} < to_timestamp($4::float8 / 1000)),
      s as (
        select at, "endpointId", sum(delivered)::float8 as delivered, sum(failed)::float8 as failed,
          sum(slow)::float8 as slow
        from h group by 1, 2),
      b as (
        select at, "endpointId", array_agg(answers order by n) as answers, array_agg(arrivals order by n) as arrivals
        from (
          select at, "endpointId", n, sum(answers)::float8 as answers, sum(arrivals)::float8 as arrivals
          from (
            select h.at, h."endpointId", u.n, coalesce(u.answers, 0) as answers, coalesce(u.arrivals, 0) as arrivals
            from h cross join lateral unnest(h.answers, h.arrivals) with ordinality as u (answers, arrivals, n)) each
          group by 1, 2, 3) summed
        group by 1, 2)
      select (extract(epoch from s.at) * 1000)::float8 as at, s."endpointId", s.delivered, s.failed, s.slow,
        coalesce(b.answers, '{}') as answers, coalesce(b.arrivals, '{}') as arrivals
      from s left join b on b.at = s.at and b."endpointId" is not distinct from s."endpointId"
      order by s.at, s."endpointId"`,
    values: [workspaceId, endpoints, from, end, byEndpoint],
  });
  return rows;
}

/** An endpoint's hours since then, the first one first; those without requests are left out. */
export async function readHours(
  db: Queryable,
  endpoint: number,
  since: number,
): Promise<EndpointHour[]> {
  const { rows } = await db.query<EndpointHour>({
    text: `select (extract(epoch from hour) * 1000)::float8 as hour, delivered::float8, failed::float8,
        slow::float8, ms::float8 from endpoint_hour
      where endpoint = $1 and hour >= to_timestamp($2::float8 / 1000) order by hour`,
    values: [endpoint, since],
  });
  return rows;
}

/** Forgets the hours before then. */
export async function forgetHours(db: Queryable, before: number): Promise<void> {
  await db.query({
    text: "delete from endpoint_hour where hour < to_timestamp($1::float8 / 1000)",
    values: [before],
  });
}

/** Forgets the minutes before then. */
export async function forgetMinutes(db: Queryable, before: number): Promise<void> {
  await db.query({
    text: "delete from endpoint_minute where minute < to_timestamp($1::float8 / 1000)",
    values: [before],
  });
}
