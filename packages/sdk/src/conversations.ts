import type { ChannelKind } from "./channels.ts";
import { everyItem, type Page, type PageQuery } from "./page.ts";
import type { RequestOptions, Transport } from "./transport.ts";

export interface Contact {
  id: string;
  serial: number;
  name: string | null;
  identities: { channel: string; kind: string; id: string; username: string | null }[];
  custom_fields: Record<string, unknown>;
}

export type ConversationStatus = "open" | "escalated" | "closed";

/** One contact on one channel. */
export interface Conversation {
  id: string;
  serial: number;
  /** The number of its last event. */
  seq: number;
  status: ConversationStatus;
  account_id: string | null;
  channel: { id: string; serial: number; kind: ChannelKind; name: string; external_id: string };
  contact: Contact;
  /** Until when free text may be sent. */
  window: { free_form_until: string | null; human_agent_until: string | null };
  /** What keeps every message back. */
  blocked_by: "channel_deleted" | "opted_out" | null;
  ticket_ref: string | null;
  last_inbound_at: string | null;
  /** When its last event happened. */
  last_activity_at: string;
  /** Null while nothing was said, and for a key without `messages:read`. */
  last_message: Message | null;
  created_at: string;
  closed_at: string | null;
}

/** What was said, and what became of it. */
export interface Message {
  id: string;
  serial: number;
  conversation_id: string;
  channel_id: string;
  contact_id: string;
  provider_id: string | null;
  direction: "inbound" | "outbound";
  actor: { type: string; id: string | null; name: string | null };
  status: string;
  /** A union by `type`: `text`, `image`, … `unsupported`, `purged`. */
  content: { type: string; [more: string]: unknown };
  quoted: { message_id: string | null; provider_id: string | null } | null;
  ticket_ref: string | null;
  metadata: Record<string, unknown>;
  /** Why it failed. */
  error: Record<string, unknown> | null;
  created_at: string;
  received_at: string | null;
  sent_at: string | null;
  delivered_at: string | null;
  read_at: string | null;
  failed_at: string | null;
}

export interface ConversationQuery extends PageQuery {
  channel_id?: string;
  contact_id?: string;
  status?: ConversationStatus;
  /** A part of a name, of an address or of a ticket's reference. */
  q?: string;
  /** `created` when absent. */
  order?: "created" | "activity";
}

export type Conversations = ReturnType<typeof conversationCalls>;

export function conversationCalls(call: Transport) {
  const path = ["conversations"];
  const list = (query: ConversationQuery = {}, options?: RequestOptions) =>
    call<Page<Conversation>>({ method: "GET", path, query: { ...query }, options });
  const messages = (id: string, query: PageQuery = {}, options?: RequestOptions) =>
    call<Page<Message>>({
      method: "GET",
      path: [...path, id, "messages"],
      query: { ...query },
      options,
    });
  return {
    list,
    /** Every conversation, read page by page. */
    all: (query: ConversationQuery = {}, options?: RequestOptions) =>
      everyItem((page: ConversationQuery) => list(page, options), query),
    get: (id: string, options?: RequestOptions) =>
      call<Conversation>({ method: "GET", path: [...path, id], options }),
    /** What was said, the newest first. */
    messages,
    /** Every message of a conversation, read page by page. */
    allMessages: (id: string, query: PageQuery = {}, options?: RequestOptions) =>
      everyItem((page: PageQuery) => messages(id, page, options), query),
  };
}

export type Messages = ReturnType<typeof messageCalls>;

export function messageCalls(call: Transport) {
  return {
    get: (id: string, options?: RequestOptions) =>
      call<Message>({ method: "GET", path: ["messages", id], options }),
  };
}
