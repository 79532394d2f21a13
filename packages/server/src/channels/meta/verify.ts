import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../core/secret.ts";

const PREFIX = "sha256=";
const DIGEST_BYTES = 32;

/**
 * Whether Meta signed these very bytes (`X-Hub-Signature-256`) with one of the app secrets. Meta
 * signs what it sends, escapes included: a body that was parsed and written again does not verify.
 * Every secret is tried, so that the time tells nothing.
 */
export function isSignedByMeta(
  raw: Uint8Array,
  header: string | null | undefined,
  secrets: readonly Secret[],
): boolean {
  const given = digestOf(header);
  if (given === null) return false;
  let matches = false;
  for (const secret of secrets) {
    const key = secret.reveal();
    const expected = createHmac("sha256", createSecretKey(key, "utf8")).update(raw).digest();
    // Anybody can sign with an empty key.
    if (timingSafeEqual(expected, given) && key !== "") matches = true;
  }
  return matches;
}

function digestOf(header: string | null | undefined): Buffer | null {
  if (!header?.startsWith(PREFIX)) return null;
  const hex = header.slice(PREFIX.length);
  // Buffer.from would stop at the first letter that is not hexadecimal, without a word.
  return /^[0-9a-fA-F]{64}$/.test(hex) && hex.length === DIGEST_BYTES * 2
    ? Buffer.from(hex, "hex")
    : null;
}
