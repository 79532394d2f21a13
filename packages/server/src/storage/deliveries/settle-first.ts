import type { Queryable } from "../../core/events/recording.ts";
import { floats, ints, texts, uuids } from "../connections/columns.ts";
import { codeOf } from "../connections/gate.ts";
import {
  ATTEMPT_COLUMNS,
  ATTEMPT_VALUES,
  SETTLEMENT_ROWS,
  type Settlement,
  settlementColumns,
  wholeMs,
} from "./deliveries.ts";

const UNIQUE_VIOLATION = "23505";

/** What names a delivery. */
interface Key {
  eventId: string;
  endpoint: number;
}

/**
 * Appends first outcomes: the delivery, its attempt and, after a failure, its place in `retry`. Only
 * the living process that accepted the events may do this. Returns null when it was declared dead,
 * else the rows whose delivery somebody else has written: both go `settleRetries`' way.
 */
export async function settleFirst(
  db: Queryable,
  process: number,
  rows: readonly Settlement[],
): Promise<Key[] | null> {
  const plain = rows.filter(isPlainSuccess);
  if (plain.length === 0) return settleAny(db, process, rows);
  const lost = await settlePlain(db, process, plain);
  if (lost === null || plain.length === rows.length) return lost;
  const others = rows.filter((row) => !isPlainSuccess(row));
  const lostToo = await settleAny(db, process, others);
  return lostToo && [...lost, ...lostToo];
}

async function settleAny(
  db: Queryable,
  process: number,
  rows: readonly Settlement[],
): Promise<Key[] | null> {
  const answer = await db.query<{ eventId: string | null; endpoint: number | null }>({
    name: "settle_first",
    text: `with p as materialized (
        select 1 from process where id = $28 and state = 'living' for key share),
      i as materialized (select i.* from p cross join ${SETTLEMENT_ROWS}),
      d as (insert into delivery (event_id, endpoint, workspace_id, state, first_state, attempts, round,
          delivered_round, last_status, last_error, last_at, reason, renderer, body)
        select i.event_id, i.endpoint, i.workspace_id, i.state, i.state, i.n - (i.sent_at is null)::int, i.round,
          case when i.state = 'delivered' then i.round end, i.status, i.error, to_timestamp(i.ended_at / 1000),
          i.reason, i.renderer, i.body from i
        on conflict do nothing returning event_id, endpoint),
      r as (insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n, conversation_id, seq)
        select i.event_id, i.endpoint, i.workspace_id, to_timestamp(i.next_at / 1000), i.n + 1, i.round, i.round_n,
          i.conversation_id, i.seq::bigint
        from i join d on d.event_id = i.event_id and d.endpoint = i.endpoint where i.state = 'pending'
        on conflict do nothing),
      l as (insert into untold_dead_letter (endpoint, event_id, workspace_id, died_at, last_status, last_error)
        select i.endpoint, i.event_id, i.workspace_id, to_timestamp(i.ended_at / 1000), i.status, i.error
        from i join d on d.event_id = i.event_id and d.endpoint = i.endpoint where i.state = 'dead' on conflict do nothing),
      a as (insert into attempt (${ATTEMPT_COLUMNS})
        select ${ATTEMPT_VALUES} from i where i.sent_at is not null on conflict do nothing)
      select null::uuid as "eventId", null::int as endpoint from p
      union all
      select i.event_id, i.endpoint from i
        where not exists (select 1 from d where d.event_id = i.event_id and d.endpoint = i.endpoint)`,
    values: [...settlementColumns(rows), process],
  });
  return lostIn(answer.rows);
}

/** A first request that was taken, on a connection that was open: what nearly all outcomes are. */
interface PlainSuccess extends Settlement {
  state: "delivered";
  attempt: NonNullable<Settlement["attempt"]>;
}

/** Whether `settlePlain` writes all that there is to say of an outcome. */
function isPlainSuccess(row: Settlement): row is PlainSuccess {
  const { attempt } = row;
  return (
    row.state === "delivered" &&
    row.n === 1 &&
    row.round === 1 &&
    row.body === null &&
    row.reason === null &&
    attempt !== null &&
    attempt.connection === null &&
    attempt.resentAfter === null &&
    attempt.error === null &&
    attempt.detail === null
  );
}

/**
 * What `settleFirst` does, for plain successes of one process: less than half of its columns, nothing but
 * a delivery and an attempt to write, and no look whether they are there: if one is, the whole is refused
 * and goes the long way.
 */
async function settlePlain(
  db: Queryable,
  process: number,
  rows: readonly PlainSuccess[],
): Promise<Key[] | null> {
  try {
    const { rowCount } = await db.query({
      name: "settle_plain",
      text: `with p as materialized (
          select 1 from process where id = $12 and state = 'living' for key share),
        i as materialized (select i.* from p cross join unnest($1::uuid[], $2::int[], $3::uuid[], $4::float8[],
            $5::int[], $6::int[], $7::int[], $8::text[], $9::uuid[], $10::float8[], $11::int[])
          as i (event_id, endpoint, workspace_id, sent_at, ms, first_byte_ms, status, response, signed_by,
            ended_at, renderer)),
        d as (insert into delivery (event_id, endpoint, workspace_id, state, first_state, attempts, round,
            delivered_round, last_status, last_at, renderer)
          select i.event_id, i.endpoint, i.workspace_id, 'delivered', 'delivered', 1, 1,
            1, i.status, to_timestamp(i.ended_at / 1000), i.renderer from i),
        a as (insert into attempt (event_id, endpoint, n, process, round, sent_at, ms, first_byte_ms, status,
            response, signed_by)
          select i.event_id, i.endpoint, 1, $12, 1, to_timestamp(i.sent_at / 1000), i.ms, i.first_byte_ms,
            i.status, i.response, i.signed_by from i)
        select from p`,
      values: [
        uuids(rows.map((row) => row.eventId)),
        ints(rows.map((row) => row.endpoint)),
        uuids(rows.map((row) => row.workspaceId)),
        floats(rows.map((row) => row.attempt.sentAt)),
        ints(rows.map((row) => wholeMs(row.attempt.ms))),
        ints(rows.map((row) => wholeMs(row.attempt.firstByteMs))),
        ints(rows.map((row) => row.attempt.status)),
        texts(rows.map((row) => row.attempt.response)),
        uuids(rows.map((row) => row.attempt.signedBy)),
        floats(rows.map((row) => row.endedAt)),
        ints(rows.map((row) => row.renderer)),
        process,
      ],
    });
    return rowCount === 0 ? null : [];
  } catch (error) {
    if (codeOf(error) !== UNIQUE_VIOLATION) throw error;
    return settleAny(db, process, rows);
  }
}

/** Of the answer of a statement above: null where the process is not among the living. */
function lostIn(
  rows: readonly { eventId: string | null; endpoint: number | null }[],
): Key[] | null {
  if (rows.length === 0) return null;
  const lost: Key[] = [];
  for (const { eventId, endpoint } of rows) {
    if (eventId !== null && endpoint !== null) lost.push({ eventId, endpoint });
  }
  return lost;
}
