import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { Letter } from "./dialect.ts";
import { asymmetricSignature, publicKeyOf } from "./ed25519.ts";

const PREFIX = "whsec_";
const keys = new Map<string, KeyObject>();

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

/** The headers that every dialect sends. A receiver with no secret cannot verify, and gets no signature. */
export function standardHeaders(letter: Letter): Record<string, string> {
  const { id, type, body, timestampS, attempt, replayed, secrets } = letter;
  const values = secrets.map(({ value }) => value);
  return {
    "content-type": "application/json",
    "user-agent": "Curlew/1 (+webhooks)",
    "webhook-id": id,
    "webhook-timestamp": String(timestampS),
    ...(values.length > 0 ? { "webhook-signature": signatures(id, timestampS, body, values) } : {}),
    "webhook-attempt": String(attempt),
    "webhook-event": type,
    ...(replayed ? { "webhook-replayed": "1" } : {}),
  };
}

/**
 * The key of a secret: what is base64 behind `whsec_`, or the characters of one that a client brought
 * from elsewhere. Kept, since an endpoint signs with the same one all day; and not as bytes, from which
 * Node 24 takes seven times as long to sign.
 */
function keyOf(secret: string): KeyObject {
  let key = keys.get(secret);
  if (key === undefined) {
    if (keys.size >= 10_000) keys.clear();
    key =
      secretProblem(secret) === null
        ? createSecretKey(secret.slice(PREFIX.length), "base64")
        : createSecretKey(secret, "utf8");
    keys.set(secret, key);
  }
  return key;
}

/** As `signatures`, each signed with Ed25519 too (v1a), for receivers that hold only a public key. */
export function bothSignatures(
  id: string,
  timestampS: number,
  body: string,
  secrets: readonly string[],
): string {
  const content = `${id}.${timestampS}.${body}`;
  const asymmetric = secrets.map((secret) => asymmetricSignature(keyOf(secret), content));
  return [signatures(id, timestampS, body, secrets), ...asymmetric].join(" ");
}

/** `whpk_…`: verifies what is signed with this secret in v1a. */
export function publicKeyFor(secret: string): string {
  return publicKeyOf(keyOf(secret));
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
