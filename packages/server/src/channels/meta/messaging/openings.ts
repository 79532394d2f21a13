import {
  boundedContent,
  type Content,
  unsupportedContent,
} from "../../../core/messages/content.ts";
import type { InboundItem, InboundMessage, Referral } from "../../../core/messages/inbound.ts";
import { idOfItem, unreadable } from "../items.ts";
import { writeJson } from "../json.ts";
import {
  idOf,
  type JsonObject,
  labelOf,
  numberOf,
  objectOf,
  sentenceOf,
  wordsOf,
} from "../read.ts";
import type { Exchange } from "./exchange.ts";
import { readReferral } from "./referral.ts";

/** A button was pressed: of a message, of a menu, to get started. */
export function readPostback(exchange: Exchange, postback: JsonObject): InboundItem[] {
  const payload = wordsOf(postback["payload"]);
  const content: Content = {
    type: "interactive_reply",
    kind: "postback",
    id: payload,
    title: labelOf(postback["title"]),
    ...(payload === null ? {} : { payload }),
    in_reply_to: null,
  };
  const referral = readReferral(objectOf(postback["referral"]));
  return opening(exchange, { content, referral, id: idOf(postback["mid"]), opensWindow: true });
}

/** Somebody came back through a link or an advertisement and has said nothing yet. */
export function readReferralOpen(exchange: Exchange, part: JsonObject): InboundItem[] {
  const referral = readReferral(part);
  if (referral === null) return [unreadable(exchange.channel, "malformed", exchange.item)];
  const content: Content = { type: "referral_open", referral };
  return opening(exchange, { content, referral, id: null, opensWindow: true });
}

/** Somebody linked their account of the business with their chat, or undid it. */
export function readSystem(exchange: Exchange, part: JsonObject): InboundItem[] {
  const status = labelOf(part["status"]);
  const content: Content =
    status === null
      ? unsupportedContent("account_linking", "malformed")
      : { type: "system", code: `account_${status}`, text: "" };
  return opening(exchange, { content, referral: null, id: null, opensWindow: false });
}

/** Somebody filled in a form of the business: how it was, who they are, what they want to know. */
export function readForm(exchange: Exchange, part: JsonObject, name: string): InboundItem[] {
  const content: Content = {
    type: "interactive_reply",
    kind: "flow",
    id: name,
    title: null,
    response_json: writeJson(part),
    in_reply_to: null,
  };
  const bounded = boundedContent(content, name);
  return opening(exchange, { content: bounded, referral: null, id: null, opensWindow: false });
}

/** A thumb was put up or down beside a message of the business's. */
export function readVerdict(exchange: Exchange, part: JsonObject): InboundItem[] {
  const content: Content = {
    type: "system",
    code: "response_feedback",
    text: sentenceOf(part["feedback"]) ?? "",
  };
  const answers = idOf(part["mid"]);
  return opening(exchange, { content, referral: null, id: null, opensWindow: false, answers });
}

/** A round of an instant game is over. */
export function readGamePlay(exchange: Exchange, part: JsonObject): InboundItem[] {
  const score = numberOf(part["score"]);
  const text = score === null ? "" : String(score);
  const content: Content = { type: "system", code: "game_played", text };
  return opening(exchange, { content, referral: null, id: null, opensWindow: false });
}

interface Said {
  content: Content;
  referral: Referral | null;
  id: string | null;
  opensWindow: boolean;
  /** The provider's id of the message that it is about. */
  answers?: string | null;
}

function opening(
  { channel, person, at, item, raw, isStandby }: Exchange,
  said: Said,
): InboundItem[] {
  if (person.identities.length === 0) return [unreadable(channel, "no_sender", item)];
  return [
    {
      kind: "message",
      channel,
      providerId: said.id ?? idOfItem("message", raw),
      sender: person,
      thread: null,
      content: said.content,
      media: [],
      sentAt: at,
      quotedProviderId: said.answers ?? null,
      opensWindow: said.opensWindow,
      referral: said.referral,
      traits: isStandby ? { standby: true } : {},
      isHistory: false,
      keepRaw: true,
      raw,
    },
  ] satisfies InboundMessage[];
}

/** Somebody asked to be written to, or not to be any more. */
export function readOptin({ channel, person, at, item, raw }: Exchange, part: JsonObject) {
  // A box that was ticked on a web page names a visitor of that page and nobody on Messenger.
  if (person.identities.length === 0) return [unreadable(channel, "no_sender", item)];
  const status = labelOf(part["notification_messages_status"]);
  return [
    {
      kind: "consent",
      channel,
      providerId: idOfItem("consent", raw),
      at,
      person,
      change: status?.startsWith("STOP") === true ? "opted_out" : "opted_in",
      topic: labelOf(part["type"]) ?? "optin",
      keyword: labelOf(part["payload"]) ?? labelOf(part["ref"]),
      evidence: sentenceOf(part["title"]) ?? labelOf(part["topic"]),
      raw,
    },
  ] satisfies InboundItem[];
}
