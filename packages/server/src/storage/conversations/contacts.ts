import type { ContactRow, IdentityRow } from "../../core/events/envelope.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { ChannelKind } from "../../core/messages/channel-kinds.ts";
import { texts, uuids } from "../connections/columns.ts";
import { build, run } from "../connections/statement.ts";
import type { Owner } from "../workspaces/accounts.ts";

/** One address of a person on one channel. */
export interface IdentityKey {
  channelId: string;
  kind: string;
  value: string;
}

export interface FoundIdentity extends IdentityKey {
  contactId: string;
  username: string | null;
  /** Its contact has a name. */
  isNamed: boolean;
  /** The contact's conversation on that channel, where there is one. */
  conversationId: string | null;
}

export function keyOfIdentity({ channelId, kind, value }: IdentityKey): string {
  return `${channelId} ${kind} ${value}`;
}

/** Who has these addresses, by `keyOfIdentity`; addresses that nobody has are left out. */
export async function findIdentities(
  db: Queryable,
  keys: readonly IdentityKey[],
): Promise<Map<string, FoundIdentity>> {
  if (keys.length === 0) return new Map();
  const { rows } = await db.query<FoundIdentity>({
    name: "find_identities",
    text: `select i.channel_id as "channelId", i.kind, i.value, i.contact_id as "contactId", i.username,
        c.name is not null as "isNamed", v.id as "conversationId"
      from unnest($1::uuid[], $2::text[], $3::text[]) as k (channel_id, kind, value)
      join identity i on i.channel_id = k.channel_id and i.kind = k.kind and i.value = k.value
      join contact c on c.id = i.contact_id
      left join conversation v on v.channel_id = i.channel_id and v.contact_id = i.contact_id`,
    values: [
      uuids(keys.map((each) => each.channelId)),
      texts(keys.map((each) => each.kind)),
      texts(keys.map((each) => each.value)),
    ],
  });
  return new Map(rows.map((row) => [keyOfIdentity(row), row]));
}

export interface NewIdentity extends IdentityKey {
  id: string;
  workspaceId: string;
  contactId: string;
  username: string | null;
}

export interface NewContact {
  id: string;
  workspaceId: string;
  accountId: string | null;
  name: string | null;
}

/**
 * Takes the addresses that are free, for contacts that are there or for these new ones, and answers
 * which (`keyOfIdentity`). A new contact none of whose addresses was free is not made. Waits for
 * transactions that are taking the same addresses; sorted, so that two never wait for each other.
 */
export async function insertIdentities(
  tx: Queryable,
  identities: readonly NewIdentity[],
  contacts: readonly NewContact[],
  now: number,
): Promise<Set<string>> {
  if (identities.length === 0) return new Set();
  const { rows } = await tx.query<IdentityKey>({
    name: "insert_identities",
    // The foreign key is looked at when the whole statement is done, so the order of the parts is free.
    text: `with taken as (
        insert into identity (id, workspace_id, channel_id, contact_id, kind, value, username, created_at)
        select i.id, i.workspace_id, i.channel_id, i.contact_id, i.kind, i.value, i.username,
          to_timestamp($12::float8 / 1000)
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[])
          as i (id, workspace_id, channel_id, contact_id, kind, value, username)
        order by i.channel_id, i.kind, i.value
        on conflict do nothing
        returning channel_id, kind, value, contact_id),
      made as (
        insert into contact (id, workspace_id, account_id, name, created_at, updated_at)
        select c.id, c.workspace_id, c.account_id, c.name, to_timestamp($12::float8 / 1000),
          to_timestamp($12::float8 / 1000)
        from unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::text[]) as c (id, workspace_id, account_id, name)
        where c.id in (select contact_id from taken))
      select channel_id as "channelId", kind, value from taken`,
    values: [
      uuids(identities.map((each) => each.id)),
      uuids(identities.map((each) => each.workspaceId)),
      uuids(identities.map((each) => each.channelId)),
      uuids(identities.map((each) => each.contactId)),
      texts(identities.map((each) => each.kind)),
      texts(identities.map((each) => each.value)),
      texts(identities.map((each) => each.username)),
      uuids(contacts.map((each) => each.id)),
      uuids(contacts.map((each) => each.workspaceId)),
      uuids(contacts.map((each) => each.accountId)),
      texts(contacts.map((each) => each.name)),
      now,
    ],
  });
  return new Set(rows.map(keyOfIdentity));
}

/** Gives every address of some contacts to others: they turned out to be one person. */
export async function moveIdentities(
  tx: Queryable,
  moves: readonly { from: string; to: string }[],
): Promise<void> {
  if (moves.length === 0) return;
  await tx.query({
    name: "move_identities",
    text: `update identity i set contact_id = m.to_id
      from unnest($1::uuid[], $2::uuid[]) as m (from_id, to_id) where i.contact_id = m.from_id`,
    values: [uuids(moves.map((each) => each.from)), uuids(moves.map((each) => each.to))],
  });
}

/** Whoever asks for one of these contacts finds the addresses of the one that it turned out to be. */
export async function markMerged(
  tx: Queryable,
  moves: readonly { from: string; to: string }[],
): Promise<void> {
  if (moves.length === 0) return;
  await tx.query({
    name: "mark_merged",
    text: `update contact c set merged_into = m.to_id
      from unnest($1::uuid[], $2::uuid[]) as m (from_id, to_id)
      where c.id = m.from_id or c.merged_into = m.from_id`,
    values: [uuids(moves.map((each) => each.from)), uuids(moves.map((each) => each.to))],
  });
}

/** Takes addresses away from whoever has them: their owners go by others now. */
export async function deleteIdentities(tx: Queryable, keys: readonly IdentityKey[]): Promise<void> {
  if (keys.length === 0) return;
  await tx.query({
    name: "delete_identities",
    text: `delete from identity i
      using unnest($1::uuid[], $2::text[], $3::text[]) as k (channel_id, kind, value)
      where i.channel_id = k.channel_id and i.kind = k.kind and i.value = k.value`,
    values: [
      uuids(keys.map((each) => each.channelId)),
      texts(keys.map((each) => each.kind)),
      texts(keys.map((each) => each.value)),
    ],
  });
}

/** Only for contacts that the same transaction made: nothing refers to them yet. */
export async function deleteContacts(tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query({
    name: "delete_contacts",
    text: "delete from contact where id = any($1::uuid[])",
    values: [uuids(ids)],
  });
}

/** Gives contacts another name and answers, by id, which they had. */
export async function renameContacts(
  tx: Queryable,
  names: readonly { id: string; name: string }[],
  now: number,
): Promise<Map<string, string | null>> {
  if (names.length === 0) return new Map();
  const latest = [...new Map(names.map((each) => [each.id, each])).values()];
  const { rows } = await tx.query<{ id: string; name: string | null }>({
    name: "rename_contacts",
    text: `with before as (
        select id, name from contact where id = any($1::uuid[]) order by id for update)
      update contact c set name = i.name, updated_at = to_timestamp($3::float8 / 1000)
      from unnest($1::uuid[], $2::text[]) as i (id, name), before b
      where c.id = i.id and b.id = c.id
      returning c.id, b.name`,
    values: [uuids(latest.map((each) => each.id)), texts(latest.map((each) => each.name)), now],
  });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Gives a name to contacts that have none. */
export async function nameContacts(
  tx: Queryable,
  names: readonly { id: string; name: string }[],
  now: number,
): Promise<void> {
  if (names.length === 0) return;
  await tx.query({
    name: "name_contacts",
    text: `update contact c set name = i.name, updated_at = to_timestamp($3::float8 / 1000)
      from unnest($1::uuid[], $2::text[]) as i (id, name) where c.id = i.id and c.name is null`,
    values: [uuids(names.map((each) => each.id)), texts(names.map((each) => each.name)), now],
  });
}

export async function setUsernames(
  tx: Queryable,
  changes: readonly (IdentityKey & { username: string })[],
): Promise<void> {
  if (changes.length === 0) return;
  await tx.query({
    name: "set_usernames",
    text: `update identity i set username = c.username
      from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as c (channel_id, kind, value, username)
      where i.channel_id = c.channel_id and i.kind = c.kind and i.value = c.value`,
    values: [
      uuids(changes.map((each) => each.channelId)),
      texts(changes.map((each) => each.kind)),
      texts(changes.map((each) => each.value)),
      texts(changes.map((each) => each.username)),
    ],
  });
}

export interface Contact extends ContactRow {
  identities: IdentityRow[];
}

interface ContactIdentity extends ContactRow {
  identityKind: string | null;
  value: string;
  username: string | null;
  channelKind: ChannelKind;
}

// One look-up a contact, which `offset 0` insists on: of a small table the planner would read every row.
const CONTACTS = `select c.id, c.serial, c.name, c.custom_fields as "customFields",
    i.kind as "identityKind", i.value, i.username,
    (select ch.kind from channel ch where ch.id = i.channel_id) as "channelKind"
  from contact c
  left join lateral (select * from identity where contact_id = coalesce(c.merged_into, c.id) offset 0) i on true`;

/** Contacts with all their addresses, by id. */
export async function readContacts(
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, Contact>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<ContactIdentity>({
    name: "read_contacts",
    text: `${CONTACTS} where c.id = any($1::uuid[]) order by c.id, i.id`,
    values: [uuids(ids)],
  });
  return gathered(rows);
}

/** The contacts of these conversations. */
export async function readContactsOf(
  db: Queryable,
  conversationIds: readonly string[],
): Promise<Map<string, Contact>> {
  const { rows } = await db.query<ContactIdentity>({
    name: "read_contacts_of",
    text: `${CONTACTS} where c.id = any(array(select contact_id from conversation where id = any($1::uuid[])))
      order by c.id, i.id`,
    values: [uuids(conversationIds)],
  });
  return gathered(rows);
}

function gathered(rows: readonly ContactIdentity[]): Map<string, Contact> {
  const contacts = new Map<string, Contact>();
  for (const row of rows) {
    const { id, serial, name, customFields, identityKind, value, username, channelKind } = row;
    const contact = contacts.get(id) ?? { id, serial, name, customFields, identities: [] };
    contacts.set(id, contact);
    if (identityKind === null) continue;
    contact.identities.push({ kind: identityKind, value, username, channelKind });
  }
  return contacts;
}

/** Ids of contacts, the newest first; those before `before` when it is given. */
export async function listContactIds(
  db: Queryable,
  owner: Owner,
  { limit, before }: { limit: number; before: string | undefined },
): Promise<string[]> {
  let query = visible(owner).orderBy("id", "desc").limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return (await run(db, query)).map(({ id }) => id);
}

export async function findVisibleContact(
  db: Queryable,
  owner: Owner,
  id: string,
): Promise<Contact | null> {
  const [visibleId] = await run(db, visible(owner).where("id", "=", id));
  return visibleId ? ((await readContacts(db, [id])).get(id) ?? null) : null;
}

function visible({ workspaceId, accountId }: Owner) {
  const contacts = build.selectFrom("contact").select("id").where("workspace_id", "=", workspaceId);
  return accountId === null ? contacts : contacts.where("account_id", "=", accountId);
}
