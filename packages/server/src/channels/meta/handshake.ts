import { createHash, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../core/secret.ts";

/** Meta's challenge is an integer. Anything else on a public GET would be somebody's script. */
const CHALLENGE = /^\d{1,64}$/;

/**
 * The challenge to answer with when Meta proves that the operator of this address is the one who
 * subscribed, or null when the request is to be refused.
 */
export function answerHandshake(
  query: { mode: string | undefined; token: string | undefined; challenge: string | undefined },
  verifyToken: Secret | null,
): string | null {
  const { mode, token, challenge } = query;
  if (verifyToken === null || mode !== "subscribe" || token === undefined) return null;
  if (challenge === undefined || !CHALLENGE.test(challenge)) return null;
  return isSame(token, verifyToken.reveal()) ? challenge : null;
}

/** Compares digests, so that neither the length nor the first wrong letter shows in the time. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
