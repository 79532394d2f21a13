/** What a message says: a union by `type`. */
export type Content = (
  | TextContent
  | MediaContent
  | LocationContent
  | ContactsContent
  | InteractiveReplyContent
  | InteractiveContent
  | TemplateContent
  | ReactionContent
  | StoryContent
  | ShareContent
  | CommentContent
  | OrderContent
  | ReferralOpenContent
  | EmailContent
  | SystemContent
  | UnsupportedContent
  | PurgedContent
) & {
  /** What else came in the same message, in order; none of these has any of its own. */
  attachments?: readonly Content[];
};

/** How words travel over the telephone network: messages by SMS alone have it. */
interface Travelling {
  encoding?: "GSM-7" | "UCS-2";
  segments?: number;
}

export interface TextContent extends Travelling {
  type: "text";
  text: string;
  entities?: readonly { type: string; offset: number; length: number; url?: string }[];
  preview_url?: boolean;
}

/** A file of a message. */
export interface MediaFile {
  id: string | null;
  /**
   * Whether it is here: it is fetched from the provider after the message has been told. What is kept
   * nowhere goes along (`inline`), or is at its provider and handed on (`once`).
   */
  state?: "fetching" | "stored" | "failed" | "inline" | "once";
  mime: string | null;
  bytes: number | null;
  sha256: string | null;
  filename?: string;
  caption?: string;
  /** Curlew's, or the file itself (`data:`); null while there is nothing to be had at it. */
  url: string | null;
  expires_at: string | null;
  width?: number;
  height?: number;
  duration?: number;
  animated?: boolean;
}

export interface MediaContent extends Travelling {
  type: "image" | "video" | "audio" | "document" | "sticker" | "voice";
  media: MediaFile;
}

export interface LocationContent {
  type: "location";
  latitude: number;
  longitude: number;
  name?: string;
  address?: string;
  url?: string;
  live?: boolean;
}

export interface ContactsContent {
  type: "contacts";
  contacts: readonly {
    name: string | null;
    phones: readonly { phone: string; type?: string; wa_id?: string }[];
    emails: readonly { email: string; type?: string }[];
    org?: string;
    urls: readonly string[];
  }[];
}

/** What a customer has chosen. */
export interface InteractiveReplyContent {
  type: "interactive_reply";
  kind: "button" | "list" | "quick_reply" | "postback" | "flow" | "template_button";
  id: string | null;
  title: string | null;
  description?: string;
  payload?: string;
  /** What a form was filled in with (`flow`): JSON as the customer's device wrote it. */
  response_json?: string;
  /** The provider's id of the message whose button was pressed; null when it does not say. */
  in_reply_to: string | null;
}

export interface InteractiveContent {
  type: "interactive";
  kind: "buttons" | "list" | "cta_url" | "carousel" | "product" | "flow" | "location_request";
  body: string;
  header?: object;
  footer?: string;
  actions: readonly object[];
}

export interface TemplateContent {
  type: "template";
  name: string;
  language: string;
  /** Verbatim, as the sender gave them. */
  components: readonly unknown[];
  category?: string;
  rendered_preview?: string;
}

export interface ReactionContent {
  type: "reaction";
  emoji: string | null;
  action: "add" | "remove";
  target_message_id: string | null;
}

export interface StoryContent {
  type: "story_reply" | "story_mention";
  story: { id: string | null; url: string | null; expires_at: string | null };
  /** The story itself, where the provider gives it. */
  media?: MediaFile;
  text?: string;
}

export interface ShareContent {
  type: "reel_share" | "post_share" | "media_share";
  share: {
    id: string | null;
    url: string | null;
    permalink?: string;
    title?: string;
    owner?: string;
  };
  /** What is shared, where the provider gives it. */
  media?: MediaFile;
  text?: string;
}

export interface CommentContent {
  type: "comment";
  text: string;
  post: { id: string };
  parent_id?: string;
  comment_id: string;
}

export interface OrderContent {
  type: "order";
  items: readonly { id: string; quantity: number; price: number | null; currency: string | null }[];
  catalog: string | null;
  text?: string;
}

export interface ReferralOpenContent {
  type: "referral_open";
  referral: object;
}

export interface EmailContent {
  type: "email";
  subject: string | null;
  text: string;
  html?: string;
  from: string;
  to: readonly string[];
  cc: readonly string[];
  message_id: string | null;
  in_reply_to: string | null;
  references: readonly string[];
  attachments: readonly object[];
}

/** What no person has said. */
export interface SystemContent {
  type: "system";
  code: string;
  text: string;
}

/** Something that this version of Curlew cannot read; the provider's own payload is kept. */
export interface UnsupportedContent {
  type: "unsupported";
  /** What the provider calls it; null when it does not say. */
  provider_type: string | null;
  reason: "not_yet_read" | "provider" | "malformed" | "too_long";
}

export interface PurgedContent {
  type: "purged";
  original_type: string;
}
