import type { Queryable } from "../../core/events/recording.ts";

/** The provider's id of the last message that the customer wrote in a conversation. */
export async function lastReceivedId(
  db: Queryable,
  conversationId: string,
): Promise<string | null> {
  const { rows } = await db.query<{ providerId: string }>({
    name: "last_received",
    text: `select provider_id as "providerId" from message
      where conversation_id = $1 and direction = 'inbound' and provider_id is not null
      order by id desc limit 1`,
    values: [conversationId],
  });
  return rows[0]?.providerId ?? null;
}
