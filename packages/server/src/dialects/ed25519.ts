import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";

const PUBLIC_PREFIX = "whpk_";
/** What stands before the 32 bytes of an Ed25519 key in PKCS 8, and before those of a public one in SPKI. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_LENGTH = 12;
const privateKeys = new WeakMap<KeyObject, KeyObject>();

/**
 * Standard Webhooks v1a: base64 of an Ed25519 signature over the same content as v1. The private key
 * follows from the secret's own, so that it changes with it and is kept nowhere else.
 */
export function asymmetricSignature(secretKey: KeyObject, content: string): string {
  return `v1a,${sign(null, Buffer.from(content), privateKeyOf(secretKey)).toString("base64")}`;
}

/** The public half as Standard Webhooks writes it: it verifies, and cannot sign. */
export function publicKeyOf(secretKey: KeyObject): string {
  const spki = createPublicKey(privateKeyOf(secretKey)).export({ format: "der", type: "spki" });
  return PUBLIC_PREFIX + spki.subarray(SPKI_LENGTH).toString("base64");
}

/** Kept for as long as the secret's own. */
function privateKeyOf(secretKey: KeyObject): KeyObject {
  let key = privateKeys.get(secretKey);
  if (key === undefined) {
    const seed = createHmac("sha256", secretKey).update("curlew webhooks v1a").digest();
    key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
    privateKeys.set(secretKey, key);
  }
  return key;
}
