import type { Content } from "../messages/content.ts";
import { REFERRAL, SAMPLE_IDS, sampleMedia } from "./sample-scene.ts";

const TEXT = "Hi, do you have the green one in M?";
/** Where the provider gives what is shared it is fetched like a file, and the link is ours. */
const share = (mime: string) => {
  const media = sampleMedia(mime);
  return { share: { id: "18023456789012345", url: media.url, title: "Spring collection" }, media };
};
const STORY = { id: "18099999999999999", url: "https://media.example/story.mp4", expires_at: null };

/** What a message of such content says. */
export function sampleContent(type: Content["type"], channelKind: string): object {
  if (type === "text" && channelKind === "sms") {
    return { type, text: TEXT, encoding: "GSM-7", segments: 1 };
  }
  return { type, ...CONTENTS[type] };
}

const CONTENTS: Record<Content["type"], object> = {
  text: { text: TEXT },
  image: {
    media: { ...sampleMedia("image/jpeg"), caption: "This one?", width: 1200, height: 900 },
  },
  video: { media: { ...sampleMedia("video/mp4"), caption: "Look", duration: 12 } },
  audio: { media: { ...sampleMedia("audio/mpeg"), duration: 31 } },
  voice: { media: { ...sampleMedia("audio/ogg"), duration: 7 } },
  document: { media: { ...sampleMedia("application/pdf", "order.pdf"), caption: "My order" } },
  sticker: { media: { ...sampleMedia("image/webp"), animated: false } },
  location: {
    latitude: 38.7223,
    longitude: -9.1393,
    name: "The Shop",
    address: "Rua Augusta 1, Lisbon",
  },
  contacts: {
    contacts: [
      {
        name: "Bob Example",
        phones: [{ phone: "+15550199002", type: "CELL", wa_id: "15550199002" }],
        emails: [{ email: "bob@company.example", type: "WORK" }],
        org: "Company Ltd",
        urls: [],
      },
    ],
  },
  interactive_reply: {
    kind: "button",
    id: "size-m",
    title: "Size M",
    in_reply_to: SAMPLE_IDS.outbound,
  },
  interactive: {
    kind: "buttons",
    body: "Which size?",
    actions: [
      { id: "size-m", title: "Size M" },
      { id: "size-l", title: "Size L" },
    ],
  },
  template: {
    name: "order_shipped",
    language: "en_US",
    components: [{ type: "body", parameters: [{ type: "text", text: "A-1042" }] }],
    category: "utility",
    rendered_preview: "Your order A-1042 is on its way.",
  },
  reaction: { emoji: "👍", action: "add", target_message_id: SAMPLE_IDS.outbound },
  story_reply: { story: STORY, text: "Love it" },
  story_mention: { story: STORY },
  reel_share: share("video/mp4"),
  post_share: share("image/jpeg"),
  media_share: share("video/mp4"),
  comment: {
    text: "Price?",
    post: { id: "17900000000000001" },
    comment_id: "17900000000000002",
  },
  order: {
    items: [{ id: "SKU-1", quantity: 2, price: 19.9, currency: "EUR" }],
    catalog: "998877",
    text: "Please gift-wrap",
  },
  referral_open: { referral: REFERRAL },
  email: {
    subject: "Your offer",
    text: "Thank you, tell me more.",
    from: "alice@company.example",
    to: ["hello@shop.example"],
    cc: [],
    message_id: "<b2@company.example>",
    in_reply_to: "<a1@shop.example>",
    references: ["<a1@shop.example>"],
    attachments: [],
  },
  system: { code: "number_changed", text: "Alice changed her number." },
  unsupported: { provider_type: "poll", reason: "not_yet_read" },
  purged: { original_type: "text" },
};
