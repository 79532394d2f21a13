import type { Queryable } from "../../core/events/recording.ts";
import { floats, sparse, texts, uuids } from "../connections/columns.ts";

export interface NewEvent {
  id: string;
  workspaceId: string;
  type: string;
  accountId: string | null;
  channelId: string | null;
  channelKind: string | null;
  conversationId: string | null;
  campaignId: string | null;
  seq: number | null;
  occurredAt: number;
  payload: string;
  /** JSON of the conversation's messages before it, where an endpoint asks for them. */
  history: string | null;
  /** Set where the body is not kept and `payload` is what remains of it: JSON, as the column says. */
  held: string | null;
  /** Serials of the endpoints that it must reach. */
  targets: readonly number[];
  /** The workspace's configuration version that decided the targets. */
  configVersion: number;
}

export interface LockedConversation {
  id: string;
  seq: number;
  lastEventId: string;
}

/** Locks conversations in one order everywhere and reads their numbers. */
export async function lockConversations(
  tx: Queryable,
  ids: readonly string[],
): Promise<LockedConversation[]> {
  const { rows } = await tx.query<LockedConversation>({
    name: "lock_conversations",
    text: `select id, seq::float8 as seq, last_event_id as "lastEventId" from conversation
      where id = any($1::uuid[]) order by id for update`,
    values: [uuids(ids)],
  });
  return rows;
}

/**
 * Appends events and the new numbers of their conversations, and returns how many were written.
 * Fewer than given means: the process was declared dead, an id lies below its published floor, or a
 * workspace's configuration has moved. The caller then rolls back.
 */
export async function appendEvents(
  tx: Queryable,
  owner: number,
  events: readonly NewEvent[],
  conversations: readonly LockedConversation[],
): Promise<number> {
  const { rowCount } = await tx.query({
    name: "append_events",
    text: `with p as materialized (
        select insert_floor from process where id = $1 and state = 'living'),
      c as (update conversation c set seq = u.seq::bigint, last_event_id = u.last_event_id
        from unnest($2::uuid[], $3::float8[], $4::uuid[]) as u (id, seq, last_event_id) where c.id = u.id)
      insert into event (id, workspace_id, type, account_id, channel_id, conversation_id, campaign_id, seq,
        occurred_at, payload, targets, config_version, owner, channel_kind, history, held)
      select i.id, i.workspace_id, i.type, i.account_id, i.channel_id, i.conversation_id, i.campaign_id,
        i.seq::bigint, to_timestamp(i.occurred_at / 1000), i.payload, i.targets::int[], w.config_version, $1,
        i.channel_kind, i.history, i.held
      from p cross join unnest($5::uuid[], $6::uuid[], $7::text[], $8::uuid[], $9::uuid[], $10::uuid[], $11::text[],
        $12::float8[], $13::float8[], $14::text[], $15::text[], $16::float8[], $17::text[], $18::text[], $19::text[])
        as i (id, workspace_id, type, account_id, channel_id, conversation_id, campaign_id, seq, occurred_at,
          payload, targets, version, channel_kind, history, held)
      join workspace w on w.id = i.workspace_id and w.config_version = i.version::bigint
      where i.id > p.insert_floor`,
    values: [
      owner,
      uuids(conversations.map((each) => each.id)),
      floats(conversations.map((each) => each.seq)),
      uuids(conversations.map((each) => each.lastEventId)),
      uuids(events.map((each) => each.id)),
      uuids(events.map((each) => each.workspaceId)),
      texts(events.map((each) => each.type)),
      sparse(uuids, events, (each) => each.accountId),
      sparse(uuids, events, (each) => each.channelId),
      sparse(uuids, events, (each) => each.conversationId),
      sparse(texts, events, (each) => each.campaignId),
      sparse(floats, events, (each) => each.seq),
      floats(events.map((each) => each.occurredAt)),
      texts(events.map((each) => each.payload)),
      texts(events.map((each) => `{${each.targets.join(",")}}`)),
      floats(events.map((each) => each.configVersion)),
      sparse(texts, events, (each) => each.channelKind),
      sparse(texts, events, (each) => each.history),
      sparse(texts, events, (each) => each.held),
    ],
  });
  return rowCount ?? 0;
}
