import type { Queryable } from "../../core/events/recording.ts";
import type { ChannelKind } from "../../core/messages/channel-kinds.ts";
import type { ChannelAddress, IdentityName, InboundItem } from "../../core/messages/inbound.ts";
import { floats, ints, texts, uuids } from "../connections/columns.ts";

/** Somebody on a channel. */
export interface PersonKey extends IdentityName {
  channelId: string;
}

/** Somebody as a payload names them. */
export interface Named {
  address: ChannelAddress;
  identity: IdentityName;
}

/** How somebody stands here; null for a channel that nobody has connected. */
export interface Acquaintance {
  channelId: string;
  isKnown: boolean;
  /** Something that they said waits until it is known who they are. */
  isAwaited: boolean;
}

/** For each of these, in order. */
export async function readAcquaintances(
  db: Queryable,
  people: readonly Named[],
): Promise<(Acquaintance | null)[]> {
  const { rows } = await db.query<Acquaintance & { place: number }>({
    name: "read_acquaintances",
    text: `select i.place::int as place, c.id as "channelId",
        exists (select from identity d where d.channel_id = c.id and d.kind = i.identity_kind
          and d.value = i.value) as "isKnown",
        exists (select from newcomer_item n where n.channel_id = c.id and n.identity_kind = i.identity_kind
          and n.value = i.value) as "isAwaited"
      from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality
        as i (kind, external_id, identity_kind, value, place)
      join channel c on c.kind = i.kind and c.external_id = i.external_id and c.deleted_at is null`,
    values: [
      texts(people.map(({ address }) => address.kind)),
      texts(people.map(({ address }) => address.externalId)),
      texts(people.map(({ identity }) => identity.kind)),
      texts(people.map(({ identity }) => identity.value)),
    ],
  });
  const found = new Map(rows.map(({ place, ...row }) => [place, row]));
  return people.map((_, at) => found.get(at + 1) ?? null);
}

export interface NewcomerItem extends PersonKey {
  id: string;
  item: InboundItem;
}

/** Keeps what newcomers said until they are known; others take it up when `nextAt` has passed. */
export async function insertNewcomerItems(
  db: Queryable,
  rows: readonly NewcomerItem[],
  { now, nextAt }: { now: number; nextAt: number },
): Promise<void> {
  await db.query({
    name: "insert_newcomer_items",
    text: `insert into newcomer_item (id, channel_id, identity_kind, value, item, next_at, received_at)
      select i.id, i.channel_id, i.identity_kind, i.value, i.item, to_timestamp($6::float8 / 1000),
        to_timestamp($7::float8 / 1000)
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
        as i (id, channel_id, identity_kind, value, item)`,
    values: [
      uuids(rows.map((each) => each.id)),
      uuids(rows.map((each) => each.channelId)),
      texts(rows.map((each) => each.kind)),
      texts(rows.map((each) => each.value)),
      texts(rows.map((each) => JSON.stringify(each.item))),
      nextAt,
      now,
    ],
  });
}

/** What somebody said, in the order in which it came, and how often it has been taken up already. */
export async function findNewcomerItems(
  db: Queryable,
  { channelId, kind, value }: PersonKey,
  limit: number,
): Promise<{ id: string; item: InboundItem; attempts: number }[]> {
  const { rows } = await db.query<{ id: string; item: string; attempts: number }>({
    name: "find_newcomer_items",
    text: `select id, item, attempts from newcomer_item
      where channel_id = $1 and identity_kind = $2 and value = $3 order by id limit $4`,
    values: [channelId, kind, value, limit],
  });
  // The cast is safe: the column holds only what JSON.stringify made of an item.
  return rows.map((row) => ({ ...row, item: JSON.parse(row.item) as InboundItem }));
}

/** Takes these, and answers which of them were still there. */
export async function takeNewcomerItems(
  tx: Queryable,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await tx.query<{ id: string }>({
    name: "take_newcomer_items",
    text: "delete from newcomer_item where id = any($1::uuid[]) returning id",
    values: [uuids(ids)],
  });
  return new Set(rows.map(({ id }) => id));
}

/** Claims what nobody has taken further in its time, until `leasedUntil`; answers of whom it is. */
export async function claimNewcomers(
  db: Queryable,
  o: { now: number; leasedUntil: number; limit: number },
): Promise<PersonKey[]> {
  const { rows } = await db.query<PersonKey>({
    name: "claim_newcomers",
    text: `with due as (
        select id from newcomer_item where next_at <= to_timestamp($1::float8 / 1000)
        order by next_at limit $3 for update skip locked
      ), claimed as (
        update newcomer_item n set next_at = to_timestamp($2::float8 / 1000), attempts = attempts + 1
        from due where n.id = due.id
        returning n.channel_id, n.identity_kind, n.value
      )
      select distinct channel_id as "channelId", identity_kind as kind, value from claimed`,
    values: [o.now, o.leasedUntil, o.limit],
  });
  return rows;
}

/** Somebody whose name the provider is to be asked for. */
export interface ProfileWish extends PersonKey {
  attempts: number;
}

/** Notes of whom no name was to be had. */
export async function insertProfileWishes(
  db: Queryable,
  people: readonly PersonKey[],
  nextAt: number,
): Promise<void> {
  await db.query({
    name: "insert_profile_wishes",
    text: `insert into profile_wish (channel_id, identity_kind, value, next_at)
      select i.channel_id, i.identity_kind, i.value, to_timestamp($4::float8 / 1000)
      from unnest($1::uuid[], $2::text[], $3::text[]) as i (channel_id, identity_kind, value)
      on conflict do nothing`,
    values: [
      uuids(people.map((each) => each.channelId)),
      texts(people.map((each) => each.kind)),
      texts(people.map((each) => each.value)),
      nextAt,
    ],
  });
}

export async function claimProfileWishes(
  db: Queryable,
  o: { now: number; leasedUntil: number; limit: number },
): Promise<(ProfileWish & { address: ChannelAddress })[]> {
  const { rows } = await db.query<ProfileWish & { channelKind: ChannelKind; externalId: string }>({
    name: "claim_profile_wishes",
    text: `with due as (
        select channel_id, identity_kind, value from profile_wish
        where next_at <= to_timestamp($1::float8 / 1000) order by next_at limit $3 for update skip locked
      )
      update profile_wish w set next_at = to_timestamp($2::float8 / 1000), attempts = w.attempts + 1
      from due join channel c on c.id = due.channel_id
      where w.channel_id = due.channel_id and w.identity_kind = due.identity_kind and w.value = due.value
      returning w.channel_id as "channelId", w.identity_kind as kind, w.value, w.attempts,
        c.kind as "channelKind", c.external_id as "externalId"`,
    values: [o.now, o.leasedUntil, o.limit],
  });
  return rows.map(({ channelKind: kind, externalId, ...row }) => ({
    ...row,
    address: { kind, externalId },
  }));
}

/** Sets when each is asked for again. */
export async function postponeProfileWishes(
  db: Queryable,
  wishes: readonly (ProfileWish & { nextAt: number })[],
): Promise<void> {
  if (wishes.length === 0) return;
  await db.query({
    name: "postpone_profile_wishes",
    text: `update profile_wish w set next_at = to_timestamp(i.next_at / 1000)
      from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::float8[])
        as i (channel_id, identity_kind, value, attempts, next_at)
      where w.channel_id = i.channel_id and w.identity_kind = i.identity_kind and w.value = i.value
        and w.attempts = i.attempts`,
    values: [
      uuids(wishes.map((each) => each.channelId)),
      texts(wishes.map((each) => each.kind)),
      texts(wishes.map((each) => each.value)),
      ints(wishes.map((each) => each.attempts)),
      floats(wishes.map((each) => each.nextAt)),
    ],
  });
}

export async function deleteProfileWishes(
  db: Queryable,
  people: readonly PersonKey[],
): Promise<void> {
  if (people.length === 0) return;
  await db.query({
    name: "delete_profile_wishes",
    text: `delete from profile_wish w
      using unnest($1::uuid[], $2::text[], $3::text[]) as i (channel_id, identity_kind, value)
      where w.channel_id = i.channel_id and w.identity_kind = i.identity_kind and w.value = i.value`,
    values: [
      uuids(people.map((each) => each.channelId)),
      texts(people.map((each) => each.kind)),
      texts(people.map((each) => each.value)),
    ],
  });
}
