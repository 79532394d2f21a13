import type { JsonObject } from "../json.ts";
import { TwilioError } from "./errors.ts";
import { newSid } from "./ids.ts";
import { countSegments } from "./segments.ts";

/** A message in Twilio's log. */
export interface TwilioMessage {
  sid: string;
  account_sid: string;
  /** Null until a messaging service has chosen a sender. */
  from: string | null;
  to: string;
  body: string;
  direction: "inbound" | "outbound-api" | "outbound-reply";
  status: string;
  num_segments: number;
  media: TwilioMedium[];
  messaging_service_sid: string | null;
  error_code: number | null;
  error_message: string | null;
  /** Milliseconds since the epoch, as all times here. */
  date_created: number;
  date_sent: number | null;
  date_updated: number;
  status_callback: string | null;
  /** Statuses that were told by callback so far. */
  statuses: string[];
}

export interface TwilioMedium {
  sid: string;
  content_type: string;
  /** Null where it lies elsewhere: `url` of an outbound message. */
  bytes: Buffer | null;
  url: string | null;
}

export type MessageDraft = Omit<
  TwilioMessage,
  | "sid"
  | "num_segments"
  | "error_code"
  | "error_message"
  | "date_created"
  | "date_updated"
  | "statuses"
>;

const KEPT = 50_000;

/** Every message that went through, in either direction. */
export function createTwilioLog(now: () => number) {
  const messages = new Map<string, TwilioMessage>();
  return {
    add(draft: MessageDraft, sid = newSid(draft.media.length > 0 ? "MM" : "SM")): TwilioMessage {
      const at = now();
      const message: TwilioMessage = {
        ...draft,
        sid,
        num_segments: draft.media.length > 0 ? 1 : countSegments(draft.body),
        error_code: null,
        error_message: null,
        date_created: at,
        date_updated: at,
        statuses: [],
      };
      messages.set(sid, message);
      const [oldest] = messages.keys();
      if (messages.size > KEPT && oldest !== undefined) messages.delete(oldest);
      return message;
    },
    find: (sid: string) => messages.get(sid),
    get(accountSid: string, sid: string): TwilioMessage {
      const message = messages.get(sid);
      if (message?.account_sid === accountSid) return message;
      throw new TwilioError(20404, {
        message: `The requested resource /2010-04-01/Accounts/${accountSid}/Messages/${sid}.json was not found`,
      });
    },
    delete: (sid: string) => messages.delete(sid),
    all: () => [...messages.values()],
    clear: () => messages.clear(),
  };
}

/** A message as the REST API shows it: dates by RFC 2822, numbers as text. */
export function shownMessage(message: TwilioMessage): JsonObject {
  const base = `/2010-04-01/Accounts/${message.account_sid}/Messages/${message.sid}`;
  const isUnassigned = message.from === null;
  return {
    account_sid: message.account_sid,
    api_version: "2010-04-01",
    body: message.body,
    date_created: rfc2822(message.date_created),
    date_sent: message.date_sent === null ? null : rfc2822(message.date_sent),
    date_updated: rfc2822(message.date_updated),
    direction: message.direction,
    error_code: message.error_code,
    error_message: message.error_message,
    from: message.from,
    messaging_service_sid: message.messaging_service_sid,
    num_media: String(message.media.length),
    num_segments: isUnassigned ? "0" : String(message.num_segments),
    price: null,
    price_unit: message.direction === "inbound" ? "USD" : null,
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${base}/Media.json` },
    to: message.to,
    uri: `${base}.json`,
  };
}

function rfc2822(ms: number): string {
  return new Date(ms).toUTCString().replace("GMT", "+0000");
}
