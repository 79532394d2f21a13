import type { ChannelAddress, InboundItem } from "../../core/messages/inbound.ts";
import { type Form, parseForm } from "./form.ts";
import type { ListedMessage } from "./list.ts";
import { parseMessage, parseStatus } from "./parse.ts";

/** A message of ours of which nobody knows whether Twilio has it. */
export interface InDoubt {
  /** Our public id. */
  readonly token: string;
  readonly to: string;
  readonly body: string;
  /** When it was handed over, ms since the epoch. */
  readonly leftAt: number;
}

/** Our clock and Twilio's need not agree to the second. */
const SKEW_MS = 60_000;

/** An inbound message of the list, read as if its webhook had come. */
export function inboundOf(
  listed: ListedMessage,
  media: readonly { url: string; mime: string | null }[],
  channel: ChannelAddress,
): InboundItem[] {
  const parameters = new URLSearchParams({
    MessageSid: listed.sid,
    From: listed.from ?? "",
    To: listed.to ?? "",
    Body: listed.body ?? "",
    NumSegments: listed.num_segments ?? "",
    NumMedia: String(media.length),
    SmsStatus: "received",
  });
  media.forEach(({ url, mime }, n) => {
    parameters.set(`MediaUrl${n}`, url);
    if (mime !== null) parameters.set(`MediaContentType${n}`, mime);
  });
  const sentAt = instantOf(listed);
  return parseMessage(formOf(parameters), channel).map((item) =>
    item.kind === "message" ? { ...item, sentAt } : item,
  );
}

/** How far a message of ours has come by the list; `token` for one that is only found by it. */
export function statusOf(
  listed: ListedMessage,
  channel: ChannelAddress,
  token: string | null,
): InboundItem[] {
  const parameters = new URLSearchParams({
    MessageSid: listed.sid,
    MessageStatus: listed.status,
    To: listed.to ?? "",
    From: listed.from ?? "",
    ...(listed.error_code === null ? {} : { ErrorCode: String(listed.error_code) }),
    ...(listed.error_message === null ? {} : { ErrorMessage: listed.error_message }),
  });
  return parseStatus(formOf(parameters), channel, token);
}

/**
 * Which messages of the list are those in doubt: by recipient, words and order. Twilio's log does not
 * have our id; where it has more of the same than are in doubt, nobody can say which, and none is.
 */
export function findDoubted(
  doubts: readonly InDoubt[],
  strangers: readonly ListedMessage[],
): Map<string, InDoubt> {
  const found = new Map<string, InDoubt>();
  const groups = new Map<string, { doubts: InDoubt[]; strangers: ListedMessage[] }>();
  const groupOf = (to: string, body: string) => {
    const key = JSON.stringify([to, body]);
    const group = groups.get(key) ?? { doubts: [], strangers: [] };
    groups.set(key, group);
    return group;
  };
  for (const doubt of doubts) groupOf(doubt.to, doubt.body).doubts.push(doubt);
  for (const each of strangers) groupOf(each.to ?? "", each.body ?? "").strangers.push(each);
  for (const group of groups.values()) {
    const sent = group.strangers.sort((a, b) => (instantOf(a) ?? 0) - (instantOf(b) ?? 0));
    const left = group.doubts.sort((a, b) => a.leftAt - b.leftAt);
    if (sent.length > left.length) continue;
    sent.forEach((each, n) => {
      // With fewer than were left, the earliest that can be meant is.
      const doubt = left[n];
      if (doubt && (instantOf(each) ?? 0) >= doubt.leftAt - SKEW_MS) found.set(each.sid, doubt);
    });
  }
  return found;
}

/** By Twilio's clock, ms since the epoch. */
export function instantOf({ date_created, date_sent }: ListedMessage): number | null {
  const at = Date.parse(date_created ?? date_sent ?? "");
  return Number.isNaN(at) ? null : at;
}

function formOf(parameters: URLSearchParams): Form {
  return parseForm(parameters.toString()) ?? new Map();
}
