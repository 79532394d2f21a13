import type { InboundEcho, InboundItem, InboundMessage } from "../../../core/messages/inbound.ts";
import { unreadable } from "../items.ts";
import { writeJson } from "../json.ts";
import { idOf, instantOf, type JsonObject, objectOf } from "../read.ts";
import type { Exchange, Platform } from "./exchange.ts";
import { readMessageContent } from "./message-content.ts";
import { readHandover, readNotice } from "./messaging-notices.ts";
import { readDelivery, readEdit, readReaction, readSeen } from "./messaging-words.ts";
import {
  readForm,
  readGamePlay,
  readOptin,
  readPostback,
  readReferralOpen,
  readSystem,
  readVerdict,
} from "./openings.ts";
import { readReferral } from "./referral.ts";

type Reader = (exchange: Exchange, part: JsonObject, name: string) => InboundItem[];

/** By the member that says what an item is about; those that come first go with those that follow. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["message", readMessage],
  ["postback", readPostback],
  ["reaction", readReaction],
  ["read", readSeen],
  ["delivery", readDelivery],
  ["message_edit", readEdit],
  ["referral", readReferralOpen],
  ["optin", readOptin],
  ["account_linking", readSystem],
  ["messaging_feedback", readForm],
  ["messaging_customer_information", readForm],
  ["messaging_in_thread_lead_form_submit", readForm],
  ["in_thread_lead_form_submit", readForm],
  ["response_feedback", readVerdict],
  ["game_play", readGamePlay],
  ["policy-enforcement", readNotice],
  ["policy_enforcement", readNotice],
  ["app_roles", readNotice],
  ["pass_thread_control", readHandover],
  ["take_thread_control", readHandover],
  ["request_thread_control", readHandover],
]);

/** Reads one of `entry[].messaging[]` or `entry[].standby[]`. Gives at least one item. */
export function readMessaging(
  platform: Platform,
  entry: JsonObject,
  raw: unknown,
  isStandby = false,
): InboundItem[] {
  const item = objectOf(raw);
  if (item === null) return [unreadable(null, "malformed", raw)];
  const { channelId, personId } = sidesOf(entry, item);
  if (channelId === null) return [unreadable(null, "no_channel", raw)];
  const exchange: Exchange = {
    channel: { kind: platform.kind, externalId: channelId },
    person: {
      identities: personId === null ? [] : [{ kind: platform.identity, value: personId }],
      name: null,
      username: null,
    },
    at: instantOf(item["timestamp"]) ?? instantOf(entry["time"]),
    item,
    raw: writeJson(item),
    isStandby,
  };
  for (const [name, read] of READERS) {
    const part = objectOf(item[name]);
    if (part !== null) return read(exchange, part, name);
  }
  return [unreadable(exchange.channel, "unknown_field", raw)];
}

const ACCOUNT = /^[1-9]\d*$/;

/**
 * The entry says whose account it is, and with it which of the two is the customer. Where it does not
 * (the button in Meta's dashboard sends 0), an echo comes from the business, all else goes to it.
 */
function sidesOf(entry: JsonObject, item: JsonObject) {
  const sender = idOf(objectOf(item["sender"])?.["id"]);
  const recipient = idOf(objectOf(item["recipient"])?.["id"]);
  const own = idOf(entry["id"]);
  const isEcho = objectOf(item["message"])?.["is_echo"] === true;
  const isFromOwn = own !== null && own === sender ? true : isEcho && own !== recipient;
  const [business, person] = isFromOwn ? [sender, recipient] : [recipient, sender];
  const isNamed = own !== null && (own === business || ACCOUNT.test(own));
  return { channelId: isNamed ? own : (business ?? own), personId: person };
}

function readMessage(exchange: Exchange, message: JsonObject): InboundItem[] {
  const { channel, person, at, raw, isStandby } = exchange;
  const providerId = idOf(message["mid"]);
  if (providerId === null) return [unreadable(channel, "no_provider_id", exchange.item)];
  if (person.identities.length === 0) return [unreadable(channel, "no_sender", exchange.item)];
  if (message["is_deleted"] === true) {
    const by = message["is_echo"] === true ? "business" : "contact";
    const target = { targetProviderId: providerId, providerId: `deleted:${providerId}` };
    return [{ kind: "deletion", channel, ...target, at, by, person, raw }];
  }
  const words = {
    channel,
    providerId,
    ...readMessageContent(message),
    sentAt: at,
    quotedProviderId: idOf(objectOf(message["reply_to"])?.["mid"]),
    keepRaw: !isPlainText(message),
    raw,
  };
  if (message["is_echo"] === true) {
    const token = idOf(message["metadata"]);
    const appId = idOf(message["app_id"]);
    return [
      { kind: "echo", ...words, recipient: person, token, appId, isHistory: false },
    ] satisfies InboundEcho[];
  }
  return [
    {
      kind: "message",
      ...words,
      sender: person,
      thread: null,
      opensWindow: true,
      referral: readReferral(objectOf(message["referral"])),
      traits: isStandby ? { standby: true } : {},
      isHistory: false,
    },
  ] satisfies InboundMessage[];
}

const PLAIN: ReadonlySet<string> = new Set(["mid", "text", "seq", "reply_to", "is_echo", "app_id"]);

function isPlainText(message: JsonObject): boolean {
  return (
    Object.keys(message).every((name) => PLAIN.has(name)) &&
    objectOf(message["reply_to"])?.["story"] === undefined
  );
}
