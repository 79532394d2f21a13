import type { ChannelKind, CredentialName } from "./channel-kinds.ts";
import type { Content } from "./content.ts";
import type { IdentityName } from "./inbound.ts";
import type { Secret } from "./secret.ts";

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
    };

export interface OutgoingMedia {
  type: "media";
  kind: MediaKind;
  url: string;
  caption: string | null;
  filename: string | null;
}

/** The message as events and the API show it. */
export function shownContent(content: Outgoing): Content {
  switch (content.type) {
    case "text":
      return {
        type: "text",
        text: content.text,
        ...(content.previewUrl ? { preview_url: true } : {}),
      };
    case "media": {
      const { kind: type, url, caption, filename } = content;
      const unknown = { id: null, mime: null, bytes: null, sha256: null };
      const named = {
        ...(filename === null ? {} : { filename }),
        ...(caption === null ? {} : { caption }),
      };
      return { type, media: { ...unknown, ...named, url, expires_at: null } };
    }
    case "template": {
      const { name, language, components } = content;
      return { type: "template", name, language, components };
    }
  }
}

export const MEDIA_KINDS = ["image", "video", "audio", "voice", "document", "sticker"] as const;
export type MediaKind = (typeof MEDIA_KINDS)[number];

/** One message on its way to a provider. */
export interface Letter {
  /** Our public message id. Where the provider gives it back, a lost answer is made up for by it. */
  readonly token: string;
  readonly to: IdentityName;
  readonly content: Outgoing;
  /** The provider's id of the message that this one answers. */
  readonly replyTo: string | null;
  readonly actor: "bot" | "agent";
  readonly tag: string | null;
  /** By our record the customer may be written to freely. */
  readonly isWindowOpen: boolean;
}

/** The channel that sends, and how it proves itself. */
export interface Sender {
  readonly kind: ChannelKind;
  readonly externalId: string;
  readonly messagingServiceSid: string | null;
  readonly credentials: { readonly [Name in CredentialName]?: Secret };
}

/** Where the providers are, and where they reach us. */
export interface ProviderPlaces {
  readonly meta: { readonly graphUrl: string; readonly graphVersion: string };
  readonly twilio: { readonly apiUrl: string };
  /** Without a slash at the end; null where nobody has said it. */
  readonly publicUrl: string | null;
}

/** Why a channel would never take a message. */
export interface Unfit {
  /** A JSON pointer into the request's body. */
  readonly pointer: string;
  readonly code: "unsupported_action" | "text_too_long" | "invalid_request";
  readonly detail: string;
}
