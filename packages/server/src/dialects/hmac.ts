import { createHmac, createSecretKey } from "node:crypto";
import type { Letter, SecretPolicy } from "./dialect.ts";
import { secretFrom } from "./standard-webhooks.ts";

const PRINTABLE = /^[\x21-\x7e]+$/;

/** HMAC-SHA256 over the body as it leaves, keyed by the characters of the secret that signs first. */
export function bodyHmac({ body, secrets }: Letter, encoding: "hex" | "base64"): string | null {
  const [first] = secrets;
  if (!first) return null;
  // As bytes it would take Node 24 several times as long.
  const key = createSecretKey(first.value, "utf8");
  return createHmac("sha256", key).update(body).digest(encoding);
}

/** Why a secret cannot be one that a client has from elsewhere, in words, or null. */
export function broughtSecretProblem(secret: string): string | null {
  if (secret.length < 8 || secret.length > 256) return "a secret has 8 to 256 characters";
  return PRINTABLE.test(secret) ? null : "a secret is printable ASCII without spaces";
}

/** Made by Curlew, or brought by a client that moves here with what its receivers already hold. */
export function systemSecret(isShownLater: boolean): SecretPolicy {
  return { isMade: true, isShownLater, make: secretFrom, problem: broughtSecretProblem };
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
