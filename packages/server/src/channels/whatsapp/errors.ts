import type { ProviderError } from "../../core/messages/inbound.ts";
import type { SendError } from "../../core/sending/send-outcome.ts";
import {
  graphVerdicts,
  isPermissionCode,
  pause,
  refuse,
  retry,
  sendErrorWith,
  slow,
  TOO_FAST,
  UNWELL,
  type Verdict,
} from "../meta/verdict.ts";

const PERMISSION =
  "Give the app and the token the permission whatsapp_business_messaging for this number.";
const ACCOUNT = "Look into the WhatsApp Manager: the account or the number is not allowed to send.";
const NOBODY = "The number is not on WhatsApp, has an old app, or has not accepted Meta's terms.";
const BODY = "Mend the request as `details` says, then send it again.";
const TEMPLATE = "Mend the template or its parameters as `details` says, then send it again.";

/**
 * Meta's codes for the WhatsApp Cloud API. Its HTTP statuses and texts are not to be built on:
 * throttling answers 400 today where it used 429.
 */
const VERDICTS: ReadonlyMap<number, Verdict> = new Map([
  ...graphVerdicts(PERMISSION),

  [80007, retry("rate_limited", TOO_FAST, { restsChannel: true })],
  [130429, retry("rate_limited", TOO_FAST, { restsChannel: true })],
  [131056, retry("rate_limited", TOO_FAST, { pace: "pair" })],
  [131000, retry("provider_unavailable", UNWELL)],
  [131016, retry("provider_unavailable", UNWELL)],
  [131057, retry("provider_unavailable", UNWELL)],
  [133004, retry("provider_unavailable", UNWELL)],

  [131048, slow("spam_limited", "Too many customers block or report this number. Send less.")],
  [131049, refuse("slow", "recipient_saturated", "Wait a day before you write to this customer.")],
  [130472, refuse("slow", "recipient_saturated", "Meta's experiment keeps this customer out.")],

  [131005, pause("channel_forbidden", PERMISSION)],
  [131031, pause("channel_locked", ACCOUNT)],
  [131037, pause("channel_locked", "Have the number's display name approved.")],
  [131042, pause("payment_required", "Mend the means of payment in the WhatsApp Manager.")],
  [131045, pause("channel_unregistered", "Register the number anew: its certificate is wrong.")],
  [133010, pause("channel_unregistered", "Register the number for the Cloud API.")],

  [
    131047,
    refuse("window", "window_closed", "Send a template, or wait for the customer to write."),
  ],
  [131050, refuse("window", "opted_out", "The customer wants no marketing; send none.")],

  [131021, refuse("recipient", "recipient_unreachable", "A number cannot write to itself.")],
  [131026, refuse("recipient", "recipient_unreachable", NOBODY)],
  [131030, refuse("recipient", "recipient_not_allowed", "Add the number to the allowed list.")],
  [130497, refuse("recipient", "recipient_not_allowed", "Not allowed in this customer's country.")],
  [131062, refuse("recipient", "recipient_unsupported", "This needs the telephone number.")],

  [33, refuse("request", "invalid_message", "The number was deleted at Meta; check external_id.")],
  [100, refuse("request", "invalid_message", BODY)],
  [131008, refuse("request", "invalid_message", BODY)],
  [131009, refuse("request", "invalid_message", BODY)],
  [131051, refuse("request", "invalid_message", BODY)],
  [135000, refuse("request", "invalid_message", BODY)],
  [131052, refuse("request", "media_invalid", BODY)],
  [131053, refuse("request", "media_invalid", BODY)],
  [132000, refuse("request", "template_invalid", TEMPLATE)],
  [132001, refuse("request", "template_invalid", TEMPLATE)],
  [132005, refuse("request", "template_invalid", TEMPLATE)],
  [132007, refuse("request", "template_invalid", TEMPLATE)],
  [132012, refuse("request", "template_invalid", TEMPLATE)],
  [132015, refuse("request", "template_paused", "Meta paused the template for its quality.")],
  [132016, refuse("request", "template_paused", "Meta disabled the template for its quality.")],
  [132068, refuse("request", "template_invalid", "The template's flow is blocked.")],
  [132069, refuse("request", "template_invalid", "The template's flow is throttled.")],
]);

/** What a code asks for; null for one that is not known here, which is never taken for a licence to repeat. */
export function verdictOn(code: number): Verdict | null {
  if (isPermissionCode(code)) return pause("channel_forbidden", PERMISSION);
  return VERDICTS.get(code) ?? null;
}

/** An error of Meta's in the words of the API: in the answer of a send or in a status that came later. */
export function sendErrorOf(error: ProviderError): SendError {
  return sendErrorWith(error.code === null ? null : verdictOn(error.code), error);
}
