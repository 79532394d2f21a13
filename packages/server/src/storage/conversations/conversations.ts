import { sql } from "kysely";
import type { ConversationRow } from "../../core/events/envelope.ts";
import type { InboundNote, Queryable } from "../../core/events/recording.ts";
import { bools, floats, sparse, texts, uuids } from "../connections/columns.ts";
import { build, run } from "../connections/statement.ts";
import type { Owner } from "../workspaces/accounts.ts";

/** One contact on one channel have one conversation. */
export interface ConversationKey {
  channelId: string;
  contactId: string;
}

export interface ConversationOwner extends ConversationKey {
  workspaceId: string;
  accountId: string | null;
}

export interface OpenedConversation {
  id: string;
  isNew: boolean;
}

export function keyOfConversation({ channelId, contactId }: ConversationKey): string {
  return `${channelId} ${contactId}`;
}

interface Context {
  readonly tx: Queryable;
  readonly now: number;
  newId(): string;
}

/**
 * The conversation of each of these (`keyOfConversation`), found or made, not locked. Two
 * transactions that open the same one agree on it, and to one of them it is new. `known` are the ids of
 * those that need not be looked for.
 */
export async function openConversations(
  context: Context,
  owners: readonly ConversationOwner[],
  known: ReadonlyMap<string, string> = new Map(),
): Promise<Map<string, OpenedConversation>> {
  const { tx, now } = context;
  const unknown = new Map<string, ConversationOwner>();
  for (const each of owners) {
    const key = keyOfConversation(each);
    if (!known.has(key)) unknown.set(key, each);
  }
  const opened = await findConversations(tx, [...unknown.values()]);
  for (const [key, id] of known) opened.set(key, { id, isNew: false });
  const missing = [...unknown].flatMap(([key, each]) => (opened.has(key) ? [] : [each]));
  if (missing.length === 0) return opened;
  const rows = missing.map((each) => ({ ...each, id: context.newId() }));
  const made = await insertConversations(tx, rows, now);
  // A second statement, so that it sees what the insert has waited for.
  for (const [key, { id }] of await findConversations(tx, missing)) {
    opened.set(key, { id, isNew: made.has(id) });
  }
  return opened;
}

/** The conversations that there are (`keyOfConversation`). */
export async function findConversations(
  tx: Queryable,
  keys: readonly ConversationKey[],
): Promise<Map<string, OpenedConversation>> {
  if (keys.length === 0) return new Map();
  const { rows } = await tx.query<ConversationKey & { id: string }>({
    name: "find_conversations",
    text: `select c.id, c.channel_id as "channelId", c.contact_id as "contactId"
      from unnest($1::uuid[], $2::uuid[]) as k (channel_id, contact_id)
      join conversation c on c.channel_id = k.channel_id and c.contact_id = k.contact_id`,
    values: [uuids(keys.map((each) => each.channelId)), uuids(keys.map((each) => each.contactId))],
  });
  return new Map(rows.map((row) => [keyOfConversation(row), { id: row.id, isNew: false }]));
}

/** The ids of those that were made; sorted, so that two transactions never wait for each other. */
async function insertConversations(
  tx: Queryable,
  conversations: readonly (ConversationOwner & { id: string })[],
  now: number,
): Promise<Set<string>> {
  const { rows } = await tx.query<{ id: string }>({
    name: "insert_conversations",
    text: `insert into conversation (id, workspace_id, account_id, channel_id, contact_id, created_at)
      select i.id, i.workspace_id, i.account_id, i.channel_id, i.contact_id, to_timestamp($6::float8 / 1000)
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[])
        as i (id, workspace_id, account_id, channel_id, contact_id)
      order by i.channel_id, i.contact_id
      on conflict do nothing
      returning id`,
    values: [
      uuids(conversations.map((each) => each.id)),
      uuids(conversations.map((each) => each.workspaceId)),
      uuids(conversations.map((each) => each.accountId)),
      uuids(conversations.map((each) => each.channelId)),
      uuids(conversations.map((each) => each.contactId)),
      now,
    ],
  });
  return new Set(rows.map(({ id }) => id));
}

export interface ConversationState extends ConversationRow {
  contactId: string;
  /** Of its last event; 0 while nobody has been told that there is one. */
  seq?: number;
}

/** A conversation under this transaction's lock. */
export interface LockedState extends ConversationState {
  seq: number;
  lastEventId: string;
}

/** Locks conversations, in one order everywhere, and reads what may have changed while waiting. */
export async function lockConversationStates(
  tx: Queryable,
  ids: readonly string[],
): Promise<Map<string, LockedState>> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<LockedState>({
    name: "lock_conversation_states",
    text: `select id, serial, status, last_inbound_at as "lastInboundAt", ticket_ref as "ticketRef",
        first_touch as "firstTouch", contact_id as "contactId", seq, last_event_id as "lastEventId"
      from conversation where id = any($1::uuid[]) order by id for update`,
    values: [uuids(ids)],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Notes when customers last wrote, and opens what was closed, with the numbers of what tells of it. */
export async function noteInbound(
  tx: Queryable,
  changes: readonly (InboundNote & { seq: number; lastEventId: string })[],
): Promise<void> {
  if (changes.length === 0) return;
  await tx.query({
    name: "note_inbound",
    text: `update conversation c set seq = i.seq::bigint, last_event_id = i.last_event_id,
        last_inbound_at = greatest(c.last_inbound_at, to_timestamp(i.last_inbound_at / 1000)),
        status = case when i.reopens then 'open' else c.status end,
        closed_at = case when i.reopens then null else c.closed_at end,
        first_touch = coalesce(c.first_touch, i.first_touch)
      from unnest($1::uuid[], $2::float8[], $3::uuid[], $4::float8[], $5::bool[], $6::text[])
        as i (id, seq, last_event_id, last_inbound_at, reopens, first_touch)
      where c.id = i.id`,
    values: [
      uuids(changes.map((each) => each.id)),
      floats(changes.map((each) => each.seq)),
      uuids(changes.map((each) => each.lastEventId)),
      floats(changes.map((each) => each.lastInboundAt)),
      bools(changes.map((each) => each.reopens)),
      sparse(texts, changes, (each) => each.firstTouch),
    ],
  });
}

export interface Conversation extends ConversationState {
  seq: number;
  /** Its last event's id, or its own while it has none: it says when something last happened. */
  activityId: string;
  channelId: string;
  accountId: string | null;
  createdAt: number;
  closedAt: number | null;
}

const columns = [
  "id",
  "serial",
  "status",
  "seq",
  "last_inbound_at as lastInboundAt",
  "ticket_ref as ticketRef",
  "first_touch as firstTouch",
  "contact_id as contactId",
  "channel_id as channelId",
  "account_id as accountId",
  "created_at as createdAt",
  "closed_at as closedAt",
] as const;

const activity = sql<string>`greatest(last_event_id, id)`;

function visible({ workspaceId, accountId }: Owner) {
  const conversations = build
    .selectFrom("conversation")
    .select(columns)
    .select(activity.as("activityId"))
    .where("workspace_id", "=", workspaceId);
  return accountId === null ? conversations : conversations.where("account_id", "=", accountId);
}

export interface ConversationFilter {
  limit: number;
  order: "created" | "activity";
  /** What the last one of the page before is ordered by: its id, or its `activityId`. */
  before: string | undefined;
  channelId: string | undefined;
  contactId: string | undefined;
  status: ConversationRow["status"] | undefined;
  /** A part of a name, of an address or of a ticket's reference. */
  text: string | undefined;
}

/**
 * The newest first, or those where something has happened last. No index leads by activity: it would
 * be written with every event, and what is open in a workspace is soon put in order.
 */
export function listConversations(
  db: Queryable,
  owner: Owner,
  { limit, order, before, channelId, contactId, status, text }: ConversationFilter,
): Promise<Conversation[]> {
  const by = order === "activity" ? activity : sql<string>`id`;
  let query = visible(owner).orderBy(by, "desc").limit(limit);
  if (before !== undefined) query = query.where(by, "<", before);
  if (channelId !== undefined) query = query.where("channel_id", "=", channelId);
  if (contactId !== undefined) query = query.where("contact_id", "=", contactId);
  if (status !== undefined) query = query.where("status", "=", status);
  if (text !== undefined) query = query.where(holds(owner.workspaceId, text));
  return run(db, query);
}

/** A number is found however it is written. */
function holds(workspaceId: string, text: string) {
  const like = likeOf(text);
  const address = /^[\d\s()+./-]+$/.test(text) ? likeOf(text.replace(/\D/g, "")) : like;
  return sql<boolean>`(ticket_ref ilike ${like}
    or contact_id in (select id from contact where workspace_id = ${workspaceId} and name ilike ${like})
    or contact_id in (select contact_id from identity where workspace_id = ${workspaceId}
      and (value ilike ${address} or username ilike ${like})))`;
}

function likeOf(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}

export async function findConversation(
  db: Queryable,
  owner: Owner,
  id: string,
): Promise<Conversation | null> {
  const [conversation] = await run(db, visible(owner).where("id", "=", id));
  return conversation ?? null;
}
