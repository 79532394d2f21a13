import type { ErrorCode } from "../../core/errors.ts";
import type { ChannelKind } from "../../core/messages/channel-kinds.ts";

/** One event that a client publishes, checked as far as it can be without the database. */
export interface PublishItem {
  type: string;
  data: object;
  campaignId: string | null;
  accountId: string | null;
  channel: { id: string } | { kind: ChannelKind } | null;
  conversationId: string | null;
  /** The idempotency key, and what tells one request from another. */
  key: { name: string; hash: Buffer } | null;
  /** The serial of an endpoint that must not get it: the event is about that one. */
  exceptEndpoint?: number;
}

/** What one request publishes: all of it, or nothing. */
export interface PublishRequest {
  workspaceId: string;
  /** The account that the key is confined to, or null. */
  confinedTo: string | null;
  items: readonly PublishItem[];
}

export interface Published {
  /** The event's uuid; the first one's when its idempotency key was seen before. */
  id: string;
  duplicate: boolean;
}

/** What is wrong with an item: the field at fault, and why. */
export interface Refusal {
  field: "account_id" | "channel" | "conversation_id" | "idempotency_key";
  code: ErrorCode;
  detail: string;
}

export type PublishAnswer =
  | { kind: "published"; events: Published[] }
  /** `item` is the place of the item at fault. */
  | { kind: "refused"; item: number; refusal: Refusal };

/** Which event stands for an item: the place of its draft, or the id of one that was there before. */
export interface Planned {
  event: number | string;
  duplicate: boolean;
}
