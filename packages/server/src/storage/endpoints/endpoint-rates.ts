import type { Queryable } from "../../core/events/recording.ts";

/** Permits to send, one every `everyMs` from `from` on (ms since the epoch). */
export interface Tokens {
  from: number;
  everyMs: number;
  count: number;
  /** Every token before this time is granted, to whichever process. */
  grantedTo: number;
}

/** So far ahead nobody has granted any, whose clock was right: the database's was set back since. */
const SKEW_MS = 10_000;

/** From when on there are tokens: $5 is now, $4 the horizon. */
const GRANTED = `least(greatest(r.granted_to, $5::float8), $5::float8 + $4::float8 + ${SKEW_MS})`;

/**
 * Leases up to `want` tokens whose time comes within `horizonMs`. All processes draw from the one row of
 * the endpoint, so that together they never have more than its rate; none are saved up.
 */
export async function leaseTokens(
  db: Queryable,
  o: { endpoint: number; everyMs: number; want: number; horizonMs: number; now: number },
): Promise<Tokens> {
  const { rows } = await db.query<{ granted: number; grantedTo: number }>({
    name: "lease_tokens",
    text: `insert into endpoint_rate as r (endpoint, granted_to, granted)
      select $1, $5::float8 + n * $2::float8, n
        from (select least($3::int, floor($4::float8 / $2::float8)::int + 1) as n) f
      on conflict (endpoint) do update set
        granted = greatest(0, least($3::int,
          floor(($5::float8 + $4::float8 - ${GRANTED}) / $2::float8)::int + 1)),
        granted_to = ${GRANTED} + $2::float8 * greatest(0, least($3::int,
          floor(($5::float8 + $4::float8 - ${GRANTED}) / $2::float8)::int + 1))
      returning granted, granted_to as "grantedTo"`,
    values: [o.endpoint, o.everyMs, o.want, o.horizonMs, o.now],
  });
  const row = rows[0];
  if (!row) throw new Error("an upsert gave no row");
  const { granted: count, grantedTo } = row;
  return { from: grantedTo - count * o.everyMs, everyMs: o.everyMs, count, grantedTo };
}
