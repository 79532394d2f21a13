import type { ChannelKind } from "./channel-kinds.ts";
import type { Content } from "./content.ts";
import type { FetchedMedia } from "./media.ts";
import type { ProviderStatus } from "./message-status.ts";

/** Where a provider says that something happened: resolved to a channel by these two. */
export interface ChannelAddress {
  readonly kind: ChannelKind;
  readonly externalId: string;
}

/**
 * What a channel calls a person. `wa_id` is a telephone number in digits, `phone` one in E.164; a
 * `bsuid` (WhatsApp), `psid` (Messenger) or `igsid` (Instagram) is opaque. `comment` stands for
 * whoever wrote a comment, until the platform says who that is. `wa_group` is no person but a group,
 * which has a conversation like one.
 */
export type IdentityKind = "wa_id" | "bsuid" | "psid" | "igsid" | "phone" | "comment" | "wa_group";

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
export type InboundItem =
  | InboundMessage
  | InboundStatus
  | InboundEcho
  | InboundFact
  | InboundUnreadable;

/** What messages have in common, whoever wrote them. */
interface InboundWords {
  readonly channel: ChannelAddress;
  /** The same message always has the same: what the provider calls it, or a `factId`. */
  readonly providerId: string;
  readonly content: Content;
  /** What is to be fetched for the content's `media`; see `MediaSource`. */
  readonly media: readonly MediaSource[];
  /** By the provider's clock, ms since the epoch; null when it says nothing sensible. */
  readonly sentAt: number | null;
  /** The provider's id of the message that this one answers. */
  readonly quotedProviderId: string | null;
  /** What the provider sent holds more than `content` tells. */
  readonly keepRaw: boolean;
  /** The item as it came, JSON. */
  readonly raw: string;
}

/** Something that a customer wrote, sent or pressed. */
export interface InboundMessage extends InboundWords {
  readonly kind: "message";
  readonly sender: Person;
  /** Whose conversation it belongs to where that is not the sender's: a group's. */
  readonly thread: Person | null;
  /** Whether the customer's window for free messages starts anew with it. */
  readonly opensWindow: boolean;
  /** What brought the customer here: an advertisement, a link. */
  readonly referral: Referral | null;
  readonly traits: MessageTraits;
  /** Written before the channel was connected: kept, and no news to anybody. */
  readonly isHistory: boolean;
}

/**
 * Something that the business said, told back by the provider: by a person in the provider's own inbox or
 * telephone app, or by us.
 */
export interface InboundEcho extends InboundWords {
  readonly kind: "echo";
  readonly recipient: Person;
  /** What we gave the provider with the message: our public message id, if it is one of ours. */
  readonly token: string | null;
  /** The provider's name for the application that sent it; null when a person did, or it does not say. */
  readonly appId: string | null;
  readonly isHistory: boolean;
}

/** Where the provider keeps a part of a message. Never shown: its links are secrets that die soon. */
export interface MediaSource {
  /** 0 is `content` itself, n the n-th of its `attachments` (from 1). */
  readonly part: number;
  /** What the provider calls it, where it is fetched by name (WhatsApp). */
  readonly providerMediaId: string | null;
  /** The provider's link, where it is fetched by that (Messenger, Instagram, Twilio). */
  readonly url: string | null;
  /** What came of fetching it before the message is told, where it will be kept nowhere. */
  readonly fetched?: FetchedMedia;
}

/** What is worth knowing of a message beside its content. Each only where it is so. */
export interface MessageTraits {
  readonly forwarded?: true;
  readonly frequently_forwarded?: true;
  /** Another application holds the conversation; we only listen. */
  readonly standby?: true;
  /** The customer asks about a product of a catalogue. */
  readonly referred_product?: { catalog_id: string | null; product_id: string | null };
  /** What the provider says went wrong with it. */
  readonly problem?: { code: string | null; message: string | null };
}

/** As events and the API show it. Without the provider's own links to pictures. */
export interface Referral {
  /** `ad`, `post`, `short_link`, … in lower case; null when the provider does not say. */
  readonly source: string | null;
  readonly type: string | null;
  readonly ref: string | null;
  readonly ad_id: string | null;
  readonly source_url: string | null;
  readonly headline: string | null;
  readonly body: string | null;
  readonly media: { readonly type: string } | null;
  readonly ctwa_clid: string | null;
  readonly product_id: string | null;
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

/** What a provider tells that is neither a message nor a word about one message's way. */
export type InboundFact =
  | InboundEdit
  | InboundDeletion
  | InboundReaction
  | InboundWatermark
  | InboundProfile
  | InboundIdentityChange
  | InboundComment
  | InboundConsent
  | InboundHandover
  | InboundTemplateChange
  | InboundNotice;

interface FactBase {
  readonly channel: ChannelAddress;
  /**
   * The same fact always has the same, so that it is told once: the provider's id, or a `factId`. Null
   * where two of the same cannot be told apart.
   */
  readonly providerId: string | null;
  /** By the provider's clock, ms since the epoch; null when it says nothing sensible. */
  readonly at: number | null;
  /** The item as it came, JSON. */
  readonly raw: string;
}

/** Which side of a conversation did something. */
export type Side = "contact" | "business";

/** What was changed of a message, possibly before the message itself has come. */
interface AboutMessage extends FactBase {
  /** The provider's id of the message. */
  readonly targetProviderId: string;
  readonly by: Side;
  /** The customer of the conversation, as far as the provider says. */
  readonly person: Person;
}

export interface InboundEdit extends AboutMessage {
  readonly kind: "edit";
  /** Null where it is said that nothing has been changed, which Instagram does. */
  readonly content: Content | null;
  readonly media: readonly MediaSource[];
  /** How often it has been edited with this; null when the provider does not count. */
  readonly revision: number | null;
}

/** Unsent, revoked: whoever wrote it wants it gone. */
export interface InboundDeletion extends AboutMessage {
  readonly kind: "deletion";
}

export interface InboundReaction extends AboutMessage {
  readonly kind: "reaction";
  readonly action: "add" | "remove";
  /** Null where it is taken away and the provider does not say which it was. */
  readonly emoji: string | null;
  /** The provider's word for it (`love`). */
  readonly name: string | null;
  readonly opensWindow: boolean;
}

/** Everything that this person was sent has come that far. One of `until` and `targetProviderId` is given. */
export interface InboundWatermark extends FactBase {
  readonly kind: "watermark";
  readonly status: "delivered" | "read";
  readonly person: Person;
  /** All that was sent until then, ms since the epoch. */
  readonly until: number | null;
  /** That message and all before it. */
  readonly targetProviderId: string | null;
}

/** What somebody is called now. Nobody becomes a contact by it. */
export interface InboundProfile extends FactBase {
  readonly kind: "profile";
  readonly person: Person;
}

/** Somebody goes by another name of the provider's now; the old one may become somebody else's. */
export interface InboundIdentityChange extends FactBase {
  readonly kind: "identity_change";
  readonly from: readonly IdentityName[];
  readonly to: readonly IdentityName[];
}

/** Something written in public. `providerId` is the comment's id. */
export interface InboundComment extends FactBase {
  readonly kind: "comment";
  readonly change: "added" | "edited" | "removed";
  /** Null where the provider only says that there is one (Instagram's mentions). */
  readonly text: string | null;
  readonly author: Person;
  /** The business commented itself. */
  readonly isOwn: boolean;
  readonly commentId: string | null;
  readonly postId: string | null;
  readonly parentId: string | null;
  readonly isLive: boolean;
  readonly isMention: boolean;
  readonly adId: string | null;
  readonly permalink: string | null;
}

/** Somebody wants, or does not want, to be written to. */
export interface InboundConsent extends FactBase {
  readonly kind: "consent";
  readonly person: Person;
  readonly change: "opted_in" | "opted_out";
  /** What it is about (`marketing_messages`); null is everything. */
  readonly topic: string | null;
  /** What the customer wrote or pressed. */
  readonly keyword: string | null;
  /** What the provider says of it, in words. */
  readonly evidence: string | null;
}

/** Another application wants, gets or takes a conversation. */
export interface InboundHandover extends FactBase {
  readonly kind: "handover";
  readonly person: Person;
  readonly change: "requested" | "passed" | "taken";
  readonly fromAppId: string | null;
  readonly toAppId: string | null;
  readonly metadata: string | null;
}

/** Facts of a whole WhatsApp business account stand under its id: they go to each workspace that has a channel of it. */
export interface InboundTemplateChange extends FactBase {
  readonly kind: "template";
  readonly change: "status" | "quality" | "category";
  readonly template: {
    readonly id: string | null;
    readonly name: string | null;
    readonly language: string | null;
  };
  readonly before: string | null;
  readonly after: string | null;
  readonly reason: string | null;
  /** The channel's address is the business account's id. */
  readonly ofBusinessAccount: true;
}

/** Something about a channel or its account at the provider. */
export interface InboundNotice extends FactBase {
  readonly kind: "notice";
  /** `updated` changes nothing in how well the channel works. */
  readonly change: "connected" | "disconnected" | "degraded" | "updated";
  /** The provider's word for it, in lower case (`account_violation`). */
  readonly code: string;
  /** In words; null when the provider gives none. */
  readonly reason: string | null;
  /** Words and numbers that it came with. */
  readonly details: Readonly<Record<string, string>>;
  /** The channel's address is a WhatsApp business account's id. */
  readonly ofBusinessAccount: boolean;
}

/** Authentic, but not to be read or not to be placed. It is kept and shown, never refused. */
export interface InboundUnreadable {
  readonly kind: "unreadable";
  readonly channel: ChannelAddress | null;
  readonly reason: UnreadableReason;
  readonly raw: string;
}

/** Understood, and nothing that a business messages about. Nothing follows from it but a count. */
export interface InboundIgnored {
  readonly kind: "ignored";
  readonly channel: ChannelAddress;
  /** The item as it came, JSON. */
  readonly raw: string;
}

export type UnreadableReason =
  | "not_json"
  | "malformed"
  | "unknown_object"
  | "unknown_field"
  | "unknown_status"
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
  readonly provider: "meta" | "twilio";
  readonly items: readonly InboundItem[];
  /** The channel whose own address it came to; what is not for that channel is unroutable. */
  readonly onlyChannelId: string | null;
  /** Where these were kept until it was known of whom they are: their place in `newcomer_item`, item by item. */
  readonly kept?: readonly string[];
  /** Where these have waited for the message that they speak of: their place in `waiting_item`, item by item. */
  readonly waited?: readonly { readonly id: string; readonly isOver: boolean }[];
}

/** What became of a request's items. All but `unsupported` add up to how many there were. */
export interface InboundOutcome {
  /** Of customers, and of the business by another way than ours. */
  readonly messages: number;
  /** Those of the messages whose content this version does not read. */
  readonly unsupported: number;
  /** Said before, by an earlier request or twice in this one. */
  readonly duplicates: number;
  readonly statuses: number;
  /** Edits, reactions, comments, consent and whatever else is no message and no status. */
  readonly facts: number;
  /** Came before the message that they speak of, and wait for it. */
  readonly waiting: number;
  readonly unroutable: number;
}
