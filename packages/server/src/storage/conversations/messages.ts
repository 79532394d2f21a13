import type { MessageRow } from "../../core/events/envelope.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { MessageStatus } from "../../core/messages/message-status.ts";
import { floats, sparse, texts, uuids } from "../connections/columns.ts";
import { build, run } from "../connections/statement.ts";
import type { Owner } from "../workspaces/accounts.ts";

/** A message about to be kept. `content`, `quoted` and `metadata` are JSON text; instants are ms. */
export interface NewMessage extends Omit<MessageRow, "serial" | "error"> {
  workspaceId: string;
  accountId: string | null;
  channelId: string;
  conversationId: string;
  contactId: string;
  /** What the provider sent, as far as `content` does not tell it. */
  raw: string | null;
  createdAt: number;
}

/** Keeps messages and answers their serials, by id. */
export async function insertMessages(
  tx: Queryable,
  messages: readonly NewMessage[],
): Promise<Map<string, number>> {
  if (messages.length === 0) return new Map();
  const { rows } = await tx.query<{ id: string; serial: number }>({
    name: "insert_messages",
    text: `insert into message (id, workspace_id, account_id, channel_id, conversation_id, contact_id, direction,
        actor, actor_id, status, content, raw, provider_id, quoted, ticket_ref, metadata, created_at,
        received_at, sent_at, referral, traits)
      select i.id, i.workspace_id, i.account_id, i.channel_id, i.conversation_id, i.contact_id, i.direction,
        i.actor, i.actor_id, i.status, i.content, i.raw, i.provider_id, i.quoted, i.ticket_ref, i.metadata,
        to_timestamp(i.created_at / 1000), to_timestamp(i.received_at / 1000), to_timestamp(i.sent_at / 1000),
        i.referral, i.traits
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
        $17::float8[], $18::float8[], $19::float8[], $20::text[], $21::text[])
        as i (id, workspace_id, account_id, channel_id, conversation_id, contact_id, direction, actor, actor_id,
          status, content, raw, provider_id, quoted, ticket_ref, metadata, created_at, received_at, sent_at,
          referral, traits)
      returning id, serial`,
    values: [
      uuids(messages.map((each) => each.id)),
      uuids(messages.map((each) => each.workspaceId)),
      sparse(uuids, messages, (each) => each.accountId),
      uuids(messages.map((each) => each.channelId)),
      uuids(messages.map((each) => each.conversationId)),
      uuids(messages.map((each) => each.contactId)),
      texts(messages.map((each) => each.direction)),
      texts(messages.map((each) => each.actor)),
      sparse(texts, messages, (each) => each.actorId),
      texts(messages.map((each) => each.status)),
      texts(messages.map((each) => each.content)),
      sparse(texts, messages, (each) => each.raw),
      texts(messages.map((each) => each.providerId)),
      sparse(texts, messages, (each) => each.quoted),
      sparse(texts, messages, (each) => each.ticketRef),
      sparse(texts, messages, (each) => each.metadata),
      floats(messages.map((each) => each.createdAt)),
      sparse(floats, messages, (each) => each.receivedAt),
      sparse(floats, messages, (each) => each.sentAt),
      sparse(texts, messages, (each) => each.referral ?? null),
      sparse(texts, messages, (each) => each.traits ?? null),
    ],
  });
  return new Map(rows.map((row) => [row.id, row.serial]));
}

/** Where a message lies; none of this ever changes. */
export interface MessagePlace {
  id: string;
  channelId: string;
  conversationId: string;
  contactId: string;
  direction: MessageRow["direction"];
}

/** Places of messages, by id; ids that nobody has are left out. */
export async function findMessagePlaces(
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, MessagePlace>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<MessagePlace>({
    name: "find_message_places",
    text: `select id, channel_id as "channelId", conversation_id as "conversationId",
        contact_id as "contactId", direction
      from message where id = any($1::uuid[]) and id >= $2 and id <= $3`,
    values: [uuids(ids), ...boundsOf(ids)],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Everything that was sent in a conversation until then, or until that message, and has not come so far yet. */
export interface Reach {
  conversationId: string;
  status: "delivered" | "read";
  /** Ms since the epoch; null where `throughId` says it. */
  until: number | null;
  throughId: string | null;
}

/** Which messages each of these concerns, in order of the list. What is older than `since` is long settled. */
export async function findReached(
  db: Queryable,
  marks: readonly Reach[],
  since: string,
): Promise<string[][]> {
  const found: string[][] = marks.map(() => []);
  if (marks.length === 0) return found;
  const { rows } = await db.query<{ at: number; id: string }>({
    name: "find_reached",
    text: `select i.at::int - 1 as at, m.id
      from unnest($1::uuid[], $2::text[], $3::float8[], $4::uuid[]) with ordinality
        as i (conversation_id, status, until, through_id, at)
      join message m on m.conversation_id = i.conversation_id and m.id >= $5
        and m.direction = 'outbound'
        and (m.status = 'sent' or (m.status = 'delivered' and i.status = 'read'))
        and (i.through_id is null or m.id <= i.through_id)
        and (i.until is null or coalesce(m.sent_at, m.created_at) <= to_timestamp(i.until / 1000))
      order by m.id`,
    values: [
      uuids(marks.map((each) => each.conversationId)),
      texts(marks.map((each) => each.status)),
      floats(marks.map((each) => each.until)),
      uuids(marks.map((each) => each.throughId)),
      since,
    ],
  });
  for (const { at, id } of rows) found[at]?.push(id);
  return found;
}

export interface LockedMessage extends MessageRow {
  deliveredAt: number | null;
  readAt: number | null;
  failedAt: number | null;
}

/** Locks messages, in one order everywhere, and reads what may have changed while waiting. */
export async function lockMessages(
  tx: Queryable,
  ids: readonly string[],
): Promise<Map<string, LockedMessage>> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<LockedMessage>({
    name: "lock_messages",
    text: `select id, serial, provider_id as "providerId", direction, actor, actor_id as "actorId", status,
        content, quoted, ticket_ref as "ticketRef", metadata, error, sent_at as "sentAt",
        received_at as "receivedAt", delivered_at as "deliveredAt", read_at as "readAt",
        failed_at as "failedAt", referral, traits, edited_at as "editedAt", deleted_at as "deletedAt"
      from message where id = any($1::uuid[]) and id >= $2 and id <= $3 order by id for update`,
    values: [uuids(ids), ...boundsOf(ids)],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Writes how far locked messages have come. */
export async function saveProgress(
  tx: Queryable,
  messages: readonly LockedMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  const ids = messages.map((each) => each.id);
  await tx.query({
    name: "save_progress",
    text: `update message m set status = i.status, provider_id = i.provider_id, error = i.error,
        sent_at = to_timestamp(i.sent_at / 1000), delivered_at = to_timestamp(i.delivered_at / 1000),
        read_at = to_timestamp(i.read_at / 1000), failed_at = to_timestamp(i.failed_at / 1000)
      from unnest($1::uuid[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[], $9::float8[],
        $10::float8[]) as i (id, status, provider_id, error, sent_at, delivered_at, read_at, failed_at)
      where m.id = i.id and m.id >= $2 and m.id <= $3`,
    values: [
      uuids(ids),
      ...boundsOf(ids),
      texts(messages.map((each) => each.status)),
      texts(messages.map((each) => each.providerId)),
      texts(messages.map((each) => each.error)),
      floats(messages.map((each) => each.sentAt)),
      floats(messages.map((each) => each.deliveredAt)),
      floats(messages.map((each) => each.readAt)),
      floats(messages.map((each) => each.failedAt)),
    ],
  });
}

/** Writes what locked messages say now. What was deleted is not kept as it came either. */
export async function saveWords(tx: Queryable, messages: readonly LockedMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const ids = messages.map((each) => each.id);
  await tx.query({
    name: "save_words",
    text: `update message m set content = i.content, edited_at = to_timestamp(i.edited_at / 1000),
        deleted_at = to_timestamp(i.deleted_at / 1000),
        raw = case when i.deleted_at is null then m.raw else null end
      from unnest($1::uuid[], $4::text[], $5::float8[], $6::float8[]) as i (id, content, edited_at, deleted_at)
      where m.id = i.id and m.id >= $2 and m.id <= $3`,
    values: [
      uuids(ids),
      ...boundsOf(ids),
      texts(messages.map((each) => each.content)),
      floats(messages.map((each) => each.editedAt ?? null)),
      floats(messages.map((each) => each.deletedAt ?? null)),
    ],
  });
}

/** The planner prunes by these, not by the list. There is at least one id. */
function boundsOf(ids: readonly string[]): [lowest: string, highest: string] {
  let [lowest = "", highest = ""] = [ids[0], ids[0]];
  for (const id of ids) {
    if (id < lowest) lowest = id;
    if (id > highest) highest = id;
  }
  return [lowest, highest];
}

export interface Message extends MessageRow {
  channelId: string;
  conversationId: string;
  contactId: string;
  status: MessageStatus;
  createdAt: number;
  deliveredAt: number | null;
  readAt: number | null;
  failedAt: number | null;
}

const columns = [
  "id",
  "serial",
  "channel_id as channelId",
  "conversation_id as conversationId",
  "contact_id as contactId",
  "direction",
  "actor",
  "actor_id as actorId",
  "status",
  "content",
  "provider_id as providerId",
  "quoted",
  "ticket_ref as ticketRef",
  "metadata",
  "error",
  "referral",
  "traits",
  "edited_at as editedAt",
  "deleted_at as deletedAt",
  "created_at as createdAt",
  "received_at as receivedAt",
  "sent_at as sentAt",
  "delivered_at as deliveredAt",
  "read_at as readAt",
  "failed_at as failedAt",
] as const;

function visible({ workspaceId, accountId }: Owner) {
  const messages = build
    .selectFrom("message")
    .select(columns)
    .$narrowType<Pick<Message, "actor" | "status">>()
    .where("workspace_id", "=", workspaceId);
  return accountId === null ? messages : messages.where("account_id", "=", accountId);
}

/** A conversation's messages, the newest first; those before `before` when it is given. */
export function listMessages(
  db: Queryable,
  owner: Owner,
  conversationId: string,
  { limit, before }: { limit: number; before: string | undefined },
): Promise<Message[]> {
  let query = visible(owner)
    .where("conversation_id", "=", conversationId)
    .orderBy("id", "desc")
    .limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return run(db, query);
}

/** What was said last in each of these conversations, by their ids. */
export async function readLastMessages(
  db: Queryable,
  owner: Owner,
  conversationIds: readonly string[],
): Promise<Map<string, Message>> {
  if (conversationIds.length === 0) return new Map();
  const { rows } = await db.query<{ id: string }>({
    name: "find_last_messages",
    text: `select m.id from unnest($1::uuid[]) as c (id)
      cross join lateral (select id from message
        where conversation_id = c.id order by id desc limit 1) m`,
    values: [uuids(conversationIds)],
  });
  const messages = await readMessages(
    db,
    owner,
    rows.map(({ id }) => id),
  );
  return new Map([...messages.values()].map((message) => [message.conversationId, message]));
}

/** Those of these messages that the owner may see, by id. */
export async function readMessages(
  db: Queryable,
  owner: Owner,
  ids: readonly string[],
): Promise<Map<string, Message>> {
  if (ids.length === 0) return new Map();
  const [lowest, highest] = boundsOf(ids);
  const messages = await run(
    db,
    visible(owner).where("id", "in", ids).where("id", ">=", lowest).where("id", "<=", highest),
  );
  return new Map(messages.map((message) => [message.id, message]));
}

export async function findMessage(
  db: Queryable,
  owner: Owner,
  id: string,
): Promise<Message | null> {
  const [message] = await run(db, visible(owner).where("id", "=", id));
  return message ?? null;
}
