import type { Queryable } from "../../core/events/recording.ts";
import type { InboundItem } from "../../core/messages/inbound.ts";
import { floats, texts, uuids } from "../connections/columns.ts";

/** Something that came before the message that it speaks of. */
export interface Waiting {
  id: string;
  channelId: string;
  /** What the provider calls the message. */
  target: string;
  provider: "meta" | "twilio";
  item: InboundItem;
  receivedAt: number;
  expiresAt: number;
}

export async function insertWaiting(tx: Queryable, rows: readonly Waiting[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query({
    name: "insert_waiting",
    text: `insert into waiting_item (id, channel_id, target, provider, item, received_at, expires_at)
      select i.id, i.channel_id, i.target, i.provider, i.item, to_timestamp(i.received_at / 1000),
        to_timestamp(i.expires_at / 1000)
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::float8[])
        as i (id, channel_id, target, provider, item, received_at, expires_at)`,
    values: [
      uuids(rows.map((each) => each.id)),
      uuids(rows.map((each) => each.channelId)),
      texts(rows.map((each) => each.target)),
      texts(rows.map((each) => each.provider)),
      texts(rows.map((each) => JSON.stringify(each.item))),
      floats(rows.map((each) => each.receivedAt)),
      floats(rows.map((each) => each.expiresAt)),
    ],
  });
}

interface Row {
  id: string;
  channelId: string;
  item: string;
}

/** Takes what waits for these messages, in the order in which it came. */
export async function takeWaitingFor(
  tx: Queryable,
  names: readonly { channelId: string; providerId: string }[],
): Promise<{ channelId: string; item: InboundItem }[]> {
  if (names.length === 0) return [];
  const { rows } = await tx.query<Row>({
    name: "take_waiting_for",
    text: `delete from waiting_item w using unnest($1::uuid[], $2::text[]) as i (channel_id, target)
      where w.channel_id = i.channel_id and w.target = i.target
      returning w.id, w.channel_id as "channelId", w.item`,
    values: [
      uuids(names.map((each) => each.channelId)),
      texts(names.map((each) => each.providerId)),
    ],
  });
  return rows
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ channelId, item }) => ({ channelId, item: itemOf(item) }));
}

/** Takes these, and answers which of them were still there. */
export async function takeWaiting(
  tx: Queryable,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await tx.query<{ id: string }>({
    name: "take_waiting",
    text: "delete from waiting_item where id = any($1::uuid[]) returning id",
    values: [uuids(ids)],
  });
  return new Set(rows.map(({ id }) => id));
}

export interface Due {
  id: string;
  provider: "meta" | "twilio";
  item: InboundItem;
  /** Nobody waits for it any longer. */
  isOver: boolean;
}

/** What waits for a message that has come by now, or has waited long enough. */
export async function findDueWaiting(db: Queryable, now: number, limit: number): Promise<Due[]> {
  const { rows } = await db.query<Omit<Due, "item"> & { item: string }>({
    name: "find_due_waiting",
    text: `select w.id, w.provider, w.item, w.expires_at <= to_timestamp($1::float8 / 1000) as "isOver"
      from waiting_item w
      where w.expires_at <= to_timestamp($1::float8 / 1000) or exists (
        select from provider_ref r
        where r.channel_id = w.channel_id and r.kind = 'message' and r.provider_id = w.target)
      order by w.id limit $2`,
    values: [now, limit],
  });
  return rows.map((row) => ({ ...row, item: itemOf(row.item) }));
}

/** The cast is safe: the column holds only what JSON.stringify made of an item. */
function itemOf(json: string): InboundItem {
  return JSON.parse(json) as InboundItem;
}
