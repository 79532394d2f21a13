import { z } from "zod";
import type { ProviderAnswer, ProviderHttp } from "../../core/outside/provider-http.ts";
import type { Letter, ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";
import type { SendOutcome } from "../../core/sending/send-outcome.ts";
import { authorizationOf, messagesUrl } from "./account.ts";
import { sendErrorOf, verdictOn } from "./errors.ts";

const DEADLINE_MS = 30_000;

/** Hands one message to Twilio, once. Twilio has no idempotency key: what is in doubt stays so. */
export async function sendSms(
  http: ProviderHttp,
  places: ProviderPlaces,
  sender: Sender,
  letter: Letter,
): Promise<SendOutcome> {
  const answer = await http.request({
    method: "POST",
    url: `${messagesUrl(places, sender)}.json`,
    headers: {
      authorization: authorizationOf(sender),
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
    },
    body: renderSms(places, sender, letter).toString(),
    deadlineMs: DEADLINE_MS,
  });
  return outcomeOf(answer, letter);
}

/**
 * The request's form. Our message id stands in the address that Twilio calls with statuses: should the
 * answer to this request be lost, the first status tells what became of it.
 */
function renderSms(
  { publicUrl }: ProviderPlaces,
  { externalId, messagingServiceSid }: Sender,
  { to, content, token }: Letter,
): URLSearchParams {
  const form = new URLSearchParams({ To: to.value });
  // Who wrote by WhatsApp is answered by WhatsApp, from the same number.
  const way = /^whatsapp:/i.exec(to.value)?.[0] ?? "";
  if (messagingServiceSid === null) form.set("From", `${way}${externalId}`);
  else form.set("MessagingServiceSid", messagingServiceSid);
  if (content.type === "text") form.set("Body", content.text);
  if (content.type === "media") {
    if (content.caption !== null) form.set("Body", content.caption);
    form.set("MediaUrl", content.url);
  }
  if (publicUrl !== null) {
    form.set("StatusCallback", `${publicUrl}/in/twilio/status?message=${token}`);
  }
  return form;
}

const Accepted = z.object({ sid: z.string().min(1) });
const Refused = z.object({ code: z.int(), message: z.string().optional() });

/** What an answer, or the lack of one, says about the message. */
export function outcomeOf(answer: ProviderAnswer, { to }: Pick<Letter, "to">): SendOutcome {
  if (answer.kind === "failed") {
    const reason = `${answer.error}: ${answer.detail}`;
    return { kind: answer.written ? "in_doubt" : "not_sent", reason };
  }
  const { status } = answer;
  const body = json(answer.body);
  if (status >= 200 && status < 300) {
    const accepted = Accepted.safeParse(body);
    return accepted.success
      ? { kind: "accepted", providerId: accepted.data.sid, recipient: to }
      : { kind: "in_doubt", reason: `an answer of ${status} without a message id` };
  }
  const refused = Refused.safeParse(body);
  if (!refused.success) {
    return { kind: "in_doubt", reason: `an answer of ${status} without the provider's envelope` };
  }
  return refusal(status, refused.data);
}

function refusal(status: number, { code, message }: z.infer<typeof Refused>): SendOutcome {
  const error = sendErrorOf({ code, title: null, message: message ?? null, details: null });
  const verdict = verdictOn(status === 429 ? 20429 : code);
  if (verdict === null) {
    return status < 500
      ? { kind: "refused", class: "request", error }
      : { kind: "in_doubt", reason: `an answer of ${status} with the unknown code ${code}` };
  }
  if (verdict.class === "retry") {
    return { kind: "retryable", error, pace: "backoff", restsChannel: true };
  }
  if (verdict.class === "pause_channel" || verdict.pauseMs !== null) {
    return { kind: "pause_channel", error, forMs: verdict.pauseMs };
  }
  return { kind: "refused", class: verdict.class, error };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
