/** What a message says, in the words of the API: stored as JSON text, shown as it stands. */
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
) &
  Accompanied;

interface Accompanied {
  /** What else came in the same message, in order; none of these has any of its own. */
  attachments?: readonly Content[];
}

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

export interface Media {
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
  /** Ours, never the provider's, or the file itself (`data:`); null while there is nothing to be had at it. */
  url: string | null;
  expires_at: string | null;
  width?: number;
  height?: number;
  duration?: number;
  animated?: boolean;
}

export type MediaType = "image" | "video" | "audio" | "document" | "sticker" | "voice";

export interface MediaContent extends Travelling {
  type: MediaType;
  media: Media;
}

interface LocationContent {
  type: "location";
  latitude: number;
  longitude: number;
  name?: string;
  address?: string;
  url?: string;
  live?: boolean;
}

interface ContactsContent {
  type: "contacts";
  contacts: readonly {
    name: string | null;
    phones: readonly { phone: string; type?: string; wa_id?: string }[];
    emails: readonly { email: string; type?: string }[];
    org?: string;
    urls: readonly string[];
  }[];
}

interface InteractiveReplyContent {
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

interface TemplateContent {
  type: "template";
  name: string;
  language: string;
  /** Verbatim, as the sender gave them. */
  components: readonly unknown[];
  category?: string;
  rendered_preview?: string;
}

interface ReactionContent {
  type: "reaction";
  emoji: string | null;
  action: "add" | "remove";
  target_message_id: string | null;
}

interface StoryContent {
  type: "story_reply" | "story_mention";
  story: { id: string | null; url: string | null; expires_at: string | null };
  /** The story itself, where the provider gives it. */
  media?: Media;
  text?: string;
}

interface ShareContent {
  type: "reel_share" | "post_share" | "media_share";
  share: {
    id: string | null;
    url: string | null;
    permalink?: string;
    title?: string;
    owner?: string;
  };
  /** What is shared, where the provider gives it. */
  media?: Media;
  text?: string;
}

interface CommentContent {
  type: "comment";
  text: string;
  post: { id: string };
  parent_id?: string;
  comment_id: string;
}

interface OrderContent {
  type: "order";
  items: readonly { id: string; quantity: number; price: number | null; currency: string | null }[];
  catalog: string | null;
  text?: string;
}

interface ReferralOpenContent {
  type: "referral_open";
  referral: object;
}

interface EmailContent {
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

interface SystemContent {
  type: "system";
  code: string;
  text: string;
}

export interface UnsupportedContent {
  type: "unsupported";
  /** What the provider calls it; null when it does not say. */
  provider_type: string | null;
  reason: UnsupportedReason;
}

/** `not_yet_read`: this version does not know the type. `provider`: the provider itself could not pass it on. */
export type UnsupportedReason = "not_yet_read" | "provider" | "malformed" | "too_long";

export interface PurgedContent {
  type: "purged";
  original_type: string;
}

/** What a provider says of a file that it keeps for us. */
export interface MediaFacts {
  mime?: string | null;
  sha256?: string | null;
  bytes?: number | null;
  filename?: string | null;
  caption?: string | null;
  animated?: boolean | null;
}

/** A file that is still to be fetched. */
export function fetchingMedia(facts: MediaFacts = {}): Media {
  const { mime = null, sha256 = null, bytes = null, filename, caption, animated } = facts;
  return {
    id: null,
    state: "fetching",
    mime,
    bytes,
    sha256,
    ...(filename == null ? {} : { filename }),
    ...(caption == null ? {} : { caption }),
    ...(animated == null ? {} : { animated }),
    url: null,
    expires_at: null,
  };
}

export function textContent(text: string): TextContent {
  return { type: "text", text };
}

/** For what cannot be shown yet. What the provider sent is kept beside it, never dropped. */
export function unsupportedContent(
  providerType: string | null,
  reason: UnsupportedReason,
): UnsupportedContent {
  return { type: "unsupported", provider_type: providerType, reason };
}

/** As JSON: far below what an event may hold, far above what people write. */
const MAX_CONTENT_BYTES = 131_072;

/** As JSON, what a character takes at most: `\u0000`. */
const MAX_CHARACTER_BYTES = 6;

/** The content itself, unless it is so long that no event could carry it. */
export function boundedContent(content: Content, providerType: string | null): Content {
  if (isShortText(content)) return content;
  return new TextEncoder().encode(JSON.stringify(content)).length > MAX_CONTENT_BYTES
    ? unsupportedContent(providerType, "too_long")
    : content;
}

/** Most are: they need not be written to know how long they are. */
function isShortText(content: Content): boolean {
  return (
    content.type === "text" &&
    content.attachments === undefined &&
    content.entities === undefined &&
    content.text.length < MAX_CONTENT_BYTES / MAX_CHARACTER_BYTES - 100
  );
}

export function purgedContent(originalType: string): PurgedContent {
  return { type: "purged", original_type: originalType };
}
