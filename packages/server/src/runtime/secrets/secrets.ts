import { createHash, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A new signing secret as Standard Webhooks writes it: `whsec_` and 32 random bytes in base64. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/** Random letters and digits for keys and tokens; 22 of them hold 131 bits. */
export function randomBase62(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 = 4 × 62: what lies above would make the first letters likelier.
      if (byte < 248 && text.length < length) text += BASE62.charAt(byte % 62);
    }
  }
  return text;
}

/** A secret for one purpose that every process with the same key makes alike. */
export function secretFrom(key: Uint8Array, purpose: string): string {
  return Buffer.from(hkdfSync("sha256", key, new Uint8Array(), purpose, 32)).toString("base64url");
}

/** Compares in a time that tells neither where the texts differ nor how long the right one is. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
