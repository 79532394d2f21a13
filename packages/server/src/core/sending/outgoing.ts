import type { ChannelKind, CredentialName, InstagramLogin } from "../messages/channel-kinds.ts";
import type { IdentityName } from "../messages/inbound.ts";
import type { Secret } from "../secret.ts";

/** What a business says to a customer, before a provider's own form is made of it. */
export type Outgoing =
  | { type: "text"; text: string; previewUrl: boolean }
  | OutgoingMedia
  | {
      type: "template";
      name: string;
      language: string;
      /** Verbatim, as the sender gave them. */
      components: readonly unknown[];
    }
  | { type: "interactive"; interactive: Interactive }
  /** WhatsApp's own `interactive` object, verbatim. */
  | { type: "native"; interactive: NativeInteractive }
  | OutgoingReaction;

export interface OutgoingMedia {
  type: "media";
  kind: MediaKind;
  url: string;
  caption: string | null;
  /** As the sender of the message named it, for channels that show a name. */
  filename: string | null;
  /** Where the file is kept here: `url` is made anew when the message leaves. */
  file?: SentFile;
}

/** A file of ours that goes along with a message. */
export interface SentFile {
  /** The uuid of its `med_` id. */
  readonly id: string;
  readonly mime: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Whoever brought it called it so. */
  readonly filename: string | null;
  /** When the message's `url` ends, ISO 8601. */
  readonly expiresAt: string;
}

export const MEDIA_KINDS = ["image", "video", "audio", "voice", "document", "sticker"] as const;
export type MediaKind = (typeof MEDIA_KINDS)[number];

/** Put on a message, or taken from it with null. */
export interface OutgoingReaction {
  type: "reaction";
  /** Our id of the message, null for one that the provider alone knows. */
  targetId: string | null;
  targetProviderId: string;
  emoji: string | null;
}

/** Something to choose from, in words that every channel can be given. */
export type Interactive = {
  body: string;
  header?: InteractiveHeader | undefined;
  footer?: string | undefined;
} & (
  | { kind: "buttons"; actions: readonly { id: string; title: string }[] }
  | { kind: "list"; button: string; actions: readonly ListRow[] }
  | { kind: "cta_url"; actions: readonly { title: string; url: string }[] }
  | { kind: "location_request" }
  | { kind: "flow"; actions: readonly FlowAction[] }
  | { kind: "product"; actions: readonly ProductAction[] }
  | { kind: "carousel"; actions: readonly Card[] }
);

export type InteractiveHeader =
  | { type: "text"; text: string }
  | { type: "image" | "video" | "document"; url: string };

export interface ListRow {
  id: string;
  title: string;
  description?: string | undefined;
  /** Rows with the same one stand together. */
  section?: string | undefined;
}

export interface FlowAction {
  title: string;
  flow_id: string;
  flow_token?: string | undefined;
  screen?: string | undefined;
  data?: Readonly<Record<string, unknown>> | undefined;
}

export interface ProductAction {
  catalog_id: string;
  product_id: string;
  section?: string | undefined;
}

export interface Card {
  title: string;
  subtitle?: string | undefined;
  image_url?: string | undefined;
  buttons?: readonly CardButton[] | undefined;
}

/** Answers with its id, or opens its address. */
export type CardButton = { title: string; id: string } | { title: string; url: string };

export interface NativeInteractive {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** What a customer is shown for a moment and nothing is kept of. */
export interface Signal {
  readonly kind: "typing_on" | "typing_off" | "mark_read";
  readonly to: IdentityName;
  /** The provider's id of the last message that the customer wrote, where one is known. */
  readonly lastReceived: string | null;
}

/** One message on its way to a provider. */
export interface Letter {
  /** Our public message id. Where the provider gives it back, a lost answer is made up for by it. */
  readonly token: string;
  readonly to: IdentityName;
  readonly content: Outgoing;
  /** The provider's id of the message that this one answers. */
  readonly replyTo: string | null;
  readonly actor: "bot" | "agent";
  readonly tag: "HUMAN_AGENT" | null;
  /** By our record the customer may be written to freely. */
  readonly isWindowOpen: boolean;
}

/** The channel that sends, and how it proves itself. */
export interface Sender {
  readonly kind: ChannelKind;
  readonly externalId: string;
  readonly messagingServiceSid: string | null;
  /** Of WhatsApp, where it was given. */
  readonly wabaId: string | null;
  /** Of Instagram. */
  readonly login: InstagramLogin | null;
  readonly credentials: { readonly [Name in CredentialName]?: Secret };
}

/** Where the providers are, and where they reach us. */
export interface ProviderPlaces {
  readonly meta: { readonly graphUrl: string; readonly graphVersion: string };
  readonly twilio: { readonly apiUrl: string };
  /** Without a slash at the end; null where nobody has said it. */
  readonly publicUrl: string | null;
}

/** Why a channel would never take something. */
export interface Unfit {
  /** A JSON pointer into the request's body. */
  readonly pointer: string;
  readonly code: "unsupported_action" | "text_too_long" | "file_unfit" | "invalid_request";
  readonly detail: string;
}
