import type { Queryable } from "../../core/events/recording.ts";
import { floats, texts, uuids } from "../connections/columns.ts";

/** What somebody wants to get on a channel. An empty topic is everything. */
export interface Consent {
  workspaceId: string;
  channelId: string;
  contactId: string;
  topic: string;
  state: "opted_in" | "opted_out";
  changedAt: number;
}

function keyOf({ channelId, contactId, topic }: Consent): string {
  return `${channelId} ${contactId} ${topic}`;
}

/** Notes who wants what. An older word never undoes a newer one. */
export async function saveConsents(tx: Queryable, consents: readonly Consent[]): Promise<void> {
  const latest = new Map<string, Consent>();
  for (const each of consents) {
    const other = latest.get(keyOf(each));
    if (!other || other.changedAt <= each.changedAt) latest.set(keyOf(each), each);
  }
  const rows = [...latest.values()];
  if (rows.length === 0) return;
  await tx.query({
    name: "save_consents",
    text: `insert into consent (workspace_id, channel_id, contact_id, topic, state, changed_at)
      select i.workspace_id, i.channel_id, i.contact_id, i.topic, i.state, to_timestamp(i.changed_at / 1000)
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::float8[])
        as i (workspace_id, channel_id, contact_id, topic, state, changed_at)
      order by i.channel_id, i.contact_id, i.topic
      on conflict (channel_id, contact_id, topic) do update
        set state = excluded.state, changed_at = excluded.changed_at
        where consent.changed_at <= excluded.changed_at`,
    values: [
      uuids(rows.map((each) => each.workspaceId)),
      uuids(rows.map((each) => each.channelId)),
      uuids(rows.map((each) => each.contactId)),
      texts(rows.map((each) => each.topic)),
      texts(rows.map((each) => each.state)),
      floats(rows.map((each) => each.changedAt)),
    ],
  });
}

export type Hindrance = "channel_deleted" | "opted_out";

/** What keeps every message back from these contacts on these channels: `<channel> <contact>`, where something does. */
export async function findHindrances(
  db: Queryable,
  people: readonly { channelId: string; contactId: string }[],
): Promise<ReadonlyMap<string, Hindrance>> {
  if (people.length === 0) return new Map();
  const optedOut = await findOptedOut(db, people);
  const { rows } = await db.query<{ id: string }>({
    text: "select id from channel where id = any($1::uuid[]) and deleted_at is not null",
    values: [uuids(people.map((each) => each.channelId))],
  });
  const deleted = new Set(rows.map(({ id }) => id));
  return new Map(
    people.flatMap(({ channelId, contactId }): [string, Hindrance][] => {
      const key = `${channelId} ${contactId}`;
      if (deleted.has(channelId)) return [[key, "channel_deleted"]];
      return optedOut.has(key) ? [[key, "opted_out"]] : [];
    }),
  );
}

/** Which of these contacts have said already that they want nothing on the channel: `<channel> <contact>`. */
export async function findOptedOut(
  tx: Queryable,
  people: readonly { channelId: string; contactId: string }[],
): Promise<ReadonlySet<string>> {
  if (people.length === 0) return new Set();
  const { rows } = await tx.query<{ channelId: string; contactId: string }>({
    name: "find_opted_out",
    text: `select k.channel_id as "channelId", k.contact_id as "contactId" from consent k
      join unnest($1::uuid[], $2::uuid[]) as i (channel_id, contact_id)
        on i.channel_id = k.channel_id and i.contact_id = k.contact_id
      where k.topic = '' and k.state = 'opted_out'`,
    values: [
      uuids(people.map((each) => each.channelId)),
      uuids(people.map((each) => each.contactId)),
    ],
  });
  return new Set(rows.map(({ channelId, contactId }) => `${channelId} ${contactId}`));
}
