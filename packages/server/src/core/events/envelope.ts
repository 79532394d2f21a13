import { publicId } from "../ids.ts";
import type { ChannelKind } from "../messages/channel-kinds.ts";
import type { Content } from "../messages/content.ts";
import type { MessageTraits, Referral } from "../messages/inbound.ts";
import type { MessageStatus } from "../messages/message-status.ts";
import { freeFormUntil, humanAgentUntil } from "../messages/window.ts";

/**
 * The objects of a body (webhooks and the API's answers alike) made from rows: snake_case, public
 * ids, instants as ISO 8601. Ids in the rows are uuids, instants ms since the epoch.
 */
export interface AccountRow {
  id: string;
  serial: number;
  name: string;
  externalId: string | null;
}

export interface ChannelRow {
  id: string;
  serial: number;
  kind: ChannelKind;
  name: string;
  externalId: string;
}

export type ConversationStatus = "open" | "escalated" | "closed";

export interface ConversationRow {
  id: string;
  serial: number;
  status: ConversationStatus;
  lastInboundAt: number | null;
  ticketRef: string | null;
  /** `Referral` as JSON text: what brought the customer here first. */
  firstTouch?: string | null;
}

export interface ContactRow {
  id: string;
  serial: number;
  name: string | null;
  /** A JSON object as text. */
  customFields: string;
}

export interface IdentityRow {
  kind: string;
  value: string;
  username: string | null;
  channelKind: ChannelKind;
}

export type ActorType =
  | "contact"
  | "ai"
  | "bot"
  | "agent"
  | "automation"
  | "campaign"
  | "system"
  | "echo";

/** Why a message did not arrive, as the API shows it and the row keeps it (JSON text). */
export interface MessageError {
  code: string;
  provider_code: string | null;
  message: string;
  retryable: boolean;
  /** What helps, in a sentence. */
  advice: string | null;
}

export interface QuotedMessage {
  /** Public id, or null when the message is not known here. */
  message_id: string | null;
  provider_id: string | null;
}

export interface MessageRow {
  id: string;
  serial: number;
  providerId: string | null;
  direction: "inbound" | "outbound";
  actor: ActorType;
  /** The public id of whoever acted, e.g. `con_…`. */
  actorId: string | null;
  status: MessageStatus;
  /** `Content` as JSON text. */
  content: string;
  /** `QuotedMessage` as JSON text. */
  quoted: string | null;
  ticketRef: string | null;
  /** A JSON object as text. */
  metadata: string | null;
  /** `MessageError` as JSON text. */
  error: string | null;
  /** `Referral` as JSON text. */
  referral?: string | null;
  /** `MessageTraits` as JSON text. */
  traits?: string | null;
  sentAt: number | null;
  receivedAt: number | null;
  editedAt?: number | null;
  deletedAt?: number | null;
}

export function accountObject(row: AccountRow | null) {
  if (row === null) return null;
  return {
    id: publicId("acc", row.id),
    serial: row.serial,
    name: row.name,
    external_id: row.externalId,
  };
}

export function channelObject(row: ChannelRow) {
  return {
    id: publicId("ch", row.id),
    serial: row.serial,
    kind: row.kind,
    name: row.name,
    external_id: row.externalId,
  };
}

/** How long a conversation's customer may be written to; null for no limit, and for no message yet. */
export function windowObject(kind: ChannelKind, lastInboundAt: number | null) {
  return {
    free_form_until: isoOf(freeFormUntil(kind, lastInboundAt)),
    human_agent_until: isoOf(humanAgentUntil(kind, lastInboundAt)),
  };
}

/** Without `seq`: in an event's body the engine adds the event's own. */
export function conversationObject(row: ConversationRow, kind: ChannelKind, aiEnabled?: boolean) {
  return {
    id: publicId("cnv", row.id),
    serial: row.serial,
    status: row.status,
    ...(aiEnabled === undefined ? {} : { ai_enabled: aiEnabled }),
    window: windowObject(kind, row.lastInboundAt),
    ticket_ref: row.ticketRef,
    first_touch: row.firstTouch == null ? null : parsed<Referral>(row.firstTouch),
  };
}

export function contactObject(row: ContactRow, identities: readonly IdentityRow[]) {
  return {
    id: publicId("con", row.id),
    serial: row.serial,
    name: row.name,
    identities: identities.map((each) => ({
      channel: each.channelKind,
      kind: each.kind,
      id: each.value,
      username: each.username,
    })),
    custom_fields: parsed<Record<string, unknown>>(row.customFields),
  };
}

/** `content` may be given by who has it at hand: it is what the row's JSON says. */
export function messageObject(
  row: MessageRow,
  actorName: string | null,
  content: Content = parsed(row.content),
) {
  // One that its author took back says that instead.
  const isPurged = content.type === "purged" && row.deletedAt == null;
  return {
    id: publicId("msg", row.id),
    serial: row.serial,
    provider_id: row.providerId,
    direction: row.direction,
    actor: { type: row.actor, id: row.actorId, name: actorName },
    status: row.status,
    content,
    ...(isPurged ? { body_purged: true as const } : {}),
    quoted: row.quoted === null ? null : parsed<QuotedMessage>(row.quoted),
    ticket_ref: row.ticketRef,
    metadata: row.metadata === null ? {} : parsed<Record<string, unknown>>(row.metadata),
    ...(row.referral == null ? {} : { referral: parsed<Referral>(row.referral) }),
    ...(row.traits == null ? {} : parsed<MessageTraits>(row.traits)),
    ...(row.error === null ? {} : { error: parsed<MessageError>(row.error) }),
    sent_at: isoOf(row.sentAt),
    received_at: isoOf(row.receivedAt),
    ...(row.editedAt == null ? {} : { edited_at: isoOf(row.editedAt) }),
    ...(row.deletedAt == null ? {} : { deleted_at: isoOf(row.deletedAt) }),
  };
}

/** What was written last: those of a batch are told of the same instants. */
const written = new Map<number, string>();
const MOST_WRITTEN = 16;

export function isoOf(at: number): string;
export function isoOf(at: number | null): string | null;
export function isoOf(at: number | null): string | null {
  if (at === null) return null;
  let text = written.get(at);
  if (text === undefined) {
    if (written.size >= MOST_WRITTEN) written.clear();
    text = new Date(at).toISOString();
    written.set(at, text);
  }
  return text;
}

/** What we wrote ourselves is read as what we wrote. */
function parsed<T>(json: string): T {
  // The cast is safe: these columns hold only what JSON.stringify made of that type.
  return JSON.parse(json) as T;
}
