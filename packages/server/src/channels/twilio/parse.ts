import type {
  ChannelAddress,
  InboundItem,
  InboundStatus,
  Person,
} from "../../core/messages/inbound.ts";
import { labelOf, plain } from "../meta/read.ts";
import { consentOf } from "./consent.ts";
import { readContent } from "./content.ts";
import { type Form, textAt } from "./form.ts";
import { surroundingsOf } from "./surroundings.ts";

/** What a request to the address for messages tells. `channel` is the one whose token signed it. */
export function parseMessage(form: Form, channel: ChannelAddress): InboundItem[] {
  const raw = rawOf(form);
  const providerId = sidOf(form);
  if (providerId === null) return [{ kind: "unreadable", channel, reason: "no_provider_id", raw }];
  const from = labelOf(textAt(form, "From"));
  if (from === null) return [{ kind: "unreadable", channel, reason: "no_sender", raw }];
  const sender: Person = {
    identities: [{ kind: "phone", value: from }],
    // Told of people on WhatsApp and RCS, never of those who text.
    name: labelOf(textAt(form, "ProfileName")),
    username: null,
  };
  const { content, media, isWhole } = readContent(form);
  const { referral, traits, quotedProviderId, hasMore } = surroundingsOf(form);
  const message: InboundItem = {
    kind: "message",
    channel,
    providerId,
    sender,
    thread: null,
    content,
    media,
    sentAt: null,
    quotedProviderId,
    opensWindow: true,
    referral,
    traits,
    isHistory: false,
    keepRaw: !isWhole || hasMore,
    raw,
  };
  const consent = consentOf(form);
  if (consent === null) return [message];
  const providerIdOfConsent = `${providerId}:consent`;
  return [
    message,
    {
      kind: "consent",
      channel,
      providerId: providerIdOfConsent,
      at: null,
      person: sender,
      ...consent,
      raw,
    },
  ];
}

/** How far a message of ours has come, in our words. Everything before `sent` says that Twilio has it. */
const STATUSES: ReadonlyMap<string, InboundStatus["status"]> = new Map([
  ["accepted", "sent"],
  ["scheduled", "sent"],
  ["queued", "sent"],
  ["sending", "sent"],
  ["sent", "sent"],
  ["partially_delivered", "sent"],
  ["delivered", "delivered"],
  ["read", "read"],
  ["undelivered", "failed"],
  ["failed", "failed"],
  ["canceled", "failed"],
]);

/**
 * Whether a request speaks of a message of ours; a customer's says that it was received. Older numbers
 * have but one of the two parameters.
 */
export function tellsOfOurs(form: Form): boolean {
  const word = wordIn(form);
  return word !== null && word !== "received" && word !== "receiving";
}

function wordIn(form: Form): string | null {
  return (textAt(form, "MessageStatus") ?? textAt(form, "SmsStatus"))?.toLowerCase() ?? null;
}

/**
 * What a status callback tells. `token` is what we wrote into its URL: our id of the message.
 */
export function parseStatus(
  form: Form,
  channel: ChannelAddress,
  token: string | null,
): InboundItem[] {
  const raw = rawOf(form);
  const providerId = sidOf(form);
  if (providerId === null) return [{ kind: "unreadable", channel, reason: "no_provider_id", raw }];
  const word = wordIn(form);
  const status = STATUSES.get(word ?? "");
  if (status === undefined) return [{ kind: "unreadable", channel, reason: "unknown_status", raw }];
  const to = labelOf(textAt(form, "To"));
  return [
    statusItem({
      channel,
      providerId,
      status,
      token,
      to,
      errorCode: codeOf(textAt(form, "ErrorCode")),
      errorMessage: labelOf(textAt(form, "ErrorMessage")),
      word: word ?? "",
      raw,
    }),
  ];
}

/** A status, whether Twilio called with it or it was read from Twilio's list. */
function statusItem(told: {
  channel: ChannelAddress;
  providerId: string;
  status: InboundStatus["status"];
  token: string | null;
  to: string | null;
  errorCode: number | null;
  errorMessage: string | null;
  /** Twilio's own word for it. */
  word: string;
  raw: string;
}): InboundStatus {
  const { channel, providerId, status, token, to, errorCode, errorMessage, word, raw } = told;
  return {
    kind: "status",
    channel,
    providerId,
    status,
    at: null,
    token,
    recipient: {
      identities: to === null ? [] : [{ kind: "phone", value: to }],
      name: null,
      username: null,
    },
    parentBsuid: null,
    error:
      status === "failed"
        ? { code: errorCode, title: word, message: errorMessage, details: null }
        : null,
    pricing: null,
    providerConversationId: null,
    raw,
  };
}

/** MessageSid; older numbers only give its aliases. */
function sidOf(form: Form): string | null {
  for (const name of ["MessageSid", "SmsMessageSid", "SmsSid"]) {
    const sid = labelOf(textAt(form, name));
    if (sid !== null) return sid;
  }
  return null;
}

function codeOf(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** The parameters as JSON; those that came more than once are lists. */
function rawOf(form: Form): string {
  const values = [...form].map(([name, each]) => [plain(name), each.length === 1 ? each[0] : each]);
  return JSON.stringify(Object.fromEntries(values));
}
