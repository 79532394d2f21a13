import type { Content } from "./content.ts";

/** It only moves on: what is `read` is never `sent` again. */
export type MessageStatus =
  | "queued"
  | "sending"
  | "unconfirmed"
  | "sent"
  | "delivered"
  | "read"
  | "played"
  | "failed"
  | "received";

export type ActorType =
  | "contact"
  | "ai"
  | "bot"
  | "agent"
  | "automation"
  | "campaign"
  | "system"
  | "echo";

/** The message that another one answers. */
export interface QuotedMessage {
  /** Null when it is not known here. */
  message_id: string | null;
  provider_id: string | null;
}

/** What brought a customer here. */
export interface Referral {
  /** `ad`, `post`, `short_link` and the like; null when the provider does not say. */
  source: string | null;
  type: string | null;
  ref: string | null;
  ad_id: string | null;
  source_url: string | null;
  headline: string | null;
  body: string | null;
  media: { type: string } | null;
  ctwa_clid: string | null;
  product_id: string | null;
}

/** Why a message did not arrive. */
export interface MessageError {
  code: string;
  provider_code: string | null;
  message: string;
  retryable: boolean;
  /** What helps, in a sentence. */
  advice: string | null;
}

/** A message as webhooks show it. */
export interface EventMessage {
  id: string;
  serial: number;
  provider_id: string | null;
  direction: "inbound" | "outbound";
  actor: { type: ActorType; id: string | null; name: string | null };
  status: MessageStatus;
  content: Content;
  /** The body was forwarded and not kept. */
  body_purged?: true;
  quoted: QuotedMessage | null;
  ticket_ref: string | null;
  metadata: Record<string, unknown>;
  referral?: Referral;
  forwarded?: true;
  frequently_forwarded?: true;
  /** Another application holds the conversation. */
  standby?: true;
  /** The customer asks about a product of a catalogue. */
  referred_product?: { catalog_id: string | null; product_id: string | null };
  /** What the provider says went wrong with it. */
  problem?: { code: string | null; message: string | null };
  error?: MessageError;
  sent_at: string | null;
  received_at: string | null;
  edited_at?: string;
  deleted_at?: string;
}
