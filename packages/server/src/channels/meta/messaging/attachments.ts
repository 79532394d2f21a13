import {
  type Content,
  fetchingMedia,
  type MediaType,
  textContent,
  unsupportedContent,
} from "../../../core/messages/content.ts";
import {
  idOf,
  instantOf,
  type JsonObject,
  labelOf,
  linkOf,
  listOf,
  numberOf,
  objectOf,
  sentenceOf,
} from "../read.ts";
import { readTemplate } from "./templates.ts";

/** One attachment: what it says, and the provider's link to what it only points to. */
export interface Part {
  type: string;
  content: Content;
  url: string | null;
}

const FILES: ReadonlyMap<string, MediaType> = new Map<string, MediaType>([
  ["image", "image"],
  ["animated_image", "image"],
  ["video", "video"],
  ["audio", "audio"],
  ["file", "document"],
  ["sticker", "sticker"],
]);

/** Reads `message.attachments[]` of Messenger and Instagram. What two of them tell of one thing is told once. */
export function readAttachments(value: unknown): Part[] {
  return onceEach(listOf(value).map(readAttachment));
}

function readAttachment(raw: unknown): Part {
  const attachment = objectOf(raw);
  const type = labelOf(attachment?.["type"]);
  if (attachment === null || type === null) {
    return { type: "", content: unsupportedContent(null, "malformed"), url: null };
  }
  const payload = objectOf(attachment["payload"]) ?? {};
  const url =
    linkOf(payload["url"]) ?? linkOf(payload["story_media_url"]) ?? linkOf(attachment["url"]);
  const content = contentOf(type, attachment, payload, url);
  return { type, content, url: "media" in content ? url : null };
}

function contentOf(
  type: string,
  attachment: JsonObject,
  payload: JsonObject,
  url: string | null,
): Content {
  const file = FILES.get(type);
  if (file !== undefined) return readFile(type, file, payload, url);
  switch (type) {
    case "share":
    case "post":
    case "ig_post":
    case "reel":
    case "ig_reel":
    case "ig_story":
      return readShare(type, attachment, payload, url);
    case "story_mention":
      return {
        type: "story_mention",
        story: { id: idOf(payload["id"]), url: null, expires_at: null },
        ...(url === null ? {} : { media: fetchingMedia() }),
      };
    case "location":
      return readLocation(attachment, payload) ?? unsupportedContent(type, "malformed");
    case "fallback": {
      const link = linkOf(attachment["url"]) ?? linkOf(payload["url"]);
      return share("media_share", null, link, titleOf(attachment, payload));
    }
    case "template":
      return readTemplate(payload) ?? unsupportedContent(type, "not_yet_read");
    case "appointment_booking":
      return readAppointment(payload) ?? unsupportedContent(type, "malformed");
    case "like_heart":
      return textContent("❤");
    case "ephemeral":
    case "unsupported_type":
      return unsupportedContent(type, "provider");
    default:
      return unsupportedContent(type, "not_yet_read");
  }
}

function readFile(type: string, file: MediaType, payload: JsonObject, url: string | null): Content {
  // Until August 2026 a sticker was an image with an id.
  const isSticker = file === "sticker" || idOf(payload["sticker_id"]) !== null;
  const media = fetchingMedia({
    filename: labelOf(payload["title"]) ?? labelOf(payload["name"]),
    animated: type === "animated_image" ? true : null,
  });
  // What comes without a link, as a sticker does that has but an id, cannot be fetched.
  const state = url === null ? { state: "failed" as const } : {};
  return { type: isSticker ? "sticker" : file, media: { ...media, ...state } };
}

type ShareType = "reel_share" | "post_share" | "media_share";

function share(type: ShareType, id: string | null, permalink: string | null, title: string | null) {
  return {
    type,
    share: {
      id,
      url: null,
      ...(permalink === null ? {} : { permalink }),
      ...(title === null ? {} : { title }),
    },
  };
}

const PERMALINK = /^https?:\/\/(?:[a-z]+\.)?(?:instagram|facebook)\.com\//i;
const REEL = /^https?:\/\/(?:[a-z]+\.)?(?:instagram|facebook)\.com\/(?:[^?#]*\/)?reels?\//i;

function readShare(
  type: string,
  attachment: JsonObject,
  payload: JsonObject,
  url: string | null,
): Content {
  const id =
    idOf(payload["ig_post_media_id"]) ??
    idOf(payload["reel_video_id"]) ??
    idOf(payload["story_media_id"]) ??
    idOf(payload["id"]);
  // A link to a page that anybody can open is no link to a file of the provider's.
  const permalink = url !== null && PERMALINK.test(url) ? url : null;
  const isReel = type === "reel" || type === "ig_reel" || (url !== null && REEL.test(url));
  const kind = type === "ig_story" ? "media_share" : isReel ? "reel_share" : "post_share";
  return {
    ...share(kind, id, permalink, titleOf(attachment, payload)),
    ...(url === null || permalink !== null ? {} : { media: fetchingMedia() }),
  };
}

function titleOf(attachment: JsonObject, payload: JsonObject): string | null {
  return sentenceOf(payload["title"]) ?? sentenceOf(attachment["title"]);
}

/** A date with the business was asked for, agreed or called off. */
function readAppointment(payload: JsonObject): Content | null {
  const status = labelOf(payload["status"])?.toLowerCase();
  if (status === undefined) return null;
  const span = [payload["start_time"], payload["end_time"]]
    .flatMap((each) => instantOf(each) ?? [])
    .map((at) => new Date(at).toISOString())
    .join("/");
  const words = [span, labelOf(payload["timezone"])].filter(Boolean);
  return { type: "system", code: `appointment_${status}`, text: words.join(" ") };
}

function readLocation(attachment: JsonObject, payload: JsonObject): Content | null {
  const coordinates = objectOf(payload["coordinates"]) ?? payload;
  const latitude = numberOf(coordinates["lat"]);
  const longitude = numberOf(coordinates["long"]) ?? numberOf(coordinates["lng"]);
  if (latitude === null || longitude === null) return null;
  const name = titleOf(attachment, payload);
  return { type: "location", latitude, longitude, ...(name === null ? {} : { name }) };
}

/**
 * Instagram tells of a shared post as `ig_post` and as `share`, Messenger of a sticker as `sticker` and
 * as `image`: the one that says more stays.
 */
function onceEach(parts: readonly Part[]): Part[] {
  const count = (is: (part: Part) => boolean) => parts.filter(is).length;
  const named = count(({ type }) => type === "ig_post" || type === "ig_reel" || type === "reel");
  const shares = count(({ type }) => type === "share");
  const stickers = count(({ type }) => type === "sticker");
  const images = count(({ type }) => type === "image");
  const urls = new Set<string>();
  return parts.filter((part) => {
    if (part.type === "share" && named >= shares) return false;
    const isSame = part.url !== null && urls.has(part.url);
    if (part.url !== null) urls.add(part.url);
    if (part.type === "image" && stickers > 0) {
      return !(isSame || part.content.type === "sticker" || stickers === images);
    }
    return true;
  });
}
