import type { MessageRow } from "../../core/events/envelope.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { ints, uuids } from "../connections/columns.ts";

/** Whose last messages are wanted: of a conversation, those before a message (a uuid). */
export interface HistoryWish {
  conversationId: string;
  before: string;
  most: number;
}

/** The last messages that each wish asks for, by its place in the list; the oldest first. */
export async function readHistories(
  tx: Queryable,
  wishes: readonly HistoryWish[],
): Promise<MessageRow[][]> {
  const { rows } = await tx.query<MessageRow & { place: number }>({
    name: "read_histories",
    text: `select i.place::int as place, m.* from unnest($1::uuid[], $2::uuid[], $3::int[])
        with ordinality as i (conversation_id, before, most, place)
      cross join lateral (select id, serial, provider_id as "providerId", direction, actor,
          actor_id as "actorId", status, content, quoted, ticket_ref as "ticketRef", metadata, error, referral, traits,
          (extract(epoch from sent_at) * 1000)::float8 as "sentAt",
          (extract(epoch from received_at) * 1000)::float8 as "receivedAt"
        from message where conversation_id = i.conversation_id and id < i.before
        order by id desc limit i.most) m
      order by i.place, m.id`,
    values: [
      uuids(wishes.map((each) => each.conversationId)),
      uuids(wishes.map((each) => each.before)),
      ints(wishes.map((each) => each.most)),
    ],
  });
  const histories: MessageRow[][] = wishes.map(() => []);
  for (const { place, ...message } of rows) histories[place - 1]?.push(message);
  return histories;
}
