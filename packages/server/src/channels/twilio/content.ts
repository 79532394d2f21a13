import {
  boundedContent,
  type Content,
  type MediaContent,
  type MediaType,
  textContent,
  unsupportedContent,
} from "../../core/messages/content.ts";
import type { MediaSource } from "../../core/messages/inbound.ts";
import { labelOf, numberOf, plain } from "../meta/read.ts";
import { type Form, textAt } from "./form.ts";
import { type Segments, segmentsOf } from "./segments.ts";

/** Twilio's own limit is 1,600 letters. As JSON, so that an event never grows beyond its limit. */
const MAX_TEXT_BYTES = 131_072;
/** Twilio sends ten at most. */
const MAX_MEDIA = 30;
const MAX_SEGMENTS = 1_000;
const LINK = /^https?:\/\/[^\0]{1,4000}$/i;

export interface ReadContent {
  readonly content: Content;
  readonly media: readonly MediaSource[];
  /** Nothing was left out: what came need not be kept beside it. */
  readonly isWhole: boolean;
}

/** What a message says and how it travelled: a text, or media with the text as the first one's caption. */
export function readContent(form: Form): ReadContent {
  const text = plain(form.get("Body")?.[0] ?? "");
  if (Buffer.byteLength(JSON.stringify(text)) > MAX_TEXT_BYTES) {
    return { content: unsupportedContent("text", "too_long"), media: [], isWhole: false };
  }
  const files = filesOf(form);
  const [first, ...others] = files;
  const pressed = first === undefined ? (replyOf(form) ?? placeOf(form, text)) : null;
  if (pressed !== null) {
    return { content: boundedContent(pressed, "text"), media: [], isWhole: false };
  }
  if (first === undefined) {
    const count = Number(textAt(form, "NumMedia") ?? 0);
    // It says that there are media, and not where.
    if (count > 0 && text === "") {
      return { content: unsupportedContent("media", "malformed"), media: [], isWhole: false };
    }
    const content = { ...textContent(text), ...travelOf(text, form) };
    return { content, media: [], isWhole: !(count > 0) };
  }
  return {
    content: {
      ...mediaContent(first, text),
      ...travelOf(text, form),
      ...(others.length === 0 ? {} : { attachments: others.map((each) => mediaContent(each, "")) }),
    },
    media: files.map(({ url }, part) => ({ part, providerMediaId: null, url })),
    isWhole: false,
  };
}

/** A button or a row of a list was chosen, or a form filled in, where the text went by WhatsApp or RCS. */
function replyOf(form: Form): Content | null {
  const in_reply_to = labelOf(textAt(form, "OriginalRepliedMessageSid"));
  const reply = { type: "interactive_reply", in_reply_to } as const;
  const filledIn = textAt(form, "InteractiveData");
  if (filledIn !== null) {
    const title = labelOf(textAt(form, "Body"));
    return { ...reply, kind: "flow", id: null, title, response_json: plain(filledIn) };
  }
  const payload = textAt(form, "ButtonPayload");
  const button = textAt(form, "ButtonText");
  if (payload !== null || button !== null) {
    const id = payload === null ? null : plain(payload);
    const more = id === null ? {} : { payload: id };
    return { ...reply, kind: "button", id, title: labelOf(button), ...more };
  }
  const row = labelOf(textAt(form, "ListId"));
  if (row === null) return null;
  const description = labelOf(textAt(form, "ListDescription"));
  const more = description === null ? {} : { description };
  return { ...reply, kind: "list", id: row, title: labelOf(textAt(form, "ListTitle")), ...more };
}

/** Where somebody is, or wants to be. */
function placeOf(form: Form, text: string): Content | null {
  const latitude = numberOf(textAt(form, "Latitude"));
  const longitude = numberOf(textAt(form, "Longitude"));
  if (latitude === null || longitude === null) return null;
  const name = labelOf(textAt(form, "Label"));
  const address = labelOf(textAt(form, "Address"));
  const place = {
    type: "location",
    latitude,
    longitude,
    ...(name === null ? {} : { name }),
    ...(address === null ? {} : { address }),
  } as const;
  // WhatsApp writes the name of the place into the text as well.
  const isSaid = text !== "" && text !== name && text !== address;
  return isSaid ? { ...textContent(text), attachments: [place] } : place;
}

function travelOf(text: string, form: Form): Segments {
  const { encoding, segments } = segmentsOf(text);
  return { encoding, segments: arrivedIn(form) ?? segments };
}

/** `NumSegments`: in how many parts it came. */
function arrivedIn(form: Form): number | null {
  const count = Number(textAt(form, "NumSegments"));
  return Number.isInteger(count) && count >= 1 && count <= MAX_SEGMENTS ? count : null;
}

interface File {
  readonly url: string;
  readonly mime: string | null;
}

/** `MediaUrl0`, `MediaUrl1`, …: as many as there are, whatever `NumMedia` says. */
function filesOf(form: Form): File[] {
  const files: File[] = [];
  for (let n = 0; n < MAX_MEDIA; n += 1) {
    const url = textAt(form, `MediaUrl${n}`);
    if (url !== null && LINK.test(url))
      files.push({ url, mime: labelOf(textAt(form, `MediaContentType${n}`)) });
  }
  return files;
}

function mediaContent({ mime }: File, caption: string): MediaContent {
  return {
    type: typeOf(mime),
    media: {
      id: null,
      state: "fetching",
      mime,
      bytes: null,
      sha256: null,
      ...(caption === "" ? {} : { caption }),
      url: null,
      expires_at: null,
    },
  };
}

/** By what the sender declared, which may be a lie: the file itself is looked at when it is fetched. */
function typeOf(mime: string | null): MediaType {
  const [family] = mime?.toLowerCase().split("/") ?? [];
  return family === "image" || family === "video" || family === "audio" ? family : "document";
}
