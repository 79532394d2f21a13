import { createHmac } from "node:crypto";

const PREFIX = "whsec_";
const keys = new Map<string, Buffer>();

/**
 * Standard Webhooks v1: base64 of HMAC-SHA256 over `id.timestamp.body`, one value a live secret,
 * separated by spaces.
 */
export function signatures(
  id: string,
  timestampS: number,
  body: string,
  secrets: readonly string[],
): string {
  const head = `${id}.${timestampS}.`;
  return secrets
    .map(
      (secret) =>
        `v1,${createHmac("sha256", keyOf(secret)).update(head).update(body).digest("base64")}`,
    )
    .join(" ");
}

/** The bytes of a `whsec_` secret. Kept, since an endpoint signs with the same one all day. */
function keyOf(secret: string): Buffer {
  let key = keys.get(secret);
  if (key === undefined) {
    if (keys.size >= 10_000) keys.clear();
    key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, "base64");
    keys.set(secret, key);
  }
  return key;
}

/** A new secret of at least 24 random bytes, as Standard Webhooks writes them. */
export function secretFrom(random: Uint8Array): string {
  return PREFIX + Buffer.from(random).toString("base64");
}

/** Why a secret that a client brings cannot be used, in words, or null. */
export function secretProblem(secret: string): string | null {
  if (!secret.startsWith(PREFIX)) return `a secret begins with ${PREFIX}`;
  const text = secret.slice(PREFIX.length);
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) return `what follows ${PREFIX} is base64`;
  if (bytes.length < 24 || bytes.length > 64) return "a secret holds 24 to 64 bytes";
  return null;
}
