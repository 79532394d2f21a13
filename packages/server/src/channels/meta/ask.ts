import { z } from "zod";
import type { ProviderAnswer, ProviderHttp } from "../../core/outside/provider-http.ts";
import type { Secret } from "../../core/secret.ts";

/** What Meta answers to a question; it changes nothing there. */
export type GraphReply =
  | { kind: "told"; body: unknown }
  | { kind: "refused"; code: number; subcode: number | null; message: string }
  /** Nobody answered, or nothing that can be read. */
  | { kind: "silent"; reason: string };

const DEADLINE_MS = 15_000;
const Refused = z.object({
  error: z.object({
    code: z.int(),
    error_subcode: z.int().optional().catch(undefined),
    message: z.string().catch(""),
  }),
});

/** Asks Meta's Graph API; without a token where the question carries its own leave. Never rejects. */
export async function askGraph(
  http: ProviderHttp,
  url: string,
  token: Secret | null,
  deadlineMs = DEADLINE_MS,
): Promise<GraphReply> {
  const headers = { accept: "application/json", ...leaveOf(token) };
  return replyIn(await http.request({ method: "GET", url, headers, deadlineMs }));
}

/** Has Meta change something that may be changed twice. Never rejects. */
export async function tellGraph(
  http: ProviderHttp,
  url: string,
  token: Secret,
  body: object,
): Promise<GraphReply> {
  const json = { accept: "application/json", "content-type": "application/json" };
  const headers = { ...json, ...leaveOf(token) };
  const request = { url, headers, body: JSON.stringify(body), deadlineMs: DEADLINE_MS };
  return replyIn(await http.request({ method: "POST", ...request }));
}

function leaveOf(token: Secret | null): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token.reveal()}` };
}

function replyIn(answer: ProviderAnswer): GraphReply {
  if (answer.kind === "failed") {
    return { kind: "silent", reason: `${answer.error}: ${answer.detail}` };
  }
  const body = json(answer.body);
  if (answer.status >= 200 && answer.status < 300 && body !== undefined) {
    return { kind: "told", body };
  }
  const refused = Refused.safeParse(body);
  if (!refused.success) return { kind: "silent", reason: `an answer of ${answer.status}` };
  const { code, error_subcode: subcode = null, message } = refused.data.error;
  return { kind: "refused", code, subcode, message };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
