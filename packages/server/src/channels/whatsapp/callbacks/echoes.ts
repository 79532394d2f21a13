import type {
  ChannelAddress,
  InboundEcho,
  InboundItem,
  Person,
} from "../../../core/messages/inbound.ts";
import { unreadable } from "../../meta/items.ts";
import { writeJson } from "../../meta/json.ts";
import { idOf, instantOf, type JsonObject, listOf, objectOf } from "../../meta/read.ts";
import { hasMoreThanText, readContent, typeOf } from "./content.ts";
import { readPerson } from "./people.ts";
import { readChange, readMessage } from "./words.ts";

/** Reads one of `value.message_echoes[]`: what a person wrote in the WhatsApp Business app. */
export function readEcho(
  channel: ChannelAddress,
  people: readonly JsonObject[],
  raw: unknown,
): InboundItem {
  const message = objectOf(raw);
  if (message === null) return unreadable(channel, "malformed", raw);
  const recipient = readPerson(message["to_user_id"], message["to"], people);
  return (
    readChange(channel, message, "business", recipient) ??
    echoOf(channel, message, recipient, false)
  );
}

function echoOf(
  channel: ChannelAddress,
  message: JsonObject,
  recipient: Person,
  isHistory: boolean,
): InboundItem {
  const providerId = idOf(message["id"]);
  if (providerId === null) return unreadable(channel, "no_provider_id", message);
  if (recipient.identities.length === 0) return unreadable(channel, "no_sender", message);
  const { content, media } = readContent(message);
  return {
    kind: "echo",
    channel,
    providerId,
    recipient,
    content,
    media,
    sentAt: instantOf(message["timestamp"]),
    quotedProviderId: idOf(objectOf(message["context"])?.["id"]),
    token: idOf(message["biz_opaque_callback_data"]),
    appId: null,
    isHistory,
    keepRaw: content.type !== "text" || hasMoreThanText(message),
    raw: writeJson(message),
  } satisfies InboundEcho;
}

/** Reads one of `value.history[]`: conversations from before the number was connected. */
export function readHistory(channel: ChannelAddress, raw: unknown): InboundItem[] {
  const history = objectOf(raw);
  const threads = listOf(history?.["threads"]);
  if (threads.length === 0) return [];
  return threads.flatMap((each) => {
    const thread = objectOf(each);
    const messages = listOf(thread?.["messages"]);
    if (thread === null || messages.length === 0) return [unreadable(channel, "malformed", each)];
    return messages.flatMap((message) => readOld(channel, thread, message));
  });
}

function readOld(channel: ChannelAddress, thread: JsonObject, raw: unknown): InboundItem[] {
  const found = objectOf(raw);
  if (found === null) return [unreadable(channel, "malformed", raw)];
  // What it stands for comes by the same name, in a request of its own.
  const isPlaceholder = typeOf(found) === "media_placeholder";
  const id = idOf(found["id"]);
  const message = isPlaceholder && id !== null ? { ...found, id: `${id}:placeholder` } : found;
  const person = readPerson(objectOf(thread["context"])?.["user_id"], thread["id"], []);
  const isTheirs = idOf(found["from"]) === idOf(thread["id"]);
  if (isTheirs) return readMessage({ channel, people: [], isHistory: true }, message);
  return [
    readChange(channel, message, "business", person) ?? echoOf(channel, message, person, true),
  ];
}
