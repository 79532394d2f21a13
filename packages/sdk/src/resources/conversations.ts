import { everyItem, listCalls, type Page, type PageQuery } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";
import type { EventMessage, MessageError, MessageStatus, Referral } from "../webhooks/message.ts";
import type { ChannelKind } from "./channels.ts";

/** A person. */
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

/** What was said, and what became of it. Links to its files are good for a while. */
export interface Message
  extends Omit<EventMessage, "referral" | "error" | "edited_at" | "deleted_at"> {
  conversation_id: string;
  channel_id: string;
  contact_id: string;
  referral: Referral | null;
  /** Why it failed. */
  error: MessageError | null;
  created_at: string;
  delivered_at: string | null;
  read_at: string | null;
  failed_at: string | null;
  edited_at: string | null;
  deleted_at: string | null;
}

/** What narrows a list of messages. A page may be short, and still have a next one. */
export interface MessageQuery extends PageQuery {
  conversation_id?: string;
  /** Kinds and ids of channels, with commas between them. */
  channel?: string;
  direction?: Message["direction"];
  status?: MessageStatus;
  /** RFC 3339: of messages kept from then on, and before then. */
  since?: string;
  until?: string;
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
  const messages = (id: string, query?: PageQuery, options?: RequestOptions) =>
    call<Page<Message>>({ method: "GET", path: [...path, id, "messages"], query, options });
  return {
    ...listCalls<Conversation, ConversationQuery>(call, path),
    get: (id: string, options?: RequestOptions) =>
      call<Conversation>({ method: "GET", path: [...path, id], options }),
    /** What was said, the newest first. */
    messages,
    /** Every message of a conversation, read page by page. */
    allMessages: (id: string, query?: PageQuery, options?: RequestOptions) =>
      everyItem((page: PageQuery) => messages(id, page, options), query),
  };
}

export type Messages = ReturnType<typeof messageCalls>;

export function messageCalls(call: Transport) {
  return {
    ...listCalls<Message, MessageQuery>(call, ["messages"]),
    get: (id: string, options?: RequestOptions) =>
      call<Message>({ method: "GET", path: ["messages", id], options }),
    /** Takes back one that has not left yet: it has failed then. Rejects with `conflict` when it may have left. */
    cancel: (id: string, options?: RequestOptions) =>
      call<Message>({ method: "POST", path: ["messages", id, "cancel"], options }),
  };
}

export type Contacts = ReturnType<typeof contactCalls>;

export function contactCalls(call: Transport) {
  return {
    ...listCalls<Contact>(call, ["contacts"]),
    get: (id: string, options?: RequestOptions) =>
      call<Contact>({ method: "GET", path: ["contacts", id], options }),
  };
}
