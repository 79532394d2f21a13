import {
  boundedContent,
  type Content,
  fetchingMedia,
  textContent,
  unsupportedContent,
} from "../../../core/messages/content.ts";
import type { MediaSource } from "../../../core/messages/inbound.ts";
import { idOf, type JsonObject, labelOf, linkOf, objectOf, stringOf, wordsOf } from "../read.ts";
import { type Part, readAttachments } from "./attachments.ts";

export interface ReadContent {
  content: Content;
  media: readonly MediaSource[];
}

/** What a message of Messenger or Instagram says: its words, its attachments, what it answers. */
export function readMessageContent(message: JsonObject): ReadContent {
  const read = contentOf(message);
  return { ...read, content: boundedContent(read.content, "message") };
}

function contentOf(message: JsonObject): ReadContent {
  const text = wordsOf(message["text"]);
  const parts = readAttachments(message["attachments"]);
  const story = objectOf(objectOf(message["reply_to"])?.["story"]);
  if (story !== null) return storyReply(story, text, parts);
  const quick = objectOf(message["quick_reply"]);
  if (quick !== null) return only(quickReply(quick, message));
  if (parts.length > 0) return together(text, parts);
  if (text !== null) return only(textContent(text));
  const sticker = idOf(message["sticker_id"]);
  if (sticker !== null) {
    return only({ type: "sticker", media: { ...fetchingMedia(), state: "failed" } });
  }
  if (message["is_unsupported"] === true) return only(unsupportedContent(null, "provider"));
  // Some clients send an empty text.
  if (stringOf(message["text"]) !== null) return only(textContent(""));
  return only(unsupportedContent(null, "malformed"));
}

function only(content: Content): ReadContent {
  return { content, media: [] };
}

function quickReply(quick: JsonObject, message: JsonObject): Content {
  const payload = wordsOf(quick["payload"]);
  return {
    type: "interactive_reply",
    kind: "quick_reply",
    id: payload,
    title: labelOf(message["text"]),
    ...(payload === null ? {} : { payload }),
    in_reply_to: idOf(objectOf(message["reply_to"])?.["mid"]),
  };
}

function storyReply(story: JsonObject, text: string | null, parts: readonly Part[]): ReadContent {
  const url = linkOf(story["url"]);
  const content: Content = {
    type: "story_reply",
    story: { id: idOf(story["id"]), url: null, expires_at: null },
    ...(url === null ? {} : { media: fetchingMedia() }),
    ...(text === null ? {} : { text }),
    ...(parts.length === 0 ? {} : { attachments: parts.map((part) => part.content) }),
  };
  return { content, media: [...sourcesOf(url, 0), ...laterSources(parts)] };
}

/** The first attachment is what the message is; the text is its caption, the others go with it. */
function together(text: string | null, [first, ...rest]: readonly Part[]): ReadContent {
  if (first === undefined) return only(unsupportedContent(null, "malformed"));
  const { content } = first;
  const attachments = rest.length === 0 ? {} : { attachments: rest.map((part) => part.content) };
  const media = [...sourcesOf(first.url, 0), ...laterSources(rest)];
  if (text === null) return { content: { ...content, ...attachments }, media };
  switch (content.type) {
    case "image":
    case "video":
    case "audio":
    case "document":
      return {
        content: { ...content, media: { ...content.media, caption: text }, ...attachments },
        media,
      };
    case "post_share":
    case "reel_share":
    case "story_mention":
      return { content: { ...content, text, ...attachments }, media };
    default: {
      // What somebody typed comes first: a link's preview only goes with it.
      const all = [first, ...rest];
      return {
        content: { ...textContent(text), attachments: all.map((part) => part.content) },
        media: laterSources(all),
      };
    }
  }
}

function laterSources(parts: readonly Part[]): MediaSource[] {
  return parts.flatMap(({ url }, at) => sourcesOf(url, at + 1));
}

function sourcesOf(url: string | null, part: number): MediaSource[] {
  return url === null ? [] : [{ part, providerMediaId: null, url }];
}
