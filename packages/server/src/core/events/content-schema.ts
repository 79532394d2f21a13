import type { Content } from "../messages/content.ts";
import {
  anyObject,
  anything,
  flag,
  id,
  idOrNull,
  instantOrNull,
  integer,
  integerOrNull,
  type JsonSchema,
  listOf,
  number,
  numberOrNull,
  object,
  oneOf,
  orNull,
  text,
  textOrNull,
} from "./schema-parts.ts";

const media = object({
  id: textOrNull,
  state: oneOf("fetching", "stored", "failed", "inline", "once"),
  mime: textOrNull,
  bytes: integerOrNull,
  sha256: textOrNull,
  filename: text,
  caption: text,
  url: textOrNull,
  expires_at: instantOrNull,
  width: number,
  height: number,
  duration: number,
  animated: flag,
});
const travelling = { encoding: oneOf("GSM-7", "UCS-2"), segments: integer };
const withMedia = object({ media, ...travelling }, "media");

const story = object(
  {
    story: object({ id: textOrNull, url: textOrNull, expires_at: instantOrNull }),
    media,
    text,
  },
  "story",
);

const share = object(
  {
    share: object({ id: textOrNull, url: textOrNull, permalink: text, title: text, owner: text }),
    media,
    text,
  },
  "share",
);

/** What each type of content has beside its `type`. */
const CONTENTS: Readonly<Record<Content["type"], JsonSchema>> = {
  text: object(
    {
      text,
      entities: listOf(object({ type: text, offset: integer, length: integer, url: text })),
      preview_url: flag,
      ...travelling,
    },
    "text",
  ),
  image: withMedia,
  video: withMedia,
  audio: withMedia,
  voice: withMedia,
  document: withMedia,
  sticker: withMedia,
  location: object(
    { latitude: number, longitude: number, name: text, address: text, url: text, live: flag },
    ...["latitude", "longitude"],
  ),
  contacts: object(
    {
      contacts: listOf(
        object({
          name: textOrNull,
          phones: listOf(object({ phone: text, type: text, wa_id: text })),
          emails: listOf(object({ email: text, type: text })),
          org: text,
          urls: listOf(text),
        }),
      ),
    },
    "contacts",
  ),
  interactive_reply: object(
    {
      kind: oneOf("button", "list", "quick_reply", "postback", "flow", "template_button"),
      id: textOrNull,
      title: textOrNull,
      description: text,
      payload: text,
      response_json: text,
      in_reply_to: textOrNull,
    },
    "kind",
  ),
  interactive: object(
    {
      kind: oneOf(
        ...["buttons", "list", "cta_url", "carousel", "product", "flow", "location_request"],
      ),
      body: text,
      header: anyObject,
      footer: text,
      actions: listOf(anyObject),
    },
    ...["kind", "body"],
  ),
  template: object(
    {
      name: text,
      language: text,
      components: listOf(anything),
      category: text,
      rendered_preview: text,
    },
    ...["name", "language"],
  ),
  reaction: object(
    { emoji: textOrNull, action: oneOf("add", "remove"), target_message_id: textOrNull },
    ...["emoji", "action"],
  ),
  story_reply: story,
  story_mention: story,
  reel_share: share,
  post_share: share,
  media_share: share,
  comment: object(
    { text, post: object({ id: text }, "id"), parent_id: textOrNull, comment_id: text },
    ...["text", "comment_id"],
  ),
  order: object(
    {
      items: listOf(
        object({ id: text, quantity: number, price: numberOrNull, currency: textOrNull }),
      ),
      catalog: textOrNull,
      text,
    },
    "items",
  ),
  referral_open: object({ referral: anyObject }, "referral"),
  email: object(
    {
      subject: textOrNull,
      text,
      html: text,
      from: text,
      to: listOf(text),
      cc: listOf(text),
      message_id: textOrNull,
      in_reply_to: textOrNull,
      references: listOf(text),
      attachments: listOf(anyObject),
    },
    "text",
  ),
  system: object({ code: text, text }, ...["code", "text"]),
  unsupported: object({ provider_type: textOrNull, reason: text }),
  purged: object({ original_type: text }),
};

/** One condition a type, so that what is wrong is said of the type that was meant. */
const content: JsonSchema = {
  ...object({ type: oneOf(...Object.keys(CONTENTS)), attachments: listOf(anyObject) }, "type"),
  allOf: Object.entries(CONTENTS).map(([type, schema]) => ({
    if: { not: { properties: { type: { const: type } } } },
    else: schema,
  })),
};

/** A message as events show it. */
export const message: JsonSchema = object(
  {
    id: text,
    serial: integer,
    provider_id: textOrNull,
    direction: oneOf("inbound", "outbound"),
    actor: object({ type: text, id: idOrNull, name: textOrNull }, "type"),
    status: textOrNull,
    content,
    quoted: orNull(anyObject),
    referral: orNull(anyObject),
    campaign: orNull(anyObject),
    automation: orNull(anyObject),
    credits_used: numberOrNull,
    cost: orNull(anyObject),
    ticket_ref: textOrNull,
    metadata: orNull(anyObject),
    sent_at: instantOrNull,
    received_at: instantOrNull,
    edited_at: instantOrNull,
    deleted_at: instantOrNull,
  },
  "content",
);

export const actor: JsonSchema = object({ type: text, id, name: textOrNull }, "type");
