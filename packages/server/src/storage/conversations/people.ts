import type { Queryable } from "../../core/events/recording.ts";
import type { Person } from "../../core/messages/inbound.ts";
import {
  deleteContacts,
  type FoundIdentity,
  findIdentities,
  type IdentityKey,
  insertIdentities,
  keyOfIdentity,
  markMerged,
  moveIdentities,
  type NewContact,
  type NewIdentity,
  nameContacts,
  setUsernames,
} from "./contacts.ts";
import { keyOfConversation } from "./conversations.ts";

/** Somebody on a channel, by all the names that one payload gives for them: at least one. */
export interface PersonOnChannel {
  workspaceId: string;
  accountId: string | null;
  channelId: string;
  person: Person;
}

/** A name that a contact is told to have. It is believed where nobody else has it. */
export interface LearnedIdentity extends IdentityKey {
  workspaceId: string;
  contactId: string;
}

export interface Merge {
  workspaceId: string;
  channelId: string;
  /** The contact that gave its addresses away. */
  from: string;
  to: string;
}

export interface Resolved {
  /** For each person, in order. */
  contactIds: string[];
  /** Contacts that others have seen and that turned out to be another one. */
  merges: Merge[];
  /** Ids of conversations that were met on the way, by `keyOfConversation`. */
  conversations: Map<string, string>;
}

interface Context {
  readonly tx: Queryable;
  readonly now: number;
  newId(): string;
}

/** Addresses that were looked for in this transaction already, and who has those that are somebody's. */
export interface Lookup {
  keys: ReadonlySet<string>;
  found: ReadonlyMap<string, FoundIdentity>;
}

/** Looks for these addresses; several at a time may be the same. */
export async function lookUpIdentities(
  tx: Queryable,
  keys: readonly IdentityKey[],
): Promise<Lookup> {
  const unique = new Map(keys.map((key) => [keyOfIdentity(key), key]));
  return { keys: new Set(unique.keys()), found: await findIdentities(tx, [...unique.values()]) };
}

/**
 * The contact behind each person, found or made. Names that one payload gives together are one
 * person's from then on, also where they used to be two contacts'. Two transactions that meet a
 * stranger at once agree on one contact. What `before` tells is not asked for again.
 */
export async function resolvePeople(
  context: Context,
  people: readonly PersonOnChannel[],
  learned: readonly LearnedIdentity[] = [],
  before: Lookup | null = null,
): Promise<Resolved> {
  const groups = groupPeople(people);
  let found = await whoHas(context.tx, groups, learned, before);
  const missing = planMissing(context, groups, learned, found);
  if (missing.identities.length > 0) {
    await insertIdentities(context.tx, missing.identities, missing.contacts, context.now);
    // A second statement, so that it sees what the insert has waited for.
    found = await findIdentities(
      context.tx,
      groups.flatMap(({ keys }) => [...keys.values()]),
    );
  }
  const fresh = new Set(missing.contacts.map(({ id }) => id));
  const merges = await joinGroups(context, groups, found, fresh);
  await learnLabels(context, groups, found, fresh);

  const contactIds: string[] = [];
  for (const group of groups) for (const at of group.members) contactIds[at] = group.contactId;
  return { contactIds, merges, conversations: conversationsOf(found.values()) };
}

/** Who has the names of these groups, and those that were learned, as far as it is not known already. */
async function whoHas(
  tx: Queryable,
  groups: readonly Group[],
  learned: readonly LearnedIdentity[],
  before: Lookup | null,
): Promise<ReadonlyMap<string, FoundIdentity>> {
  const unknown: IdentityKey[] = [];
  for (const { keys } of groups) {
    for (const [key, identity] of keys) if (!before?.keys.has(key)) unknown.push(identity);
  }
  for (const each of learned) if (!before?.keys.has(keyOfIdentity(each))) unknown.push(each);
  if (before && unknown.length === 0) return before.found;
  const { found } = await lookUpIdentities(tx, unknown);
  return new Map([...(before?.found ?? []), ...found]);
}

function conversationsOf(found: Iterable<FoundIdentity>): Map<string, string> {
  const conversations = new Map<string, string>();
  for (const each of found) {
    if (each.conversationId !== null)
      conversations.set(keyOfConversation(each), each.conversationId);
  }
  return conversations;
}

/** People who share a name: one person. */
interface Group extends Omit<PersonOnChannel, "person"> {
  /** Places in the list of people. */
  members: number[];
  keys: Map<string, IdentityKey>;
  name: string | null;
  username: string | null;
  contactId: string;
}

function groupPeople(people: readonly PersonOnChannel[]): Group[] {
  const groupOf = new Map<string, Group>();
  people.forEach((each, at) => {
    const group = groupOfOne(each, at);
    const others = new Set<Group>();
    for (const key of group.keys.keys()) {
      const other = groupOf.get(key);
      if (other) others.add(other);
    }
    for (const other of others) absorb(group, other);
    for (const key of group.keys.keys()) groupOf.set(key, group);
  });
  return [...new Set(groupOf.values())];
}

function groupOfOne({ workspaceId, accountId, channelId, person }: PersonOnChannel, at: number) {
  const { name, username } = person;
  const keys = new Map<string, IdentityKey>();
  for (const { kind, value } of person.identities) {
    const key = { channelId, kind, value };
    keys.set(keyOfIdentity(key), key);
  }
  const members = [at];
  return { workspaceId, accountId, channelId, members, keys, name, username, contactId: "" };
}

function absorb(group: Group, other: Group): void {
  group.members.push(...other.members);
  for (const [key, identity] of other.keys) group.keys.set(key, identity);
  group.name ??= other.name;
  group.username ??= other.username;
}

/** What is to be made so that every name belongs to somebody; `found` is taken as the truth. */
function planMissing(
  context: Context,
  groups: readonly Group[],
  learned: readonly LearnedIdentity[],
  found: ReadonlyMap<string, FoundIdentity>,
): { identities: NewIdentity[]; contacts: NewContact[] } {
  const identities = new Map<string, NewIdentity>();
  const contacts: NewContact[] = [];
  for (const { channelId, kind, value, workspaceId, contactId } of learned) {
    const key = keyOfIdentity({ channelId, kind, value });
    if (found.has(key) || identities.has(key)) continue;
    const row = {
      id: context.newId(),
      workspaceId,
      channelId,
      kind,
      value,
      contactId,
      username: null,
    };
    identities.set(key, row);
  }
  for (const { workspaceId, accountId, keys, name, username } of groups) {
    const owners = ownersOf(keys.keys(), (key) => found.get(key) ?? identities.get(key));
    let [contactId] = owners;
    if (contactId === undefined) {
      contactId = context.newId();
      contacts.push({ id: contactId, workspaceId, accountId, name });
    }
    for (const [key, identity] of keys) {
      if (found.has(key) || identities.has(key)) continue;
      identities.set(key, { ...identity, id: context.newId(), workspaceId, contactId, username });
    }
  }
  return { identities: [...identities.values()], contacts };
}

/** The contacts that have these names, the oldest first: ids rise with time. */
function ownersOf(
  keys: Iterable<string>,
  ownerOf: (key: string) => { contactId: string } | undefined,
): string[] {
  const owners = new Set<string>();
  for (const key of keys) {
    const owner = ownerOf(key);
    if (owner) owners.add(owner.contactId);
  }
  return [...owners].sort();
}

/** Says whose each group is. Where its names belong to several contacts, the oldest gets them all. */
async function joinGroups(
  { tx }: Context,
  groups: readonly Group[],
  found: ReadonlyMap<string, FoundIdentity>,
  fresh: ReadonlySet<string>,
): Promise<Merge[]> {
  const merges: Merge[] = [];
  for (const group of groups) {
    const { workspaceId, channelId } = group;
    const owners = ownersOf(group.keys.keys(), (key) => found.get(key));
    // A contact of this transaction has been seen by nobody.
    const winner = owners.find((id) => !fresh.has(id)) ?? owners[0];
    if (winner === undefined) throw new Error("An address was taken, and nobody has it");
    group.contactId = winner;
    for (const from of owners) {
      if (from !== winner) merges.push({ workspaceId, channelId, from, to: winner });
    }
  }
  if (merges.length === 0) return merges;
  await moveIdentities(tx, merges);
  const unseen = merges.flatMap(({ from }) => (fresh.has(from) ? [from] : []));
  await deleteContacts(tx, unseen);
  const seen = merges.filter(({ from }) => !fresh.has(from));
  await markMerged(tx, seen);
  return seen;
}

/** A name for contacts that had none, and the names that people have given themselves since. */
async function learnLabels(
  { tx, now }: Context,
  groups: readonly Group[],
  found: ReadonlyMap<string, FoundIdentity>,
  fresh: ReadonlySet<string>,
): Promise<void> {
  const names: { id: string; name: string }[] = [];
  const usernames: (IdentityKey & { username: string })[] = [];
  for (const { contactId, name, username, keys } of groups) {
    for (const [key, identity] of keys) {
      const known = found.get(key);
      if (name !== null && known?.isNamed === false && !fresh.has(contactId)) {
        names.push({ id: contactId, name });
      }
      if (username !== null && known?.username !== username) {
        usernames.push({ ...identity, username });
      }
    }
  }
  await nameContacts(tx, names, now);
  await setUsernames(tx, usernames);
}
