import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";

const PUBLIC_PREFIX = "whpk_";
/** What stands before the 32 bytes of an Ed25519 key in PKCS 8, and before those of a public one in SPKI. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_LENGTH = 12;
const privateKeys = new Map<string, KeyObject>();

/**
 * Standard Webhooks v1a: base64 of an Ed25519 signature over the same content as v1. The private key
 * follows from the secret's own, so that it changes with it and is kept nowhere else.
 */
export function asymmetricSignature(secretKey: Buffer, content: string): string {
  return `v1a,${sign(null, Buffer.from(content), privateKeyOf(secretKey)).toString("base64")}`;
}

/** The public half as Standard Webhooks writes it: it verifies, and cannot sign. */
export function publicKeyOf(secretKey: Buffer): string {
  const spki = createPublicKey(privateKeyOf(secretKey)).export({ format: "der", type: "spki" });
  return PUBLIC_PREFIX + spki.subarray(SPKI_LENGTH).toString("base64");
}

function privateKeyOf(secretKey: Buffer): KeyObject {
  const name = secretKey.toString("base64");
  let key = privateKeys.get(name);
  if (key === undefined) {
    if (privateKeys.size >= 1_000) privateKeys.clear();
    const seed = createHmac("sha256", secretKey).update("curlew webhooks v1a").digest();
    key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
    privateKeys.set(name, key);
  }
  return key;
}
