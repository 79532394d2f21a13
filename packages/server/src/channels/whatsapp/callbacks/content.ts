import {
  boundedContent,
  type Content,
  fetchingMedia,
  type MediaType,
  textContent,
  unsupportedContent,
} from "../../../core/messages/content.ts";
import type { MediaSource } from "../../../core/messages/inbound.ts";
import {
  booleanOf,
  idOf,
  type JsonObject,
  labelOf,
  linkOf,
  numberOf,
  objectOf,
  stringOf,
  wordsOf,
} from "../../meta/read.ts";
import { readCards, readOrder } from "./lists.ts";

/** What a message says, and where the provider keeps what it only points to. */
export interface ReadContent {
  content: Content;
  media: readonly MediaSource[];
}

const TEXT_MEMBERS: ReadonlySet<string> = new Set([
  "id",
  "from",
  "from_user_id",
  "timestamp",
  "type",
  "text",
  "context",
]);

/** Types that a message without a type is told by. */
const TELLING = [
  "text",
  "image",
  "video",
  "audio",
  "voice",
  "document",
  "sticker",
  "location",
  "contacts",
  "interactive",
  "button",
  "order",
  "reaction",
  "system",
] as const;

export function typeOf(message: JsonObject): string | null {
  return labelOf(message["type"]) ?? TELLING.find((each) => message[each] !== undefined) ?? null;
}

/** What a message says. Every type that this version does not read is `unsupported`, by its own name. */
export function readContent(message: JsonObject): ReadContent {
  const type = typeOf(message);
  const read = contentOf(message, type) ?? unsupportedContent(type, "malformed");
  if ("content" in read) return { ...read, content: boundedContent(read.content, type) };
  return { content: boundedContent(read, type), media: [] };
}

/** Null where the message's own part is not of the shape that its type promises. */
function contentOf(message: JsonObject, type: string | null): Content | ReadContent | null {
  if (type === null) return null;
  const part = objectOf(message[type]);
  switch (type) {
    case "text": {
      const text = stringOf(part?.["body"]);
      return text === null ? null : textContent(text);
    }
    case "image":
    case "video":
    case "document":
    case "sticker":
      return part && readMedia(type, part);
    case "voice":
      return part && readMedia("voice", part);
    case "audio":
      return part && readMedia(part["voice"] === true ? "voice" : "audio", part);
    case "location":
      return part && readLocation(part);
    case "contacts":
      return readCards(message["contacts"]);
    case "interactive":
      return part && readInteractive(part, answeredBy(message));
    case "button":
      return part && readButton(part, answeredBy(message));
    case "order":
      return part && readOrder(part);
    case "system":
      return part && systemContent(part);
    case "request_welcome":
      return { type: "system", code: "request_welcome", text: "" };
    // A disappearing message is not passed on.
    case "ephemeral":
      return unsupportedContent(type, "provider");
    case "unsupported":
    case "unknown":
      return unsupportedContent(labelOf(part?.["type"]) ?? type, "provider");
    default:
      return unsupportedContent(type, "not_yet_read");
  }
}

function answeredBy(message: JsonObject): string | null {
  return idOf(objectOf(message["context"])?.["id"]);
}

function readMedia(type: MediaType, part: JsonObject): ReadContent | null {
  const providerMediaId = idOf(part["id"]);
  const url = linkOf(part["url"]) ?? linkOf(part["link"]);
  if (providerMediaId === null && url === null) return null;
  const media = fetchingMedia({
    // Some writers escape the slash twice.
    mime: labelOf(part["mime_type"])?.replaceAll("\\/", "/") ?? null,
    sha256: labelOf(part["sha256"])?.replaceAll("\\/", "/") ?? null,
    bytes: numberOf(part["file_size"]),
    filename: labelOf(part["filename"]),
    caption: wordsOf(part["caption"]),
    animated: booleanOf(part["animated"]),
  });
  return { content: { type, media }, media: [{ part: 0, providerMediaId, url }] };
}

function readLocation(part: JsonObject): Content | null {
  const latitude = numberOf(part["latitude"]);
  const longitude = numberOf(part["longitude"]);
  if (latitude === null || longitude === null) return null;
  const [name, address, url] = [
    labelOf(part["name"]),
    labelOf(part["address"]),
    linkOf(part["url"]),
  ];
  return {
    type: "location",
    latitude,
    longitude,
    ...(name === null ? {} : { name }),
    ...(address === null ? {} : { address }),
    ...(url === null ? {} : { url }),
  };
}

function readInteractive(part: JsonObject, in_reply_to: string | null): Content | null {
  const type = labelOf(part["type"]) ?? Object.keys(part).find((name) => name.endsWith("_reply"));
  const reply = type === undefined ? null : objectOf(part[type]);
  if (type === undefined || reply === null) return null;
  const id = labelOf(reply["id"]);
  const title = labelOf(reply["title"]);
  switch (type) {
    case "button_reply":
      return { type: "interactive_reply", kind: "button", id, title, in_reply_to };
    case "list_reply": {
      const description = labelOf(reply["description"]);
      const more = description === null ? {} : { description };
      return { type: "interactive_reply", kind: "list", id, title, ...more, in_reply_to };
    }
    case "nfm_reply": {
      const response_json = wordsOf(reply["response_json"]);
      return {
        type: "interactive_reply",
        kind: "flow",
        id: labelOf(reply["name"]),
        title: labelOf(reply["body"]),
        ...(response_json === null ? {} : { response_json }),
        in_reply_to,
      };
    }
    case "call_permission_reply": {
      // May the business call? `accept` or `reject`.
      const answer = labelOf(reply["response"]);
      const more = answer === null ? {} : { payload: answer };
      const button = { type: "interactive_reply", kind: "button", id: type } as const;
      return { ...button, title: answer, ...more, in_reply_to };
    }
    default:
      return unsupportedContent(type, "not_yet_read");
  }
}

/** A quick reply of a template, whose payload is the sender's own. */
function readButton(part: JsonObject, in_reply_to: string | null): Content {
  const payload = wordsOf(part["payload"]);
  return {
    type: "interactive_reply",
    kind: "template_button",
    id: payload,
    title: labelOf(part["text"]),
    ...(payload === null ? {} : { payload }),
    in_reply_to,
  };
}

function systemContent(part: JsonObject): Content {
  return {
    type: "system",
    code: labelOf(part["type"]) ?? "notice",
    text: wordsOf(part["body"]) ?? "",
  };
}

/** Whether a text message says more than its text and what it answers: a referral, that it was forwarded. */
export function hasMoreThanText(message: JsonObject): boolean {
  return (
    Object.keys(message).some((name) => !TEXT_MEMBERS.has(name)) ||
    Object.keys(objectOf(message["text"]) ?? {}).some((name) => name !== "body") ||
    Object.keys(objectOf(message["context"]) ?? {}).some((name) => name !== "id" && name !== "from")
  );
}
