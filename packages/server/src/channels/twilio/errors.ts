import type { ProviderError } from "../../core/messages/inbound.ts";
import type { RefusalClass, SendError } from "../../core/sending/send-outcome.ts";

/** What we make of one of Twilio's error codes. */
export interface Verdict {
  class: RefusalClass;
  /** Our own word, which a client may switch on. */
  code: string;
  advice: string;
  /** How long the channel stands still (class `slow`), or null where only a person can mend it. */
  pauseMs: number | null;
}

const HOUR_MS = 3_600_000;

const retry = (code: string, advice: string) => verdict("retry", code, advice);
const pause = (code: string, advice: string) => verdict("pause_channel", code, advice);
const slow = (code: string, advice: string) => verdict("slow", code, advice, HOUR_MS);
const recipient = (code: string, advice: string) => verdict("recipient", code, advice);
const request = (code: string, advice: string) => verdict("request", code, advice);

function verdict(
  kind: RefusalClass,
  code: string,
  advice: string,
  pauseMs: number | null = null,
): Verdict {
  return { class: kind, code, advice, pauseMs };
}

const TOO_FAST = "Curlew slows down and sends again by itself.";
const CREDENTIALS = "Give the channel a valid account_sid and auth_token; what waits is sent then.";
const NUMBER = "Give the channel a number, or a messaging service, of this very account.";
const CAP = "The carrier takes no more from this brand for now: send less, or tomorrow.";
const REGISTER = "Register the number (A2P 10DLC, or toll-free verification) in Twilio's console.";
const NOBODY = "The number cannot be reached by SMS; check it, or write another way.";
const BODY = "Mend the request as `message` says, then send it again.";
const ONCE_MORE = "The handset may be switched off or out of reach; try once more later.";

/** Codes of Twilio's messaging API, of its answers and of its status callbacks. */
const VERDICTS: ReadonlyMap<number, Verdict> = new Map([
  [20429, retry("rate_limited", TOO_FAST)],
  [14107, retry("rate_limited", TOO_FAST)],
  [21611, retry("rate_limited", TOO_FAST)],
  [30001, retry("rate_limited", "Twilio's queue was full; send it again, more slowly.")],
  [30017, retry("rate_limited", "The carrier's network was full; send it again later.")],
  [30003, retry("recipient_unreachable", ONCE_MORE)],
  [
    30008,
    retry("provider_unavailable", "Neither Twilio nor the carrier knows why; try once more."),
  ],

  [30022, slow("spam_limited", CAP)],
  [30023, slow("spam_limited", CAP)],
  [30027, slow("spam_limited", CAP)],

  [20003, pause("channel_unauthorized", CREDENTIALS)],
  [20005, pause("channel_locked", "Twilio has suspended the account; look into its console.")],
  [20404, pause("channel_unauthorized", CREDENTIALS)],
  [30002, pause("channel_locked", "Twilio has suspended the account; look into its console.")],
  [21606, pause("channel_unregistered", NUMBER)],
  [21659, pause("channel_unregistered", NUMBER)],
  [21701, pause("channel_unregistered", NUMBER)],
  [21703, pause("channel_unregistered", "Add a number to the messaging service.")],
  [21705, pause("channel_unregistered", NUMBER)],
  [30032, pause("channel_unregistered", REGISTER)],
  [30034, pause("channel_unregistered", REGISTER)],

  [
    21610,
    verdict("window", "opted_out", "The customer replied STOP; only they can undo it, by START."),
  ],

  [21211, recipient("recipient_unreachable", "This is no telephone number; check it.")],
  [21408, recipient("recipient_not_allowed", "Allow this country in Twilio's geo permissions.")],
  [21608, recipient("recipient_not_allowed", "A trial account writes to verified numbers only.")],
  [21612, recipient("recipient_unreachable", NOBODY)],
  [21614, recipient("recipient_unreachable", "This is no mobile number.")],
  [21266, recipient("recipient_unreachable", "A number cannot write to itself.")],
  [30004, recipient("recipient_unreachable", "The recipient blocks messages, or Twilio does.")],
  [30005, recipient("recipient_unreachable", NOBODY)],
  [
    30006,
    recipient("recipient_unreachable", "This is a landline, or its carrier is out of reach."),
  ],
  [
    30450,
    recipient("recipient_not_allowed", "Twilio takes this for SMS pumping; ask its support."),
  ],

  [21602, request("invalid_message", BODY)],
  [21609, request("invalid_message", "CURLEW_PUBLIC_URL is not an address that Twilio can call.")],
  [21617, request("invalid_message", "A text has at most 1,600 characters.")],
  [21620, request("media_invalid", "Twilio cannot fetch the media: the URL must be public.")],
  [21623, request("media_invalid", "A message has at most ten media.")],
  [
    30007,
    request("message_filtered", "The carrier took it for spam; look at its words and links."),
  ],
  [30009, request("message_lost", "A part of it was lost on the way.")],
  [30019, request("media_invalid", "The carrier takes no message of this size.")],
  [
    30410,
    request("message_lost", "It failed and may have arrived: send again only if twice is fine."),
  ],
]);

/** What a code asks for; null for one that is not known here, which is never taken for a licence to repeat. */
export function verdictOn(code: number): Verdict | null {
  return VERDICTS.get(code) ?? null;
}

/** An error of Twilio's in the words of the API: in the answer of a send or in a status that came later. */
export function sendErrorOf({ code, title, message, details }: ProviderError): SendError {
  const known = code === null ? null : verdictOn(code);
  return {
    code: known?.code ?? "provider_refused",
    provider_code: code === null ? null : String(code),
    message: message ?? title ?? "The provider gave no reason.",
    details,
    retryable: known?.class === "retry" || known?.class === "slow",
    advice: known?.advice ?? null,
  };
}
