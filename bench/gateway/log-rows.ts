import { ensureDays } from "../../packages/server/src/storage/retention/partitions.ts";
import type { Backdoor } from "./database.ts";

/** Every so many events there is one of a kind that is hardly ever met. */
const SELDOM = 100_000;
export const RARE_TYPE = "bench.rare";
export const COMMON_TYPE = "bench.type_1";
export const RARE_KIND = "email";
export const COMMON_KIND = "whatsapp";
/** Endpoints of the log. One has half of the dead letters, the last one hardly any. */
export const ENDPOINTS = 200;

const DAYS = 7;
const DAY_MS = 86_400_000;
const EVENTS_A_STATEMENT = 10_000;
/** Events that belong to the one conversation, over all days. */
const SAID = 20;

/**
 * A week of events up to now, each to so many endpoints: the first of them could not be reached, and
 * the others have it.
 */
export async function makeLog(
  { pool }: Backdoor,
  o: { events: number; fanOut: number; serials: readonly number[]; endAt: number },
): Promise<{ conversationId: string }> {
  const startAt = o.endAt - DAYS * DAY_MS;
  const days = Array.from({ length: DAYS + 1 }, (_, day) => nameOf(startAt + day * DAY_MS));
  for (const table of ["event", "delivery"]) await ensureDays(pool, table, days);
  const { rows } = await pool.query<{ id: string; workspaceId: string }>(
    `update conversation set created_at = to_timestamp($1::float8 / 1000), seq = $2, last_event_id = $3
    where id = (select id from conversation order by id limit 1)
    returning id, workspace_id as "workspaceId"`,
    [startAt, SAID, idAt(o.endAt)],
  );
  const conversation = rows[0];
  if (!conversation) throw new Error("there is no conversation");
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < o.events) {
      const from = next;
      next = Math.min(from + EVENTS_A_STATEMENT, o.events);
      await pool.query(MAKE, [
        ...[from, next - 1, startAt, (DAYS * DAY_MS) / o.events, conversation.workspaceId],
        ...[o.serials, o.fanOut, conversation.id, Math.ceil(o.events / SAID)],
      ]);
    }
  };
  // As many at a time as there are cores at the least, and connections.
  await Promise.all([write(), write()]);
  const tables = ["event", "delivery"];
  await Promise.all(tables.map((table) => pool.query(`vacuum (analyze) ${table}`)));
  return { conversationId: conversation.id };
}

/** Has the ledger count the log from its beginning. */
export async function forgetTally({ pool }: Backdoor): Promise<void> {
  await pool.query(`truncate tally, tally_event, tally_delta;
    update tally_floor set floor = '00000000-0000-0000-0000-000000000000'`);
}

function nameOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll("-", "");
}

function idAt(ms: number): string {
  const hex = Math.floor(ms).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7fff-bfff-ffffffffffff`;
}

/** Of endpoints 0 to 198, a prime number of them, each event has different ones. */
const CIRCLE = ENDPOINTS - 1;

const MAKE = `
  with numbers as (
      select n, ($3::float8 + n * $4::float8)::bigint as ms,
        case when n % ${SELDOM} = 7 then ${CIRCLE} when n % 2 = 0 then 0 else n % ${CIRCLE} end as first
      from generate_series($1::bigint, $2::bigint) as n),
    events as (
      insert into event (id, workspace_id, type, conversation_id, channel_kind, occurred_at, payload, targets,
        config_version, owner)
      select (lpad(to_hex(ms), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid,
        $5::uuid, case when n % ${SELDOM} = 99 then '${RARE_TYPE}' else 'bench.type_' || n % 18 end,
        case when n % $9::bigint = 33 then $8::uuid end,
        case when n % ${SELDOM} = 55 then '${RARE_KIND}'
          else (array['${COMMON_KIND}', 'messenger', 'instagram', 'sms'])[1 + n % 4] end,
        to_timestamp(ms / 1000.0), '{"data":{"text":"' || repeat(md5(n::text), 8) || '"}}',
        array[($6::int[])[1 + first]] || array(
          select ($6::int[])[1 + (first + 20 * k) % ${CIRCLE}] from generate_series(1, $7::int - 1) as k),
        1, 0
      from numbers returning id, workspace_id, targets)
  insert into delivery (event_id, endpoint, workspace_id, state, first_state, attempts, delivered_round, last_status,
    last_error, last_at, reason, renderer, body)
  select id, endpoint, workspace_id, outcome, outcome, attempts, delivered_round, last_status, last_error,
    now() - interval '1 hour', reason, 1, body
  from events cross join lateral (
    select endpoint, 'dead' as outcome, 8 as attempts, null::int as delivered_round,
      (array[500, 502, 404, null])[1 + endpoint % 4] as last_status,
      case when endpoint % 4 = 3 then 'timeout' end as last_error, 'exhausted' as reason, repeat(md5(id::text), 16) as body
    from unnest(targets[1:1]) as endpoint
    union all
    select endpoint, 'delivered', 1, 1, 200, null, null, null from unnest(targets[2:]) as endpoint) as outcomes`;
