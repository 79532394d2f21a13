import type { Queryable } from "../../core/events/recording.ts";
import type { MessageStatus } from "../../core/messages/message-status.ts";
import { texts, uuids } from "../connections/columns.ts";

/** What is to be tried when a message fails: its form is the outbox's own, JSON text. */
export interface Fallback {
  messageId: string;
  workspaceId: string;
  units: string;
  /** The idempotency key that stands for the message and whatever stands in for it. */
  key: string | null;
}

export async function insertFallbacks(
  tx: Queryable,
  fallbacks: readonly Fallback[],
  now: number,
): Promise<void> {
  if (fallbacks.length === 0) return;
  await tx.query({
    name: "insert_fallbacks",
    text: `insert into message_fallback (message_id, workspace_id, units, idempotency_key, created_at)
      select i.message_id, i.workspace_id, i.units, i.key, to_timestamp($5::float8 / 1000)
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as i (message_id, workspace_id, units, key)`,
    values: [
      uuids(fallbacks.map((each) => each.messageId)),
      uuids(fallbacks.map((each) => each.workspaceId)),
      texts(fallbacks.map((each) => each.units)),
      texts(fallbacks.map((each) => each.key)),
      now,
    ],
  });
}

/** The ids of those that have come to that end. */
export function failedAmong(messages: readonly { id: string; status: MessageStatus }[]): string[] {
  return messages.filter(({ status }) => status === "failed").map(({ id }) => id);
}

/** Nothing is to be tried for these messages: they were not wanted any more. */
export async function dropFallbacks(tx: Queryable, messageIds: readonly string[]): Promise<void> {
  if (messageIds.length === 0) return;
  await tx.query({
    name: "drop_fallbacks",
    text: "delete from message_fallback where message_id = any($1::uuid[]) and next_id is null",
    values: [uuids(messageIds)],
  });
}

/** These messages have failed: what was declared for them is to be tried. */
export async function noteFailed(
  tx: Queryable,
  messageIds: readonly string[],
  now: number,
): Promise<void> {
  if (messageIds.length === 0) return;
  await tx.query({
    name: "note_failed",
    text: `update message_fallback set failed_at = to_timestamp($2::float8 / 1000)
      where message_id = any($1::uuid[]) and failed_at is null`,
    values: [uuids(messageIds), now],
  });
}

export interface LockedFallback extends Fallback {
  /** The message that stands in for it already. */
  nextId: string | null;
}

/** Locks what may stand in for those of these messages that have failed. */
export async function lockFallbacks(
  tx: Queryable,
  messageIds: readonly string[],
): Promise<Map<string, LockedFallback>> {
  const { rows } = await tx.query<LockedFallback>({
    name: "lock_fallbacks",
    text: `select message_id as "messageId", workspace_id as "workspaceId", units,
        idempotency_key as key, next_id as "nextId"
      from message_fallback where message_id = any($1::uuid[]) and failed_at is not null
      order by message_id for update`,
    values: [uuids(messageIds)],
  });
  return new Map(rows.map((row) => [row.messageId, row]));
}

/** These messages stand in for those. */
export async function noteStandIns(
  tx: Queryable,
  pairs: readonly { messageId: string; nextId: string }[],
): Promise<void> {
  if (pairs.length === 0) return;
  await tx.query({
    name: "note_stand_ins",
    text: `update message_fallback f set next_id = i.next_id
      from unnest($1::uuid[], $2::uuid[]) as i (message_id, next_id) where f.message_id = i.message_id`,
    values: [uuids(pairs.map((each) => each.messageId)), uuids(pairs.map((each) => each.nextId))],
  });
}

/** The last of those that stand in for a message, one after the other; the message itself where none does. */
export async function lastStandIn(db: Queryable, messageId: string): Promise<string> {
  const { rows } = await db.query<{ id: string }>({
    name: "last_stand_in",
    text: `with recursive chain (id, step) as (
        select $1::uuid, 0
        union all
        select f.next_id, c.step + 1 from chain c join message_fallback f on f.message_id = c.id
        where f.next_id is not null)
      select id from chain order by step desc limit 1`,
    values: [messageId],
  });
  return rows[0]?.id ?? messageId;
}

/** Messages that have failed and that something should stand in for, the oldest first. */
export async function findFailedWithFallback(db: Queryable, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({
    name: "failed_with_fallback",
    text: `select message_id as id from message_fallback
      where failed_at is not null and next_id is null order by failed_at limit $1`,
    values: [limit],
  });
  return rows.map(({ id }) => id);
}

/** Forgets what was kept before an instant; answers how many. */
export async function forgetFallbacks(db: Queryable, before: number): Promise<number> {
  const gone = await db.query({
    text: "delete from message_fallback where created_at < to_timestamp($1::float8 / 1000)",
    values: [before],
  });
  return gone.rowCount ?? 0;
}
