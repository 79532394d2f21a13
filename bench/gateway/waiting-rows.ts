import type { Backdoor } from "./database.ts";

/** Events of about this many bytes, whose text no compression makes smaller. */
const TEXTS = 18;
const ROWS_A_STATEMENT = 20_000;

/**
 * Deliveries that wait in `retry`, numbered from 0: delivery i is event i modulo the number of events
 * on its way to an endpoint that no earlier delivery of that event had.
 */
export interface WaitingRows {
  /**
   * Lets the deliveries from one number up to another wait, due `spreadS` seconds ago at the most;
   * where endpoints are named, for these alone.
   */
  add(from: number, to: number, spreadS: number, serials?: readonly number[]): Promise<void>;
  /** How many there may be in all. */
  most: number;
}

export async function makeWaitingRows(
  { pool }: Backdoor,
  o: { events: number; serials: readonly number[]; startAt: number },
): Promise<WaitingRows> {
  const { rows } = await pool.query<{ id: string }>("select id from workspace where is_default");
  const workspaceId = rows[0]?.id;
  for (let from = 0; from < o.events; from += ROWS_A_STATEMENT) {
    const to = Math.min(from + ROWS_A_STATEMENT, o.events);
    await pool.query(MAKE_EVENTS, [from, to - 1, o.startAt, workspaceId]);
  }
  await pool.query("analyze event");
  return {
    most: o.events * o.serials.length,
    async add(from, to, spreadS, serials = o.serials) {
      for (let at = from; at < to; at += ROWS_A_STATEMENT) {
        const last = Math.min(at + ROWS_A_STATEMENT, to) - 1;
        await pool.query(ADD, [at, last, o.startAt, workspaceId, o.events, serials, spreadS]);
      }
    },
  };
}

/** The id of event `n`: a UUIDv7, a thousand of them in each millisecond from the start on. */
const ID = `(lpad(to_hex($3::bigint + n / 1000), 12, '0') || '7' || substr(md5(n::text), 1, 3)
  || '8' || substr(md5(n::text), 4, 15))::uuid`;

/** They are nobody's: process 0 is the row that keeps the highest floor, which no process ever is. */
const MAKE_EVENTS = `
  insert into event (id, workspace_id, type, occurred_at, payload, targets, config_version, owner)
  select ${ID}, $4::uuid, 'bench.waiting', now(),
    '{"type":"bench.waiting","data":{"text":"' ||
      (select string_agg(md5(n || '/' || k || random()), '') from generate_series(1, ${TEXTS}) as k) || '"}}',
    '{}', 1, 0
  from generate_series($1::bigint, $2::bigint) as n`;

const ADD = `
  with waiting as (
    select ${ID} as event_id, ($6::int[])[1 + (n + i / $5) % cardinality($6::int[])] as endpoint
    from (select i, i % $5::bigint as n from generate_series($1::bigint, $2::bigint) as i) as numbers)
  insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
  select event_id, endpoint, $4::uuid, now() - random() * $7::float8 * interval '1 second', 1, 1, 1 from waiting`;
