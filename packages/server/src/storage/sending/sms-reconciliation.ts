import type { Queryable } from "../../core/events/recording.ts";
import type { MessageStatus } from "../../core/messages/message-status.ts";
import { uuids } from "../connections/columns.ts";

/** A channel whose messages are to be compared with Twilio's log. */
export interface ReconcilingChannel {
  id: string;
  /** E.164. */
  externalId: string;
  messagingServiceSid: string | null;
  /** Sealed for `credentialsPlace`. */
  credentials: string;
  /** Everything before has been compared; null at the first time. */
  doneUntil: number | null;
  connectedAt: number;
}

/**
 * Takes the channels whose turn it is; nobody else takes them before `againAt`. One that is new waits
 * for its first turn.
 */
export async function takeReconcilingChannels(
  db: Queryable,
  o: { now: number; againAt: number; limit: number },
): Promise<ReconcilingChannel[]> {
  const { rows } = await db.query<ReconcilingChannel & { isNew: boolean }>({
    name: "take_reconciling_channels",
    text: `with due as (
        select id, reconcile_at is null as is_new from channel
        where kind = 'sms' and deleted_at is null and credentials is not null
          and (reconcile_at is null or reconcile_at <= to_timestamp($1::float8 / 1000))
        order by reconcile_at nulls first limit $3 for update skip locked)
      update channel ch set reconcile_at = to_timestamp($2::float8 / 1000)
      from due where ch.id = due.id
      returning ch.id, ch.external_id as "externalId", ch.messaging_service_sid as "messagingServiceSid",
        ch.credentials, ch.reconciled_until as "doneUntil", ch.created_at as "connectedAt",
        due.is_new as "isNew"`,
    values: [o.now, o.againAt, o.limit],
  });
  return rows.filter(({ isNew }) => !isNew);
}

export async function keepReconciled(
  db: Queryable,
  channelId: string,
  doneUntil: number,
): Promise<void> {
  await db.query({
    name: "keep_reconciled",
    text: "update channel set reconciled_until = to_timestamp($2::float8 / 1000) where id = $1",
    values: [channelId, doneUntil],
  });
}

/** Messages of a channel of which nobody knows whether the provider has them, in their order. */
export async function findDoubtsOf(
  db: Queryable,
  channelId: string,
): Promise<{ messageId: string; request: string; leftAt: number }[]> {
  const { rows } = await db.query<{ messageId: string; request: string; leftAt: number }>({
    name: "find_doubts_of_channel",
    text: `select message_id as "messageId", request, coalesce(left_at, created_at) as "leftAt"
      from outbox where channel_id = $1 and state = 'in_doubt' order by place`,
    values: [channelId],
  });
  return rows;
}

/** How far these messages have come, by id. */
export async function readStatuses(
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, MessageStatus>> {
  if (ids.length === 0) return new Map();
  const sorted = [...ids].sort();
  const { rows } = await db.query<{ id: string; status: MessageStatus }>({
    name: "read_message_statuses",
    text: `select id, status from message where id = any($1::uuid[]) and id >= $2 and id <= $3`,
    values: [uuids(sorted), sorted.at(0), sorted.at(-1)],
  });
  return new Map(rows.map(({ id, status }) => [id, status]));
}
