import { z } from "zod";
import type { IdentityName } from "../../core/messages/inbound.ts";
import type { ProviderAnswer, ProviderHttp } from "../../core/outside/provider-http.ts";
import type { Secret } from "../../core/secret.ts";
import type { SendOutcome } from "../../core/sending/send-outcome.ts";
import { sendErrorWith, type VerdictOn } from "./verdict.ts";

const DEADLINE_MS = 30_000;

export interface Acceptance {
  providerId: string | null;
  recipient: IdentityName | null;
}

/** How one of Meta's products is understood. */
export interface GraphDialect {
  /** What a 2xx says; null when it is not the answer that was promised. */
  acceptanceIn(body: unknown): Acceptance | null;
  verdictOn: VerdictOn;
}

/**
 * Hands one message to Meta, once. What came of it says whether it may be handed over again: only
 * if Meta has not seen a byte of it, or says in its own error envelope that it may. Never rejects.
 */
export async function postToGraph(
  http: ProviderHttp,
  to: { url: string; token: Secret | undefined },
  body: object,
  dialect: GraphDialect,
): Promise<SendOutcome> {
  const answer = await http.request({
    method: "POST",
    url: to.url,
    headers: {
      authorization: `Bearer ${to.token?.reveal() ?? ""}`,
      "content-type": "application/json",
      accept: "application/json",
    },
    body: JSON.stringify(body),
    deadlineMs: DEADLINE_MS,
  });
  return outcomeOf(answer, dialect);
}

/** What an answer, or the lack of one, says about the message. */
export function outcomeOf(answer: ProviderAnswer, dialect: GraphDialect): SendOutcome {
  if (answer.kind === "failed") {
    const reason = `${answer.error}: ${answer.detail}`;
    return { kind: answer.written ? "in_doubt" : "not_sent", reason };
  }
  const { status } = answer;
  const body = json(answer.body);
  if (status < 200 || status > 299) return refusal(status, body, dialect);
  const accepted = dialect.acceptanceIn(body);
  if (accepted) return { kind: "accepted", ...accepted };
  return { kind: "in_doubt", reason: `an answer of ${status} without a message id` };
}

const Refused = z.object({
  error: z.object({
    code: z.int(),
    error_subcode: z.int().optional().catch(undefined),
    message: z.string().optional(),
    error_data: z.object({ details: z.string().optional() }).optional().catch(undefined),
    error_user_msg: z.string().optional(),
  }),
});

function refusal(status: number, body: unknown, { verdictOn }: GraphDialect): SendOutcome {
  const refused = Refused.safeParse(body);
  if (!refused.success) {
    return { kind: "in_doubt", reason: `an answer of ${status} without the provider's envelope` };
  }
  const {
    code,
    error_subcode: subcode = null,
    message = null,
    error_data,
    error_user_msg,
  } = refused.data.error;
  const details = error_data?.details ?? error_user_msg ?? null;
  const verdict = verdictOn(code, subcode);
  const said = sendErrorWith(verdict, { code, title: null, message, details });
  const error = subcode === null ? said : { ...said, provider_code: `${code}/${subcode}` };
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
