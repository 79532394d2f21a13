import { randomBytes } from "node:crypto";
import type { Handshake } from "../../dialects/dialect.ts";
import type { PostResult } from "../attempt/attempt.ts";
import type { EndpointView } from "../directory/directory.ts";
import { wordsOf } from "./endpoint-test.ts";
import type { Probed, Prober } from "./prober.ts";

const TOKEN_BYTES = 24;
const VERIFY_TYPE = "endpoint.verified";

export interface VerificationOutcome extends Probed {
  verified: boolean;
  /** Why it was not verified, in words, or null. */
  reason: string | null;
}

/** Asks an endpoint to send a new token back. It is told nothing else, and nothing is kept of it. */
export async function verifyEndpoint(
  prober: Prober,
  endpoint: EndpointView,
  handshake: Handshake,
): Promise<VerificationOutcome> {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const probed = await prober.send(endpoint, {
    type: VERIFY_TYPE,
    body: handshake.body(token, prober.now()),
    eventId: prober.newId(),
    deadlineMs: handshake.deadlineMs,
  });
  const { result } = probed;
  const verified =
    result.kind === "response" &&
    handshake.isEchoed(
      {
        status: result.status,
        contentType: result.headers.contentType ?? null,
        body: result.body,
      },
      token,
      endpoint.speech.options,
    );
  return { ...probed, verified, reason: verified ? null : reasonOf(result, token) };
}

/** Why an answer is not the one that was asked for, as far as it can be told. */
function reasonOf(result: PostResult, token: string): string {
  if (result.kind === "failed" || result.status < 200 || result.status > 299) {
    return wordsOf(result);
  }
  const { status, headers, body } = result;
  const type = headers.contentType;
  if (!/^application\/json\b/i.test(type ?? "")) {
    return type === undefined
      ? `It answered ${status} without a Content-Type; application/json is asked for.`
      : `It answered ${status} with Content-Type ${type.slice(0, 100)}; application/json is asked for.`;
  }
  return body.includes(token)
    ? `It answered ${status}, and sent the token back in another way than was asked for.`
    : `It answered ${status}, and did not send the token back.`;
}
