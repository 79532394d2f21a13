import type { Queryable } from "../../core/events/recording.ts";
import { bools, floats, ints, uuids } from "../connections/columns.ts";

/**
 * The deliveries of one conversation to one endpoint that keeps their order. All that waits in it
 * stands in `retry` with the conversation and its number; only the lane's head has a time at which
 * it is due, the others wait until `infinity`.
 */
export interface Lane {
  endpoint: number;
  conversationId: string;
}

export interface LockedLane extends Lane {
  /** Null while nothing in the lane is to be sent. */
  headEventId: string | null;
}

/**
 * Locks lanes, in the order that is the same everywhere, and makes those that there are not. Whoever
 * adds to a lane, or takes from it, holds its lock and does so in the next statement: what it has
 * waited for is seen there.
 */
export async function lockLanes(tx: Queryable, lanes: readonly Lane[]): Promise<LockedLane[]> {
  const { rows } = await tx.query<LockedLane>({
    name: "lock_lanes",
    text: `insert into lane as l (endpoint, conversation_id)
      select distinct endpoint, conversation_id from unnest($1::int[], $2::uuid[]) as k (endpoint, conversation_id)
        order by endpoint, conversation_id
      on conflict (endpoint, conversation_id) do update set head_event_id = l.head_event_id
      returning endpoint, conversation_id as "conversationId", head_event_id as "headEventId"`,
    values: columnsOf(lanes),
  });
  return rows;
}

/** A delivery that has just been accepted and keeps its place in its conversation. */
export interface OrderedRow extends Lane {
  eventId: string;
  workspaceId: string;
  seq: number;
}

/**
 * Adds deliveries to lanes that are locked. The first of a lane in which nothing waits becomes its
 * head, unless `heads` says that this endpoint's lanes get theirs otherwise. Answers the lanes in
 * which something waits without a head.
 */
export async function enterLanes(
  tx: Queryable,
  locked: readonly LockedLane[],
  rows: readonly (OrderedRow & { heads: boolean })[],
  now: number,
): Promise<Lane[]> {
  const free = new Set<string>();
  for (const lane of locked) if (lane.headEventId === null) free.add(nameOf(lane));
  const first = new Map<string, OrderedRow>();
  for (const row of rows) {
    const name = nameOf(row);
    if (row.heads && free.has(name) && row.seq < (first.get(name)?.seq ?? Infinity)) {
      first.set(name, row);
    }
  }
  const { rows: headless } = await tx.query<Lane>({
    name: "enter_lanes",
    text: `with i as materialized (
        select i.*, i.leads and not exists (select from retry r
            where r.endpoint = i.endpoint and r.conversation_id = i.conversation_id) as is_head
        from unnest($1::int[], $2::uuid[], $3::uuid[], $4::uuid[], $5::float8[], $6::bool[], $7::bool[])
          as i (endpoint, conversation_id, event_id, workspace_id, seq, leads, is_free)),
      h as (update lane l set head_event_id = i.event_id, head_seq = i.seq::bigint from i
        where i.is_head and l.endpoint = i.endpoint and l.conversation_id = i.conversation_id),
      r as (insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n, conversation_id, seq)
        select event_id, endpoint, workspace_id,
          case when is_head then to_timestamp($8::float8 / 1000) else 'infinity' end, 1, 1, 1, conversation_id, seq::bigint
        from i order by event_id, endpoint)
      select distinct endpoint, conversation_id as "conversationId" from i where is_free
      except
      select endpoint, conversation_id from i where is_head`,
    values: [
      ...columnsOf(rows),
      uuids(rows.map((row) => row.eventId)),
      uuids(rows.map((row) => row.workspaceId)),
      floats(rows.map((row) => row.seq)),
      bools(rows.map((row) => first.get(nameOf(row)) === row)),
      bools(rows.map((row) => free.has(nameOf(row)))),
      now,
    ],
  });
  return headless;
}

/** Of these lanes, those in which something has failed and is to be tried again. */
export async function heldLanes(db: Queryable, lanes: readonly Lane[]): Promise<Lane[]> {
  const { rows } = await db.query<Lane>({
    name: "held_lanes",
    text: `select distinct r.endpoint, r.conversation_id as "conversationId"
      from unnest($1::int[], $2::uuid[]) as k (endpoint, conversation_id)
      join retry r on r.endpoint = k.endpoint and r.conversation_id = k.conversation_id and r.n > 1`,
    values: columnsOf(lanes),
  });
  return rows;
}

/**
 * Sees to it that what comes first in each of these lanes is its head, due now, and that lanes in
 * which nothing waits are gone. The lanes are locked by a statement before. Answers the endpoints of
 * new heads. Of an endpoint that is behind only what its mark has passed may be a head: something
 * that comes before the rest may still be in the log.
 */
export async function promote(
  tx: Queryable,
  lanes: readonly Lane[],
  now: number,
): Promise<number[]> {
  if (lanes.length === 0) return [];
  const { rows } = await tx.query<{ endpoint: number }>({
    name: "promote",
    text: `with k as materialized (
        select distinct endpoint, conversation_id from unnest($1::int[], $2::uuid[]) as k (endpoint, conversation_id)),
      f as materialized (
        select l.endpoint, l.conversation_id, l.head_event_id, r.event_id, r.seq,
          p.behind_from is null or r.event_id <= p.behind_from or r.event_id = l.head_event_id as may_go
        from k join lane l on l.endpoint = k.endpoint and l.conversation_id = k.conversation_id
        left join endpoint p on p.serial = k.endpoint
        left join lateral (select event_id, seq from retry r
          where r.endpoint = l.endpoint and r.conversation_id = l.conversation_id
          order by r.seq limit 1) r on true),
      x as (delete from lane l using f
        where f.event_id is null and l.endpoint = f.endpoint and l.conversation_id = f.conversation_id),
      h as (update lane l set head_event_id = case when may_go then f.event_id end,
          head_seq = case when may_go then f.seq end from f
        where f.event_id is distinct from f.head_event_id and f.event_id is not null
          and l.endpoint = f.endpoint and l.conversation_id = f.conversation_id),
      u as (update retry r set next_at = to_timestamp($3::float8 / 1000) from f
        where f.may_go and r.event_id = f.event_id and r.endpoint = f.endpoint and r.next_at = 'infinity'
        returning r.endpoint)
      select distinct endpoint from u`,
    values: [...columnsOf(lanes), now],
  });
  return rows.map(({ endpoint }) => endpoint);
}

/** Lanes after `after` whose head is not there any more, in their order. */
export async function listHeadless(
  db: Queryable,
  after: Lane | null,
  limit: number,
): Promise<Lane[]> {
  const { rows } = await db.query<Lane>({
    name: "headless_lanes",
    text: `select l.endpoint, l.conversation_id as "conversationId" from lane l
      where (l.endpoint, l.conversation_id) > ($1::int, $2::uuid)
        and not exists (select from retry r where r.event_id = l.head_event_id and r.endpoint = l.endpoint)
      order by l.endpoint, l.conversation_id limit $3`,
    values: [after?.endpoint ?? 0, after?.conversationId ?? LOWEST_ID, limit],
  });
  return rows;
}

const LOWEST_ID = "00000000-0000-0000-0000-000000000000";

/** The lanes that rows of `retry` stand in; those outside any order are left out. */
export function lanesOf(
  rows: readonly { endpoint: number; conversationId: string | null }[],
): Lane[] {
  return rows.flatMap(({ endpoint, conversationId }) =>
    conversationId === null ? [] : [{ endpoint, conversationId }],
  );
}

function columnsOf(lanes: readonly Lane[]): Buffer[] {
  return [
    ints(lanes.map((lane) => lane.endpoint)),
    uuids(lanes.map((lane) => lane.conversationId)),
  ];
}

function nameOf({ endpoint, conversationId }: Lane): string {
  return `${endpoint}/${conversationId}`;
}
