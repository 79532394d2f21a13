import type { Queryable } from "../core/recording.ts";
import { floats, ints } from "./columns.ts";

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

/** Adds what a process has counted to the hour that is. */
export async function addToHour(
  db: Queryable,
  hour: number,
  rows: readonly (Omit<EndpointHour, "hour"> & { endpoint: number })[],
): Promise<void> {
  const sorted = [...rows].sort((a, b) => a.endpoint - b.endpoint);
  await db.query({
    name: "add_to_hour",
    text: `insert into endpoint_hour as h (endpoint, hour, delivered, failed, slow, ms)
      select i.endpoint, to_timestamp($1::float8 / 1000), i.delivered, i.failed, i.slow, i.ms
      from unnest($2::int[], $3::int[], $4::int[], $5::int[], $6::float8[]) as i (endpoint, delivered, failed, slow, ms)
      on conflict (endpoint, hour) do update set delivered = h.delivered + excluded.delivered,
        failed = h.failed + excluded.failed, slow = h.slow + excluded.slow, ms = h.ms + excluded.ms`,
    values: [
      hour,
      ints(sorted.map((row) => row.endpoint)),
      ints(sorted.map((row) => row.delivered)),
      ints(sorted.map((row) => row.failed)),
      ints(sorted.map((row) => row.slow)),
      floats(sorted.map((row) => Math.round(row.ms))),
    ],
  });
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
