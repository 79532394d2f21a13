import type { Queryable } from "../../core/events/recording.ts";
import { texts, uuids } from "../connections/columns.ts";
import { type IdentityKey, keyOfIdentity } from "../conversations/contacts.ts";

/** A message of ours that has left and of which its provider has said nothing yet. */
export interface InFlight {
  messageId: string;
  /** JSON text. */
  content: string;
}

/** What is on its way to these people, by `keyOfIdentity`, in the order in which it was to leave. */
export async function findInFlight(
  db: Queryable,
  people: readonly IdentityKey[],
): Promise<Map<string, InFlight[]>> {
  const found = new Map<string, InFlight[]>();
  if (people.length === 0) return found;
  const { rows } = await db.query<IdentityKey & InFlight>({
    name: "find_in_flight",
    text: `select k.channel_id as "channelId", k.kind, k.value, o.message_id as "messageId", m.content
      from (select distinct * from unnest($1::uuid[], $2::text[], $3::text[]) as p (channel_id, kind, value)) k
      join identity i on i.channel_id = k.channel_id and i.kind = k.kind and i.value = k.value
      join conversation c on c.channel_id = k.channel_id and c.contact_id = i.contact_id
      join outbox o on o.conversation_id = c.id and o.state in ('sending', 'in_doubt')
      join message m on m.id = o.message_id
      order by o.place`,
    values: [
      uuids(people.map((each) => each.channelId)),
      texts(people.map((each) => each.kind)),
      texts(people.map((each) => each.value)),
    ],
  });
  for (const row of rows) {
    const key = keyOfIdentity(row);
    found.set(key, [...(found.get(key) ?? []), { messageId: row.messageId, content: row.content }]);
  }
  return found;
}
