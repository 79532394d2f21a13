import { z } from "zod";
import type { ProviderHttp } from "../../core/provider-http.ts";
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

/** Asks Meta's Graph API. Never rejects. */
export async function askGraph(
  http: ProviderHttp,
  url: string,
  token: Secret,
): Promise<GraphReply> {
  const answer = await http.request({
    method: "GET",
    url,
    headers: { authorization: `Bearer ${token.reveal()}`, accept: "application/json" },
    deadlineMs: DEADLINE_MS,
  });
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
