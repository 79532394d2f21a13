import type { ProviderError } from "../../core/messages/inbound.ts";
import type { SendError } from "../../core/sending/send-outcome.ts";
import {
  graphVerdicts,
  isPermissionCode,
  pause,
  refuse,
  retry,
  sendErrorWith,
  TOKEN,
  TOO_FAST,
  UNWELL,
  type Verdict,
} from "../meta/verdict.ts";

const PERMISSION =
  "Give the app and the token the permission to send messages for this Page or account.";
const BODY = "Mend the request as the message says, then send it again.";
const MEDIA = "Meta could not take the file: check its type and size, and that its URL is public.";
const NOBODY = "This person cannot be written to: they blocked, left, or never wrote to you.";
const WINDOW =
  "Wait for the customer to write. A person's own answer (`actor: agent`) may leave for seven days.";
const COMMENT =
  "A comment is answered in private once, within seven days, while its author allows it.";

/** Meta's codes for the Send API of Messenger and Instagram. */
const VERDICTS: ReadonlyMap<number, Verdict> = new Map([
  ...graphVerdicts(PERMISSION),

  [1200, retry("provider_unavailable", UNWELL)],
  [17, retry("rate_limited", TOO_FAST, { restsChannel: true })],
  [32, retry("rate_limited", TOO_FAST, { restsChannel: true })],

  [102, pause("channel_unauthorized", TOKEN)],

  [551, refuse("recipient", "recipient_unreachable", NOBODY)],

  [33, refuse("request", "invalid_message", BODY)],
  [100, refuse("request", "invalid_message", BODY)],
  [10900, refuse("request", "comment_not_answerable", COMMENT)],
  [10903, refuse("request", "comment_not_answerable", COMMENT)],
  [10904, refuse("request", "comment_not_answerable", COMMENT)],
]);

/** Where a subcode says more than its code, it decides. */
const BY_SUBCODE: ReadonlyMap<string, Verdict> = new Map([
  ["4/2018022", retry("rate_limited", TOO_FAST, { pace: "pair" })],

  ["10/2018065", refuse("window", "window_closed", WINDOW)],
  ["10/2018278", refuse("window", "window_closed", WINDOW)],
  ["10/2534022", refuse("window", "window_closed", WINDOW)],

  ["10/2018108", refuse("recipient", "recipient_unreachable", NOBODY)],
  ["100/2018001", refuse("recipient", "recipient_unreachable", NOBODY)],
  ["200/1545041", refuse("recipient", "recipient_unreachable", NOBODY)],

  ["100/2018008", refuse("request", "media_invalid", MEDIA)],
  ["100/2018047", refuse("request", "media_invalid", MEDIA)],
  ["100/2018109", refuse("request", "media_invalid", MEDIA)],
]);

/** What a code asks for; null for one that is not known here, which is never taken for a licence to repeat. */
export function verdictOn(code: number, subcode: number | null): Verdict | null {
  const exact = subcode === null ? undefined : BY_SUBCODE.get(`${code}/${subcode}`);
  if (exact) return exact;
  if (isPermissionCode(code)) return pause("channel_forbidden", PERMISSION);
  return VERDICTS.get(code) ?? null;
}

export function sendErrorOf(error: ProviderError): SendError {
  return sendErrorWith(error.code === null ? null : verdictOn(error.code, null), error);
}
