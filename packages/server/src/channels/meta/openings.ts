import { type Content, unsupportedContent } from "../../core/content.ts";
import type { InboundItem, InboundMessage, Referral } from "../../core/inbound.ts";
import type { Exchange } from "./exchange.ts";
import { idOfItem, unreadable } from "./items.ts";
import { idOf, type JsonObject, labelOf, objectOf, sentenceOf, wordsOf } from "./read.ts";
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

function opening(
  { channel, person, at, item, raw, isStandby }: Exchange,
  said: { content: Content; referral: Referral | null; id: string | null; opensWindow: boolean },
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
      quotedProviderId: null,
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
