import type { Queryable } from "../../core/events/recording.ts";
import type { ChannelKind } from "../../core/messages/channel-kinds.ts";
import type { MessageStatus } from "../../core/messages/message-status.ts";
import { bools, floats, texts, uuids } from "../connections/columns.ts";
import type { Owner } from "../workspaces/accounts.ts";

export interface OutboxEntry {
  messageId: string;
  workspaceId: string;
  channelId: string;
  conversationId: string;
  /** What the outbox must know to send it, as JSON text; its form is the outbox's own. */
  request: string;
  nextAt: number;
  /** Until then it stands in nobody's way; null for now. */
  sendAt: number | null;
  /** While it is in doubt, what comes after it in the conversation waits. */
  holdsInDoubt: boolean;
}

/** Puts messages into the outbox, in the transaction that makes them. */
export async function insertOutbox(
  tx: Queryable,
  entries: readonly OutboxEntry[],
  now: number,
): Promise<void> {
  await tx.query({
    name: "insert_outbox",
    text: `insert into outbox (message_id, workspace_id, channel_id, conversation_id, state, request, next_at,
        created_at, send_at, holds_in_doubt)
      select i.message_id, i.workspace_id, i.channel_id, i.conversation_id, 'queued', i.request,
        to_timestamp(i.next_at / 1000), to_timestamp($7::float8 / 1000), to_timestamp(i.send_at / 1000),
        i.holds_in_doubt
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::float8[], $8::float8[],
        $9::bool[])
        as i (message_id, workspace_id, channel_id, conversation_id, request, next_at, send_at, holds_in_doubt)`,
    values: [
      uuids(entries.map((each) => each.messageId)),
      uuids(entries.map((each) => each.workspaceId)),
      uuids(entries.map((each) => each.channelId)),
      uuids(entries.map((each) => each.conversationId)),
      texts(entries.map((each) => each.request)),
      floats(entries.map((each) => each.nextAt)),
      now,
      floats(entries.map((each) => each.sendAt)),
      bools(entries.map((each) => each.holdsInDoubt)),
    ],
  });
}

/** A message of ours that may leave now, once; `attempt` names this leave to go. */
export interface Leaving extends OutboxPlace {
  request: string;
  /** When the customer last wrote. */
  lastInboundAt: number | null;
  /** The customer has said since that they want no messages. */
  isOptedOut: boolean;
}

/**
 * Nothing earlier of its conversation stands before it. What waits for its hour does not, nor what is
 * in doubt, unless it can be told from what follows by its order alone. By place, which the database
 * gives: ids of two processes need not be in the order in which they were made.
 */
const isHead = (now: string) => `not exists (select 1 from outbox e
  where e.conversation_id = o.conversation_id and e.place < o.place
    and (e.state in ('queued', 'sending') or e.holds_in_doubt)
    and (e.send_at is null or e.send_at <= to_timestamp(${now}::float8 / 1000)))`;
const CHANNEL_MOVES = `c.id = o.channel_id and c.deleted_at is null
  and (c.state <> 'paused' or c.paused_until <= to_timestamp($2::float8 / 1000))`;

/**
 * `queued` → `sending` by compare-and-set, for those of the messages that are due, first in their
 * conversation and on a channel that moves and is none of the `resting`. None when `process` is not among the living: whoever
 * was declared dead leaves nothing. None while the instance holds its messages back. The message is locked before its entry, as everywhere.
 */
export async function leave(
  db: Queryable,
  o: { process: number; messageIds: readonly string[]; now: number; resting: readonly string[] },
): Promise<Leaving[]> {
  const ids = [...o.messageIds].sort();
  const { rows } = await db.query<Leaving>({
    name: "leave_outbox",
    text: `with p as materialized (
        select 1 from process where id = $1 and state = 'living'
          and not exists (select from instance where messages_held_at is not null) for key share),
      m as materialized (
        select m.id from p cross join message m
        where m.id = any($3::uuid[]) and m.id >= $4 and m.id <= $5 and m.status = 'queued'
        order by m.id for update of m skip locked),
      left_now as (
        update outbox o set state = 'sending', owner = $1, attempts = o.attempts + 1,
          left_at = to_timestamp($2::float8 / 1000)
        from m, channel c
        where o.message_id = m.id and o.state = 'queued' and o.cancelled_at is null and o.next_at <= to_timestamp($2::float8 / 1000)
          and ${CHANNEL_MOVES} and c.id <> all($6::uuid[]) and ${isHead("$2")}
        returning o.message_id, o.workspace_id, o.channel_id, c.kind, o.conversation_id, o.request, o.attempts),
      told as (
        update message m set status = 'sending' from left_now l
        where m.id = l.message_id and m.id >= $4 and m.id <= $5)
      select l.message_id as "messageId", l.workspace_id as "workspaceId", l.channel_id as "channelId",
        l.kind as "channelKind", l.conversation_id as "conversationId", l.request, l.attempts as attempt,
        v.last_inbound_at as "lastInboundAt",
        exists (select 1 from consent k where k.channel_id = l.channel_id and k.contact_id = v.contact_id
          and k.topic = '' and k.state = 'opted_out') as "isOptedOut"
      from left_now l join conversation v on v.id = l.conversation_id order by l.message_id`,
    values: [o.process, o.now, uuids(ids), ids.at(0), ids.at(-1), uuids(o.resting)],
  });
  return rows;
}

/**
 * Messages that could leave, channels in turn: the first of each channel before the second of any.
 * Nothing is locked; `leave` decides. Channels that stand still cost one look-up each.
 */
export async function findDue(
  db: Queryable,
  o: { now: number; perChannel: number; limit: number; resting: readonly string[] },
): Promise<{ messageId: string; channelId: string }[]> {
  const { rows } = await db.query<{ messageId: string; channelId: string }>({
    name: "find_due_outbox",
    text: `with recursive waiting (id) as (
        (select channel_id from outbox order by channel_id limit 1)
        union all
        select (select o.channel_id from outbox o where o.channel_id > w.id order by o.channel_id limit 1)
        from waiting w where w.id is not null)
      select d.message_id as "messageId", w.id as "channelId"
      from waiting w
      join channel c on c.id = w.id and c.deleted_at is null
        and (c.state <> 'paused' or c.paused_until <= to_timestamp($1::float8 / 1000))
      cross join lateral (
        select o.message_id, row_number() over (order by o.next_at, o.place) as turn
        from outbox o
        where o.channel_id = w.id and o.state = 'queued' and o.cancelled_at is null and o.next_at <= to_timestamp($1::float8 / 1000)
          and ${isHead("$1")}
        order by o.next_at, o.place limit $2) d
      where w.id <> all($4::uuid[])
      order by d.turn, w.id limit $3`,
    values: [o.now, o.perChannel, o.limit, uuids(o.resting)],
  });
  return rows;
}

/** The message of a conversation that could leave next, if it could now. */
export async function findNextOf(
  db: Queryable,
  conversationId: string,
  now: number,
): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>({
    name: "find_next_outbox",
    text: `select message_id as id from outbox where conversation_id = $1 and state = 'queued'
      and next_at <= to_timestamp($2::float8 / 1000) order by place limit 1`,
    values: [conversationId, now],
  });
  return rows[0]?.id ?? null;
}

/** How a message stands for whoever waits to hear of it. */
export interface Standing {
  status: MessageStatus;
  providerId: string | null;
  /** JSON text. */
  error: string | null;
  /** Null when it has left the outbox. */
  state: LockedEntry["state"] | null;
  nextAt: number;
}

export async function findStanding(db: Queryable, messageId: string): Promise<Standing | null> {
  const { rows } = await db.query<Standing>({
    name: "find_standing",
    text: `select m.status, m.provider_id as "providerId", m.error, o.state,
        coalesce(o.next_at, m.created_at) as "nextAt"
      from message m left join outbox o on o.message_id = m.id where m.id = $1`,
    values: [messageId],
  });
  return rows[0] ?? null;
}

export interface LockedEntry {
  messageId: string;
  state: "queued" | "sending" | "in_doubt";
  attempt: number;
  request: string;
  nextAt: number;
  doubtUntil: number | null;
}

/** Locks the entries that are still there. Their messages are locked before. */
export async function lockOutbox(tx: Queryable, ids: readonly string[]): Promise<LockedEntry[]> {
  const { rows } = await tx.query<LockedEntry>({
    name: "lock_outbox",
    text: `select message_id as "messageId", state, attempts as attempt, request, next_at as "nextAt",
        doubt_until as "doubtUntil"
      from outbox where message_id = any($1::uuid[]) order by message_id for update`,
    values: [uuids(ids)],
  });
  return rows;
}

export async function deleteOutbox(tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query({
    name: "delete_outbox",
    text: "delete from outbox where message_id = any($1::uuid[])",
    values: [uuids(ids)],
  });
}

/** Back into the queue until `nextAt`. */
export async function requeueOutbox(
  tx: Queryable,
  entries: readonly { messageId: string; request: string; nextAt: number }[],
): Promise<void> {
  if (entries.length === 0) return;
  await tx.query({
    name: "requeue_outbox",
    text: `update outbox o set state = 'queued', owner = null, doubt_until = null, request = i.request,
        next_at = to_timestamp(i.next_at / 1000)
      from unnest($1::uuid[], $2::text[], $3::float8[]) as i (message_id, request, next_at)
      where o.message_id = i.message_id`,
    values: [
      uuids(entries.map((each) => each.messageId)),
      texts(entries.map((each) => each.request)),
      floats(entries.map((each) => each.nextAt)),
    ],
  });
}

/** Nobody knows what became of them; until `doubtUntil` the provider's own word is waited for. */
export async function doubtOutbox(
  tx: Queryable,
  ids: readonly string[],
  doubtUntil: number,
): Promise<void> {
  if (ids.length === 0) return;
  await tx.query({
    name: "doubt_outbox",
    text: `update outbox set state = 'in_doubt', owner = null, doubt_until = to_timestamp($2::float8 / 1000)
      where message_id = any($1::uuid[]) and state = 'sending'`,
    values: [uuids(ids), doubtUntil],
  });
}

/**
 * Everything that a process had on its way is in doubt from now on: it is never sent again blindly.
 * For a process that was declared dead, and for one that stops before its answers came.
 */
export async function doubtOutboxOf(
  tx: Queryable,
  process: number,
  doubtUntil: number,
): Promise<number> {
  const doubted = await tx.query({
    text: `update outbox set state = 'in_doubt', owner = null, doubt_until = to_timestamp($2::float8 / 1000)
      where message_id in (select message_id from outbox where owner = $1 and state = 'sending'
        order by message_id for update)`,
    values: [process, doubtUntil],
  });
  return doubted.rowCount ?? 0;
}

/** The same for entries whose process is gone without anybody having taken over from it. */
export async function doubtOrphanedOutbox(db: Queryable, doubtUntil: number): Promise<number> {
  const doubted = await db.query({
    text: `update outbox set state = 'in_doubt', owner = null, doubt_until = to_timestamp($1::float8 / 1000)
      where message_id in (
        select o.message_id from outbox o
        where o.owner is not null and o.state = 'sending' and not exists (
          select 1 from process p where p.id = o.owner and p.state in ('living', 'dead'))
        order by o.message_id for update of o)`,
    values: [doubtUntil],
  });
  return doubted.rowCount ?? 0;
}

/** An entry and where its message belongs. */
export interface OutboxPlace {
  messageId: string;
  workspaceId: string;
  channelId: string;
  channelKind: ChannelKind;
  conversationId: string;
  attempt: number;
}

const PLACE = `o.message_id as "messageId", o.workspace_id as "workspaceId", o.channel_id as "channelId",
  c.kind as "channelKind", o.conversation_id as "conversationId", o.attempts as attempt`;

/** Messages in doubt whose time is over. */
export async function findOverdueDoubts(
  db: Queryable,
  now: number,
  limit: number,
): Promise<OutboxPlace[]> {
  const { rows } = await db.query<OutboxPlace>({
    name: "overdue_doubts",
    text: `select ${PLACE} from outbox o join channel c on c.id = o.channel_id
      where o.state = 'in_doubt' and o.doubt_until <= to_timestamp($1::float8 / 1000)
      order by o.doubt_until limit $2`,
    values: [now, limit],
  });
  return rows;
}

/** Cancels every message that is queued, with what would stand in for it; answers how many. In a transaction. */
export async function cancelQueued(tx: Queryable, now: number): Promise<number> {
  await tx.query(
    `delete from message_fallback where message_id in (select message_id from outbox where state = 'queued')
      or (failed_at is not null and next_id is null)`,
  );
  const { rowCount } = await tx.query({
    text: "update outbox set cancelled_at = $1 where state = 'queued' and cancelled_at is null",
    values: [new Date(now)],
  });
  return rowCount ?? 0;
}

/** Where a message stands in the outbox, as far as `owner` may see it; null when it is there no more. */
export async function findOutboxPlace(
  db: Queryable,
  { workspaceId, accountId }: Owner,
  messageId: string,
): Promise<OutboxPlace | null> {
  const { rows } = await db.query<OutboxPlace>({
    name: "outbox_place",
    text: `select ${PLACE} from outbox o join channel c on c.id = o.channel_id
      where o.message_id = $3 and o.workspace_id = $1 and ($2::uuid is null or c.account_id = $2::uuid)`,
    values: [workspaceId, accountId, messageId],
  });
  return rows[0] ?? null;
}

/** Queued messages that an operator has cancelled. */
export async function findCancelledOutbox(db: Queryable, limit: number): Promise<OutboxPlace[]> {
  const { rows } = await db.query<OutboxPlace>({
    name: "cancelled_outbox",
    text: `select ${PLACE} from outbox o join channel c on c.id = o.channel_id
      where o.cancelled_at is not null and o.state = 'queued' order by o.message_id limit $1`,
    values: [limit],
  });
  return rows;
}

/** Messages that wait for a channel that is gone. */
export async function findStrandedOutbox(db: Queryable, limit: number): Promise<OutboxPlace[]> {
  const { rows } = await db.query<OutboxPlace>({
    name: "stranded_outbox",
    text: `select ${PLACE}
      from channel c cross join lateral (
        select * from outbox where channel_id = c.id and state = 'queued' limit $1) o
      where c.deleted_at is not null limit $1`,
    values: [limit],
  });
  return rows;
}

/**
 * What a process has on its way, for it to compare with what it knows: a leave to go whose answer was
 * lost is a message that never left.
 */
export async function listOutboxOf(db: Queryable, process: number): Promise<OutboxPlace[]> {
  const { rows } = await db.query<OutboxPlace>({
    name: "outbox_of",
    text: `select ${PLACE} from outbox o join channel c on c.id = o.channel_id
      where o.owner = $1 and o.state = 'sending'`,
    values: [process],
  });
  return rows;
}
