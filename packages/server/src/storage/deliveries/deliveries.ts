import type { Queryable } from "../../core/events/recording.ts";
import { bools, floats, ints, texts, uuids } from "../connections/columns.ts";
import { isExpungedId } from "../events/expunged.ts";
import { deltaColumns, insertDeltas, type TallyState } from "../figures/tally-deltas.ts";
import { lanesOf, lockLanes, promote } from "../queue/lanes.ts";
import { bounds } from "../queue/retries.ts";

/** What one attempt came to, ready to be written. */
export interface Settlement {
  /** The process that made the attempt, under the registration it had then; null: nobody, of what nobody has leased. */
  process: number | null;
  eventId: string;
  endpoint: number;
  workspaceId: string;
  n: number;
  round: number;
  roundN: number;
  /** Both are set where the delivery keeps its place in its conversation, and null elsewhere. */
  conversationId: string | null;
  seq: number | null;
  state: "delivered" | "pending" | "dead" | "cancelled";
  /** When it is tried again; set exactly when the state is pending. */
  nextAt: number | null;
  /** No request was made when null: a delivery can be cancelled without one. */
  attempt: {
    sentAt: number;
    ms: number;
    firstByteMs: number | null;
    /** What making its connection took; null when it went out on one that was open. */
    connection: { dnsMs: number | null; connectMs: number | null; tlsMs: number | null } | null;
    status: number | null;
    error: string | null;
    detail: string | null;
    response: string | null;
    signedBy: string | null;
    /** What a request signed with the newest secret was answered, before an older one was tried. */
    resentAfter: number | null;
  } | null;
  endedAt: number;
  reason: string | null;
  renderer: number;
  /** Kept from the first failure on, or at once when it follows from more than the event alone. */
  body: string | null;
}

export const ATTEMPT_COLUMNS =
  "event_id, endpoint, n, process, round, sent_at, ms, first_byte_ms, status, error, detail, response, signed_by, dns_ms, connect_ms, tls_ms, resent_after";
export const ATTEMPT_VALUES = `i.event_id, i.endpoint, i.n, i.process, i.round, to_timestamp(i.sent_at / 1000), i.ms,
  i.first_byte_ms, i.status, i.error, i.detail, i.response, i.signed_by, i.dns_ms, i.connect_ms, i.tls_ms,
  i.resent_after`;
/** Whoever comes late with an answer brings no body back that was expunged meanwhile. */
const ATTEMPT_VALUES_KEPT = ATTEMPT_VALUES.replace(
  "i.detail, i.response",
  "case when not i.is_expunged then i.detail end, case when not i.is_expunged then i.response end",
);
const BODY_KEPT = "case when not i.is_expunged then i.body end";
/** The rows of `settlementColumns` under the name `i`. */
export const SETTLEMENT_ROWS = `unnest($1::int[], $2::uuid[], $3::int[], $4::uuid[], $5::int[], $6::int[], $7::int[], $8::uuid[],
    $9::float8[], $10::text[], $11::float8[], $12::float8[], $13::int[], $14::int[], $15::int[], $16::text[],
    $17::text[], $18::text[], $19::uuid[], $20::float8[], $21::text[], $22::int[], $23::text[], $24::int[],
    $25::int[], $26::int[], $27::int[])
  as i (process, event_id, endpoint, workspace_id, n, round, round_n, conversation_id, seq, state, next_at,
    sent_at, ms, first_byte_ms, status, error, detail, response, signed_by, ended_at, reason, renderer, body,
    dns_ms, connect_ms, tls_ms, resent_after)`;

export function settlementColumns(rows: readonly Settlement[]): Buffer[] {
  return [
    ints(rows.map((row) => row.process)),
    uuids(rows.map((row) => row.eventId)),
    ints(rows.map((row) => row.endpoint)),
    uuids(rows.map((row) => row.workspaceId)),
    ints(rows.map((row) => row.n)),
    ints(rows.map((row) => row.round)),
    ints(rows.map((row) => row.roundN)),
    uuids(rows.map((row) => row.conversationId)),
    floats(rows.map((row) => row.seq)),
    texts(rows.map((row) => row.state)),
    floats(rows.map((row) => row.nextAt)),
    floats(rows.map((row) => row.attempt?.sentAt ?? null)),
    ints(rows.map((row) => wholeMs(row.attempt?.ms))),
    ints(rows.map((row) => wholeMs(row.attempt?.firstByteMs))),
    ints(rows.map((row) => row.attempt?.status ?? null)),
    texts(rows.map((row) => row.attempt?.error ?? null)),
    texts(rows.map((row) => row.attempt?.detail ?? null)),
    texts(rows.map((row) => row.attempt?.response ?? null)),
    uuids(rows.map((row) => row.attempt?.signedBy ?? null)),
    floats(rows.map((row) => row.endedAt)),
    texts(rows.map((row) => row.reason)),
    ints(rows.map((row) => row.renderer)),
    texts(rows.map((row) => row.body)),
    ints(rows.map((row) => wholeMs(row.attempt?.connection?.dnsMs))),
    ints(rows.map((row) => wholeMs(row.attempt?.connection?.connectMs))),
    ints(rows.map((row) => wholeMs(row.attempt?.connection?.tlsMs))),
    ints(rows.map((row) => row.attempt?.resentAfter ?? null)),
  ];
}

export function wholeMs(ms: number | null | undefined): number | null {
  return ms == null ? null : Math.round(ms);
}

interface LockedDelivery {
  eventId: string;
  endpoint: number;
  state: TallyState;
  deliveredRound: number | null;
}

interface LockedRetry {
  eventId: string;
  endpoint: number;
  n: number;
  round: number;
  owner: number | null;
}

/** What a settlement may still do, decided under the locks. */
export interface Verdict {
  /** Write the delivery's new state. */
  writes: boolean;
  /** What becomes of its row in `retry`. */
  retry: "leave" | "delete" | "again";
}

/**
 * Success wins over every state and is final. A failure counts only while its process still holds
 * the row in `retry` with this attempt's number: whoever lost it changes nothing.
 */
export function judge(
  row: Settlement,
  delivery: { state: string; deliveredRound: number | null } | undefined,
  retry: { n: number; round: number; owner: number | null } | undefined,
): Verdict {
  const holds = retry !== undefined && retry.owner === row.process && retry.n === row.n;
  if (row.state === "delivered") {
    const done = retry !== undefined && retry.round <= row.round && (holds || retry.owner === null);
    return { writes: true, retry: done ? "delete" : "leave" };
  }
  if (!holds) return { writes: false, retry: "leave" };
  if (delivery?.state === "delivered" && (delivery.deliveredRound ?? 0) >= row.round) {
    return { writes: false, retry: "delete" };
  }
  return { writes: true, retry: row.nextAt === null ? "delete" : "again" };
}

/** What settling has written, and what it has made due besides the outcomes' own next attempts. */
export interface Settled {
  /** Of the outcomes given, those that the deliveries stand by now. */
  written: Settlement[];
  /** Endpoints of deliveries that were held back by one of these and are due now. */
  promoted: number[];
  /** Something that waits for anybody was locked and left: whoever claimed meanwhile has passed it by. */
  isPassedBy: boolean;
}

/** A delivery got its row from another process just now: the settle is to be made again. */
class Overtaken extends Error {
  /** As PostgreSQL names a transaction that another has overtaken. */
  readonly code = "40001";
}

/** Whether the delivery's state is this outcome's: what was delivered stays so. */
function stands({ writes, before }: { writes: boolean; before: TallyState | null }): boolean {
  return writes && before !== "delivered";
}

/**
 * Writes outcomes of deliveries that stand in `retry`, or whose process has lost its right to append.
 * Locks first and writes in the next statement, so that what was waited for is seen. Runs in a
 * transaction; may be repeated when its own end is not known.
 */
export async function settleRetries(
  tx: Queryable,
  rows: readonly Settlement[],
  now: number,
): Promise<Settled> {
  const sorted = [...rows].sort((a, b) =>
    a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : a.endpoint - b.endpoint,
  );
  const [low, high] = bounds(sorted);
  // Locked one by one, in this order. The limits keep the planner at one look-up a row: with stale
  // statistics it would read the whole range instead.
  const keys = [uuids(sorted.map((row) => row.eventId)), ints(sorted.map((row) => row.endpoint))];
  const lanes = lanesOf(sorted);
  if (lanes.length > 0) await lockLanes(tx, lanes);
  const deliveries = await tx.query<LockedDelivery>({
    name: "lock_deliveries",
    text: `select d.event_id as "eventId", d.endpoint, d.state, d.delivered_round as "deliveredRound"
      from unnest($1::uuid[], $2::int[]) as k (event_id, endpoint)
      cross join lateral (select event_id, endpoint, state, delivered_round from delivery d
        where d.event_id = k.event_id and d.endpoint = k.endpoint and d.event_id >= $3 and d.event_id <= $4
        limit 1 for update) d`,
    values: [...keys, low, high],
  });
  const retries = await tx.query<LockedRetry>({
    name: "lock_retries",
    text: `select r.event_id as "eventId", r.endpoint, r.n, r.round, r.owner
      from unnest($1::uuid[], $2::int[]) as k (event_id, endpoint)
      cross join lateral (select event_id, endpoint, n, round, owner from retry r
        where r.event_id = k.event_id and r.endpoint = k.endpoint limit 1 for update) r`,
    values: keys,
  });
  const deliveryOf = new Map(deliveries.rows.map((row) => [`${row.eventId}/${row.endpoint}`, row]));
  const retryOf = new Map(retries.rows.map((row) => [`${row.eventId}/${row.endpoint}`, row]));
  const verdicts = sorted.map((row) => {
    const key = `${row.eventId}/${row.endpoint}`;
    const before = deliveryOf.get(key);
    return { ...judge(row, before, retryOf.get(key)), row, before: before?.state ?? null };
  });
  const changing = verdicts.filter(stands);
  const changes = changing.map(({ row, before }) => ({
    ...row,
    from: before ?? ("pending" as const),
    to: row.state,
  }));
  // What has no row yet was never a first outcome: the ledger hears of it by its delta alone, and
  // `first_state` says so. What has one, and is locked, is inserted too: a conflict is found by its key,
  // where an update joined to these rows reads all between the first of them and the last.
  const { rows: counted } = await tx.query<{ made: number }>({
    name: "settle_retries",
    text: `with i as materialized (
        select i.*, v.writes, v.stands, v.act, v.known, ${isExpungedId("i.event_id")} as is_expunged from ${SETTLEMENT_ROWS.replace("as i (process", "with ordinality as i (process").replace("resent_after)", "resent_after, at)")}
        join unnest($28::bool[], $29::text[], $30::bool[], $31::bool[]) with ordinality as v (writes, act, known, stands, at)
          on v.at = i.at),
      a as (insert into attempt (${ATTEMPT_COLUMNS})
        select ${ATTEMPT_VALUES_KEPT} from i where i.sent_at is not null on conflict do nothing),
      x as (delete from retry r using i
        where i.act = 'delete' and r.event_id = i.event_id and r.endpoint = i.endpoint),
      u as (update retry r set n = i.n + 1, next_at = to_timestamp(i.next_at / 1000), owner = null from i
        where i.act = 'again' and r.event_id = i.event_id and r.endpoint = i.endpoint),
      t as (${insertDeltas(32)}),
      l as (insert into untold_dead_letter (endpoint, event_id, workspace_id, died_at, last_status, last_error)
        select i.endpoint, i.event_id, i.workspace_id, to_timestamp(i.ended_at / 1000), i.status, i.error
        from i where i.stands and i.state = 'dead' on conflict do nothing),
      o as (select i.event_id, i.endpoint, i.workspace_id, i.state, i.n - (i.sent_at is null)::int as attempts, i.round,
          case when i.state = 'delivered' then i.round end as delivered_round, i.status, i.error,
          to_timestamp(i.ended_at / 1000) as last_at, i.reason,
          i.state = 'dead' and i.conversation_id is not null as is_gap, i.renderer, ${BODY_KEPT} as body, i.known
        from i where i.writes),
      w as (insert into delivery as d (event_id, endpoint, workspace_id, state, first_state, attempts, round,
          delivered_round, last_status, last_error, last_at, reason, is_gap, renderer, body)
        select event_id, endpoint, workspace_id, state, 'pending', attempts, round,
          delivered_round, status, error, last_at, reason, is_gap, renderer, body from o where known
        on conflict (event_id, endpoint) do update set
          state = case when d.state = 'delivered' then d.state else excluded.state end,
          delivered_round = greatest(d.delivered_round, excluded.delivered_round),
          attempts = greatest(d.attempts, excluded.attempts),
          round = greatest(d.round, excluded.round),
          last_status = case when excluded.attempts >= d.attempts then excluded.last_status else d.last_status end,
          last_error = case when excluded.attempts >= d.attempts then excluded.last_error else d.last_error end,
          last_at = greatest(d.last_at, excluded.last_at),
          reason = case when d.state = 'delivered' then d.reason else excluded.reason end,
          is_gap = d.is_gap or (excluded.is_gap and d.state <> 'delivered'),
          renderer = case when d.body is null and d.delivered_round is null then excluded.renderer else d.renderer end,
          body = coalesce(d.body, excluded.body)),
      m as (insert into delivery (event_id, endpoint, workspace_id, state, first_state, attempts, round,
          delivered_round, last_status, last_error, last_at, reason, is_gap, renderer, body)
        select event_id, endpoint, workspace_id, state, 'pending', attempts, round,
          delivered_round, status, error, last_at, reason, is_gap, renderer, body from o where not known
        on conflict do nothing returning event_id)
      select count(*)::int as made from m`,
    values: [
      ...settlementColumns(sorted),
      bools(verdicts.map((verdict) => verdict.writes)),
      texts(verdicts.map((verdict) => verdict.retry)),
      bools(verdicts.map((verdict) => verdict.before !== null)),
      bools(verdicts.map(stands)),
      ...deltaColumns(changes),
    ],
  });
  const absent = verdicts.filter(({ writes, before }) => writes && before === null).length;
  if (counted[0]?.made !== absent) throw new Overtaken("a delivery got its row meanwhile");
  const ended = sorted.filter((_, at) => verdicts[at]?.retry === "delete");
  const isPassedBy = verdicts.some(
    ({ retry, row }) =>
      retry === "leave" && retryOf.get(`${row.eventId}/${row.endpoint}`)?.owner === null,
  );
  return {
    written: changing.map(({ row }) => row),
    promoted: await promote(tx, lanesOf(ended), now),
    isPassedBy,
  };
}
