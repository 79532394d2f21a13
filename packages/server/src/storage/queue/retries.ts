import type { Queryable } from "../../core/events/recording.ts";
import { floats, ints, uuids } from "../connections/columns.ts";
import { lanesOf, lockLanes, promote } from "./lanes.ts";

/** One row of `retry`: a delivery that waits, or is under way again. */
export interface Waiting {
  eventId: string;
  endpoint: number;
  workspaceId: string;
  /** The number of the attempt to come. */
  n: number;
  round: number;
  /** The number of the first attempt of this round. */
  roundN: number;
  /**
   * Both are set where the delivery keeps its place in its conversation: see `lanes.ts`. They are null
   * where no order is kept, and for replays.
   */
  conversationId: string | null;
  seq: number | null;
}

/**
 * Puts deliveries that memory gives up into `retry`, due at once, or leased to their own process
 * when they are in flight. False: the process was declared dead, and recovery takes them.
 */
export async function overflow(
  db: Queryable,
  process: number,
  rows: readonly (Waiting & { leased: boolean })[],
  now: number,
): Promise<boolean> {
  const { rows: answer } = await db.query<{ living: number }>({
    name: "overflow",
    text: `with p as materialized (
        select 1 from process where id = $1 and state = 'living' for key share),
      r as (insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n, conversation_id, seq, owner)
        select i.event_id, i.endpoint, i.workspace_id, to_timestamp($2::float8 / 1000), i.n, i.round, i.round_n,
          i.conversation_id, i.seq::bigint, i.owner
        from p cross join unnest($3::uuid[], $4::int[], $5::uuid[], $6::int[], $7::int[], $8::int[], $9::uuid[],
          $10::float8[], $11::int[]) as i (event_id, endpoint, workspace_id, n, round, round_n, conversation_id, seq, owner)
        order by i.event_id, i.endpoint
        on conflict do nothing)
      select count(*)::int as living from p`,
    values: [
      process,
      now,
      uuids(rows.map((row) => row.eventId)),
      ints(rows.map((row) => row.endpoint)),
      uuids(rows.map((row) => row.workspaceId)),
      ints(rows.map((row) => row.n)),
      ints(rows.map((row) => row.round)),
      ints(rows.map((row) => row.roundN)),
      uuids(rows.map((row) => row.conversationId)),
      floats(rows.map((row) => row.seq)),
      ints(rows.map((row) => (row.leased ? process : null))),
    ],
  });
  return answer[0]?.living === 1;
}

export interface Claim {
  endpoint: number;
  slots: number;
  /** No due row of the endpoint lies below it, as far as this process knows (ms since the epoch). */
  lowerBound: number;
}

export type Claimed = Waiting & { nextAt: number };

/**
 * Leases what is due, endpoint by endpoint in the order given. A row that another is taking is
 * skipped, not waited for. A lease has no time: it holds while its owner lives.
 */
export async function claimDue(
  db: Queryable,
  process: number,
  claims: readonly Claim[],
  now: number,
): Promise<Claimed[]> {
  const { rows } = await db.query<Claimed>({
    name: "claim_due",
    text: `with p as materialized (
        select 1 from process where id = $1 and state = 'living' for key share),
      c as materialized (
        select r.* from p
        cross join unnest($2::int[], $3::int[], $4::float8[]) as e (endpoint, slots, lower_bound)
        cross join lateral (
          select event_id, endpoint, workspace_id, next_at, n, round, round_n, conversation_id, seq from retry r
          where r.endpoint = e.endpoint and r.next_at >= to_timestamp(e.lower_bound / 1000)
            and r.next_at <= to_timestamp($5::float8 / 1000) and r.owner is null
          order by r.next_at limit e.slots for update skip locked) r),
      u as (update retry r set owner = $1 from c where r.event_id = c.event_id and r.endpoint = c.endpoint)
      select event_id as "eventId", endpoint, workspace_id as "workspaceId", n, round, round_n as "roundN",
        conversation_id as "conversationId", seq::float8 as seq,
        (extract(epoch from next_at) * 1000)::float8 as "nextAt" from c`,
    values: [
      process,
      ints(claims.map((claim) => claim.endpoint)),
      ints(claims.map((claim) => claim.slots)),
      floats(claims.map((claim) => claim.lowerBound)),
      now,
    ],
  });
  return rows;
}

export interface Fetched {
  eventId: string;
  endpoint: number;
  type: string | null;
  payload: string | null;
  history: string | null;
  held: string | null;
  state: string | null;
  deliveryRound: number | null;
  deliveredRound: number | null;
  body: string | null;
  renderer: number | null;
}

/**
 * What the claimed rows stand for. A row whose event is gone comes back without a payload. The limits
 * keep the planner at one look-up a row: with stale statistics it would read the whole range instead.
 */
export async function fetchClaimed(db: Queryable, claimed: readonly Waiting[]): Promise<Fetched[]> {
  const [low, high] = bounds(claimed);
  const { rows } = await db.query<Fetched>({
    name: "fetch_claimed",
    text: `select k.event_id as "eventId", k.endpoint, e.type, e.payload, e.history, e.held, d.state, d.round as "deliveryRound",
        d.delivered_round as "deliveredRound", d.body, d.renderer
      from unnest($1::uuid[], $2::int[]) as k (event_id, endpoint)
      left join lateral (select type, payload, history, held from event e
        where e.id = k.event_id and e.id >= $3 and e.id <= $4 limit 1) e on true
      left join lateral (select state, round, delivered_round, body, renderer from delivery d
        where d.event_id = k.event_id and d.endpoint = k.endpoint
          and d.event_id >= $3 and d.event_id <= $4 limit 1) d on true`,
    values: [
      uuids(claimed.map((row) => row.eventId)),
      ints(claimed.map((row) => row.endpoint)),
      low,
      high,
    ],
  });
  return rows;
}

/** When the endpoints' next rows are due that nobody has leased; endpoints without one are left out. */
export async function peekDue(
  db: Queryable,
  endpoints: readonly { endpoint: number; lowerBound: number }[],
): Promise<{ endpoint: number; nextAt: number }[]> {
  const { rows } = await db.query<{ endpoint: number; nextAt: number }>({
    name: "peek_due",
    text: `select e.endpoint, (extract(epoch from r.next_at) * 1000)::float8 as "nextAt"
      from unnest($1::int[], $2::float8[]) as e (endpoint, lower_bound)
      cross join lateral (select next_at from retry r
        where r.endpoint = e.endpoint and r.next_at >= to_timestamp(e.lower_bound / 1000)
          and r.next_at < 'infinity' and r.owner is null
        order by r.next_at limit 1) r`,
    values: [
      ints(endpoints.map((each) => each.endpoint)),
      floats(endpoints.map((each) => each.lowerBound)),
    ],
  });
  return rows;
}

/**
 * Every endpoint that has something waiting and its earliest time: one index probe an endpoint. It
 * trusts no lower bound, so it reads dead rows too; it runs rarely and off the hot path.
 */
export async function scanEndpoints(
  db: Queryable,
): Promise<{ endpoint: number; workspaceId: string; nextAt: number }[]> {
  const { rows } = await db.query<{ endpoint: number; workspaceId: string; nextAt: number }>({
    name: "scan_endpoints",
    text: `with recursive t as (
        (select endpoint, workspace_id, next_at from retry order by endpoint, next_at limit 1)
        union all
        select n.endpoint, n.workspace_id, n.next_at from t cross join lateral (
          select endpoint, workspace_id, next_at from retry where endpoint > t.endpoint
          order by endpoint, next_at limit 1) n)
      select endpoint, workspace_id as "workspaceId", (extract(epoch from next_at) * 1000)::float8 as "nextAt" from t
      where next_at < 'infinity'`,
  });
  return rows;
}

export interface Lease {
  eventId: string;
  endpoint: number;
  /** The process that holds it. */
  owner: number;
}

/**
 * The leases of a process, and those of processes that count no more, which nobody else would free. Reads
 * the whole table: with an index on the owner each lease would be written into every other index too.
 */
export async function listLeases(db: Queryable, owner: number): Promise<Lease[]> {
  const { rows } = await db.query<Lease>({
    name: "list_leases",
    text: `select r.event_id as "eventId", r.endpoint, r.owner
      from retry r left join process p on p.id = r.owner and p.state in ('living', 'dead')
      where r.owner is not null and (r.owner = $1 or p.id is null)`,
    values: [owner],
  });
  return rows;
}

/**
 * Gives leases back: the rows are due, for anybody. They keep their place; answers when they were due.
 * The owner is compared so that statistics say nothing of it: where hardly anything is leased when they are
 * made, PostgreSQL would expect one row of this owner, and go through all that it has for each key.
 */
export async function releaseLeases(
  db: Queryable,
  owner: number,
  rows: readonly { eventId: string; endpoint: number }[],
  now: number,
): Promise<{ endpoint: number; nextAt: number }[]> {
  const { rows: released } = await db.query<{ endpoint: number; nextAt: number }>({
    name: "release_leases",
    text: `update retry r set owner = null, next_at = least(r.next_at, to_timestamp($4::float8 / 1000))
      from unnest($2::uuid[], $3::int[]) as k (event_id, endpoint)
      where r.event_id = k.event_id and r.endpoint = k.endpoint and coalesce(r.owner, 0) = $1
      returning r.endpoint, (extract(epoch from r.next_at) * 1000)::float8 as "nextAt"`,
    values: [
      owner,
      uuids(rows.map((row) => row.eventId)),
      ints(rows.map((row) => row.endpoint)),
      now,
    ],
  });
  return released;
}

/**
 * Deletes rows that lead nowhere: their event is gone or their delivery is final. Runs in a
 * transaction; answers the endpoints of what was held back by them and is due now.
 */
export async function dropRetries(
  tx: Queryable,
  owner: number,
  rows: readonly { eventId: string; endpoint: number; conversationId: string | null }[],
  now: number,
): Promise<number[]> {
  const lanes = lanesOf(rows);
  if (lanes.length > 0) await lockLanes(tx, lanes);
  await tx.query({
    name: "drop_retries",
    text: `delete from retry r using unnest($2::uuid[], $3::int[]) as k (event_id, endpoint)
      where r.event_id = k.event_id and r.endpoint = k.endpoint and coalesce(r.owner, 0) = $1`,
    values: [owner, uuids(rows.map((row) => row.eventId)), ints(rows.map((row) => row.endpoint))],
  });
  return promote(tx, lanes, now);
}

/** How many rows there were when they were last counted by a vacuum; below zero before the first. */
export async function estimateRetries(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ rows: number }>({
    name: "estimate_retries",
    text: `select reltuples::float8 as rows from pg_class where oid = 'retry'::regclass`,
  });
  return rows[0]?.rows ?? -1;
}

/** Removes what is dead from the queue's tables. Where somebody else is at one, it is left to him. */
export async function vacuumQueue(db: Queryable): Promise<void> {
  await db.query("vacuum (analyze false, skip_locked) retry, lane");
}

export function bounds(rows: readonly { eventId: string }[]): [string, string] {
  let low = "ffffffff-ffff-ffff-ffff-ffffffffffff";
  let high = "00000000-0000-0000-0000-000000000000";
  for (const { eventId } of rows) {
    if (eventId < low) low = eventId;
    if (eventId > high) high = eventId;
  }
  return [low, high];
}
