import type { ChannelKind } from "./channel-kinds.ts";
import type { Content } from "./content.ts";
import type { ProviderStatus } from "./message-status.ts";

/** Where a provider says that something happened: resolved to a channel by these two. */
export interface ChannelAddress {
  readonly kind: ChannelKind;
  readonly externalId: string;
}

/**
 * What a channel calls a person. `wa_id` is a telephone number in digits, `phone` one in E.164; a
 * `bsuid` (WhatsApp), `psid` (Messenger) or `igsid` (Instagram) is opaque. `comment` stands for
 * whoever wrote a comment, until the platform says who that is.
 */
export type IdentityKind = "wa_id" | "bsuid" | "psid" | "igsid" | "phone" | "comment";

export interface IdentityName {
  readonly kind: IdentityKind;
  readonly value: string;
}

/** Somebody whom a payload speaks of: all the names it gives for one person. */
export interface Person {
  /** At least one where a message has a sender; the one that is kept longest comes first. */
  readonly identities: readonly IdentityName[];
  readonly name: string | null;
  readonly username: string | null;
}

/** What the provider said went wrong with a message. */
export interface ProviderError {
  readonly code: number | null;
  readonly title: string | null;
  readonly message: string | null;
  readonly details: string | null;
}

/** One thing that a provider's request tells. Ids and names in it hold neither NUL nor half a surrogate pair. */
export type InboundItem = InboundMessage | InboundStatus | InboundUnreadable;

export interface InboundMessage {
  readonly kind: "message";
  readonly channel: ChannelAddress;
  readonly providerId: string;
  readonly sender: Person;
  readonly content: Content;
  /** By the provider's clock, ms since the epoch; null when it says nothing sensible. */
  readonly sentAt: number | null;
  /** The provider's id of the message that this one answers. */
  readonly quotedProviderId: string | null;
  /** Whether the customer's window for free messages starts anew with it. */
  readonly opensWindow: boolean;
  /** What the provider sent holds more than `content` tells. */
  readonly keepRaw: boolean;
  /** The item as it came, JSON. */
  readonly raw: string;
}

export interface InboundStatus {
  readonly kind: "status";
  readonly channel: ChannelAddress;
  readonly providerId: string;
  readonly status: ProviderStatus;
  readonly at: number | null;
  /** What we gave the provider with the message: our public message id, if it is one of ours. */
  readonly token: string | null;
  readonly recipient: Person;
  readonly parentBsuid: string | null;
  readonly error: ProviderError | null;
  readonly pricing: Pricing | null;
  readonly providerConversationId: string | null;
  readonly raw: string;
}

export interface Pricing {
  readonly billable: boolean | null;
  readonly model: string | null;
  readonly type: string | null;
  readonly category: string | null;
}

/** Authentic, but not to be read or not to be placed. It is kept and shown, never refused. */
export interface InboundUnreadable {
  readonly kind: "unreadable";
  readonly channel: ChannelAddress | null;
  readonly reason: UnreadableReason;
  readonly raw: string;
}

export type UnreadableReason =
  | "not_json"
  | "malformed"
  | "unknown_object"
  | "unknown_field"
  | "unknown_status"
  | "provider_error"
  | "group_message"
  | "no_channel"
  | "no_sender"
  | "no_provider_id"
  | "too_many_items"
  | "internal_error";

/** Why something is listed as unroutable. */
export type UnroutableReason =
  | UnreadableReason
  | "unknown_channel"
  | "unknown_message"
  | "other_channel";

/** One request of a provider, read. */
export interface InboundRequest {
  readonly provider: "meta";
  readonly items: readonly InboundItem[];
  /** The channel whose own address it came to; what is not for that channel is unroutable. */
  readonly onlyChannelId: string | null;
}

/** What became of a request's items. All but `unsupported` add up to how many there were. */
export interface InboundOutcome {
  readonly messages: number;
  /** Those of the messages whose content this version does not read. */
  readonly unsupported: number;
  /** Said before, by an earlier request or twice in this one. */
  readonly duplicates: number;
  readonly statuses: number;
  readonly unroutable: number;
}
