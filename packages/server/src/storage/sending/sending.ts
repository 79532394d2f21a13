import type { Queryable } from "../../core/events/recording.ts";
import type { ChannelKind, InstagramLogin } from "../../core/messages/channel-kinds.ts";
import type { IdentityKind, IdentityName } from "../../core/messages/inbound.ts";
import type { MessageStatus } from "../../core/messages/message-status.ts";
import { texts, uuids } from "../connections/columns.ts";
import type { Owner } from "../workspaces/accounts.ts";

/** A connected channel as sending knows it. */
export interface SendingChannel {
  id: string;
  workspaceId: string;
  accountId: string | null;
  kind: ChannelKind;
  isDefault: boolean;
  state: "connected" | "paused" | "degraded";
  pausedUntil: number | null;
}

/** Somebody who can be written to: a conversation that there is, and all their addresses in it. */
export interface Correspondent {
  channel: SendingChannel;
  conversationId: string;
  contactId: string;
  lastInboundAt: number | null;
  /** They have said that they want no messages by this channel. */
  isOptedOut: boolean;
  identities: IdentityName[];
}

interface CorrespondentRow extends Omit<SendingChannel, "id"> {
  channelId: string;
  conversationId: string;
  contactId: string;
  lastInboundAt: number | null;
  isOptedOut: boolean;
  identityKind: IdentityKind | null;
  value: string | null;
}

const CHANNEL_COLUMNS = `ch.workspace_id as "workspaceId", ch.account_id as "accountId", ch.kind,
  ch.is_default as "isDefault", ch.state, ch.paused_until as "pausedUntil"`;
/** $1 and $2 are the workspace and the account that one is confined to. */
const VISIBLE = `ch.workspace_id = $1 and ch.deleted_at is null
  and ($2::uuid is null or ch.account_id = $2::uuid)`;
const CORRESPONDENTS = `select ch.id as "channelId", ${CHANNEL_COLUMNS}, c.id as "conversationId",
    c.contact_id as "contactId", c.last_inbound_at as "lastInboundAt", i.kind as "identityKind", i.value,
    exists (select 1 from consent k where k.channel_id = ch.id and k.contact_id = c.contact_id
      and k.topic = '' and k.state = 'opted_out') as "isOptedOut"
  from conversation c
  join channel ch on ch.id = c.channel_id and ${VISIBLE}
  join contact co on co.id = c.contact_id
  left join identity i on i.contact_id = coalesce(co.merged_into, co.id) and i.channel_id = c.channel_id`;

/** Who is at the other end of a conversation; null when it cannot be seen or its channel is gone. */
export async function findCorrespondent(
  db: Queryable,
  owner: Owner,
  conversation: { id: string } | { serial: number },
): Promise<Correspondent | null> {
  const [column, value] =
    "id" in conversation ? ["id", conversation.id] : ["serial", conversation.serial];
  const { rows } = await db.query<CorrespondentRow>({
    text: `${CORRESPONDENTS} where c.${column} = $3 order by i.id`,
    values: [owner.workspaceId, owner.accountId, value],
  });
  return gathered(rows)[0] ?? null;
}

/** Who has one of these addresses on a channel that can be seen. */
export async function findCorrespondents(
  db: Queryable,
  owner: Owner,
  address: { kinds: readonly string[]; values: readonly string[] },
): Promise<Correspondent[]> {
  const { rows } = await db.query<CorrespondentRow>({
    text: `${CORRESPONDENTS} where (c.channel_id, c.contact_id) in (
        select named.channel_id, named.contact_id from identity named
        where named.workspace_id = $1 and named.value = any($3::text[]) and named.kind = any($4::text[]))
      order by c.id, i.id`,
    values: [owner.workspaceId, owner.accountId, texts(address.values), texts(address.kinds)],
  });
  return gathered(rows);
}

function gathered(rows: readonly CorrespondentRow[]): Correspondent[] {
  const found = new Map<string, Correspondent>();
  for (const row of rows) {
    const { conversationId, contactId, lastInboundAt, isOptedOut, identityKind, value } = row;
    const { channelId: id, workspaceId, accountId, kind, isDefault, state, pausedUntil } = row;
    const channel = { id, workspaceId, accountId, kind, isDefault, state, pausedUntil };
    let each = found.get(conversationId);
    if (!each) {
      const person = { contactId, lastInboundAt, isOptedOut };
      each = { channel, conversationId, ...person, identities: [] };
      found.set(conversationId, each);
    }
    if (identityKind !== null && value !== null) {
      each.identities.push({ kind: identityKind, value });
    }
  }
  return [...found.values()];
}

/** Every connected channel that can be seen, the oldest first. */
export async function listSendingChannels(db: Queryable, owner: Owner): Promise<SendingChannel[]> {
  const { rows } = await db.query<SendingChannel>({
    text: `select ch.id, ${CHANNEL_COLUMNS} from channel ch where ${VISIBLE} order by ch.id`,
    values: [owner.workspaceId, owner.accountId],
  });
  return rows;
}

export interface ChannelMeans {
  workspaceId: string;
  kind: ChannelKind;
  externalId: string;
  messagingServiceSid: string | null;
  wabaId: string | null;
  login: InstagramLogin | null;
  /** Sealed for `credentialsPlace`. */
  credentials: string | null;
  updatedAt: number;
}

/** What is needed to send by a channel; null when it is gone. */
export async function findChannelMeans(db: Queryable, id: string): Promise<ChannelMeans | null> {
  const { rows } = await db.query<ChannelMeans>({
    name: "channel_means",
    text: `select workspace_id as "workspaceId", kind, external_id as "externalId",
        messaging_service_sid as "messagingServiceSid", waba_id as "wabaId", login, credentials, updated_at as "updatedAt"
      from channel where id = $1 and deleted_at is null`,
    values: [id],
  });
  return rows[0] ?? null;
}

/**
 * Pauses a channel, until a time or until somebody resumes it. Null when it was changed after
 * `updatedAt`: what is wrong with it may have been mended. One that stands still already does so for the
 * longer of both, and a pause that only people end is never shortened. Part of a change of configuration.
 */
export async function pauseChannel(
  tx: Queryable,
  o: { id: string; updatedAt: number; reason: string; until: number | null },
): Promise<"paused" | "paused_already" | null> {
  const { rows } = await tx.query<{ isNew: boolean }>({
    text: `with before as (
        select id, state <> 'paused' or (paused_until is not null and $4::float8 is null) as is_new from channel
        where id = $1 and deleted_at is null
          and date_trunc('milliseconds', updated_at) = to_timestamp($2::float8 / 1000)
        for update)
      update channel c set state = 'paused',
        state_reason = case when b.is_new then $3 else c.state_reason end,
        paused_until = case when b.is_new then to_timestamp($4::float8 / 1000)
          else greatest(c.paused_until, case when c.paused_until is not null then to_timestamp($4::float8 / 1000) end) end
      from before b where c.id = b.id
      returning b.is_new as "isNew"`,
    values: [o.id, o.updatedAt, o.reason, o.until],
  });
  const [row] = rows;
  if (row === undefined) return null;
  return row.isNew ? "paused" : "paused_already";
}

/** Lets a channel go on; false when it was not paused. What waits for it leaves by itself. Part of a change of configuration. */
export async function resumeChannel(tx: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: `update channel set state = 'connected', state_reason = null, paused_until = null
      where id = $1 and state = 'paused'`,
    values: [id],
  });
  return rowCount === 1;
}

/** Channels whose pause is over. */
export async function findRestedChannels(
  db: Queryable,
  now: number,
): Promise<{ id: string; workspaceId: string }[]> {
  const { rows } = await db.query<{ id: string; workspaceId: string }>({
    text: `select id, workspace_id as "workspaceId" from channel
      where state = 'paused' and paused_until <= to_timestamp($1::float8 / 1000) and deleted_at is null`,
    values: [now],
  });
  return rows;
}

/** Notes what the sender's own system calls these conversations. They are locked. */
export async function setTicketRefs(
  tx: Queryable,
  changes: readonly { id: string; ticketRef: string }[],
): Promise<void> {
  if (changes.length === 0) return;
  await tx.query({
    name: "set_ticket_refs",
    text: `update conversation c set ticket_ref = i.ticket_ref
      from unnest($1::uuid[], $2::text[]) as i (id, ticket_ref) where c.id = i.id`,
    values: [uuids(changes.map((each) => each.id)), texts(changes.map((each) => each.ticketRef))],
  });
}

/** A message of ours and what its answer says of the conversation. */
export interface Sent {
  messageId: string;
  conversationId: string;
  channelKind: ChannelKind;
  status: MessageStatus;
  providerId: string | null;
  /** JSON text. */
  error: string | null;
  createdAt: number;
  lastInboundAt: number | null;
}

export async function findSent(db: Queryable, owner: Owner, id: string): Promise<Sent | null> {
  const { rows } = await db.query<Sent>({
    name: "find_sent",
    text: `select m.id as "messageId", m.conversation_id as "conversationId", ch.kind as "channelKind",
        m.status, m.provider_id as "providerId", m.error, m.created_at as "createdAt",
        c.last_inbound_at as "lastInboundAt"
      from message m
      join conversation c on c.id = m.conversation_id
      join channel ch on ch.id = m.channel_id
      where m.id = $3 and m.workspace_id = $1 and m.direction = 'outbound'
        and ($2::uuid is null or ch.account_id = $2::uuid)`,
    values: [owner.workspaceId, owner.accountId, id],
  });
  return rows[0] ?? null;
}

/** A message that another one answers, by our id, its serial or the provider's id. */
export interface Quotable {
  messageId: string;
  conversationId: string;
  providerId: string | null;
}

export async function findQuotable(
  db: Queryable,
  conversationId: string,
  by: { id: string } | { serial: number } | { providerId: string; channelId: string },
): Promise<Quotable | null> {
  const columns = `m.id as "messageId", m.conversation_id as "conversationId", m.provider_id as "providerId"`;
  if ("providerId" in by) {
    const { rows } = await db.query<Quotable>({
      text: `select ${columns} from provider_ref r join message m on m.id = r.message_id
        where r.channel_id = $1 and r.kind = 'message' and r.provider_id = $2`,
      values: [by.channelId, by.providerId],
    });
    return rows[0] ?? null;
  }
  const [column, value] = "id" in by ? ["id", by.id] : ["serial", by.serial];
  const { rows } = await db.query<Quotable>({
    text: `select ${columns} from message m where m.conversation_id = $1 and m.${column} = $2`,
    values: [conversationId, value],
  });
  return rows[0] ?? null;
}

/** Which of these channels a comment was heard on; null where none has heard of it. */
export async function findCommentChannel(
  db: Queryable,
  commentId: string,
  channelIds: readonly string[],
): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>({
    text: `select channel_id as id from provider_ref
      where channel_id = any($1::uuid[]) and provider_id = $2 limit 1`,
    values: [uuids(channelIds), commentId],
  });
  return rows[0]?.id ?? null;
}
