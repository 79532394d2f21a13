import { z } from "zod";
import type { ProviderPlaces, Sender } from "../../core/outgoing.ts";
import type { ProviderAnswer, ProviderHttp } from "../../core/provider-http.ts";
import type { SendOutcome } from "../../core/send-outcome.ts";
import { sendErrorOf, verdictOn } from "./errors.ts";

const DEADLINE_MS = 30_000;

/**
 * Hands one message to Meta, once. What came of it says whether it may be handed over again: only
 * if Meta has not seen a byte of it, or says in its own error envelope that it may. Never rejects.
 */
export async function sendWhatsapp(
  http: ProviderHttp,
  { meta }: ProviderPlaces,
  { externalId, credentials }: Sender,
  body: object,
): Promise<SendOutcome> {
  const answer = await http.request({
    method: "POST",
    url: `${meta.graphUrl}/${meta.graphVersion}/${externalId}/messages`,
    headers: {
      authorization: `Bearer ${credentials.access_token?.reveal() ?? ""}`,
      "content-type": "application/json",
      accept: "application/json",
    },
    body: JSON.stringify(body),
    deadlineMs: DEADLINE_MS,
  });
  return outcomeOf(answer);
}

/** What an answer, or the lack of one, says about the message. */
export function outcomeOf(answer: ProviderAnswer): SendOutcome {
  if (answer.kind === "failed") {
    const reason = `${answer.error}: ${answer.detail}`;
    return { kind: answer.written ? "in_doubt" : "not_sent", reason };
  }
  const body = json(answer.body);
  if (answer.status >= 200 && answer.status < 300) return acceptance(answer.status, body);
  return refusal(answer.status, body);
}

const Accepted = z.object({
  contacts: z.array(z.object({ wa_id: z.string().optional() })).optional(),
  messages: z.array(z.object({ id: z.string().min(1) })).min(1),
});

function acceptance(status: number, body: unknown): SendOutcome {
  const accepted = Accepted.safeParse(body);
  const providerId = accepted.data?.messages[0]?.id;
  if (providerId === undefined) {
    return { kind: "in_doubt", reason: `an answer of ${status} without a message id` };
  }
  const waId = accepted.data?.contacts?.[0]?.wa_id;
  const recipient = waId ? { kind: "wa_id" as const, value: waId } : null;
  return { kind: "accepted", providerId, recipient };
}

const Refused = z.object({
  error: z.object({
    code: z.int(),
    message: z.string().optional(),
    error_data: z.object({ details: z.string().optional() }).optional().catch(undefined),
    error_user_msg: z.string().optional(),
  }),
});

function refusal(status: number, body: unknown): SendOutcome {
  const refused = Refused.safeParse(body);
  if (!refused.success) {
    return { kind: "in_doubt", reason: `an answer of ${status} without the provider's envelope` };
  }
  const { code, message = null, error_data, error_user_msg } = refused.data.error;
  const details = error_data?.details ?? error_user_msg ?? null;
  const error = sendErrorOf({ code, title: null, message, details });
  const verdict = verdictOn(code);
  if (verdict === null) {
    return status < 500
      ? { kind: "refused", class: "request", error }
      : { kind: "in_doubt", reason: `an answer of ${status} with the unknown code ${code}` };
  }
  const { pace, restsChannel, pauseMs } = verdict;
  if (verdict.class === "retry") return { kind: "retryable", error, pace, restsChannel };
  if (verdict.class === "pause_channel" || pauseMs !== null) {
    return { kind: "pause_channel", error, forMs: pauseMs };
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
