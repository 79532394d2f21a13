import { CompactEncrypt, calculateJwkThumbprint, importJWK } from "jose";
import { LRUCache } from "lru-cache";
import type { HoldKey } from "../../core/endpoints/hold-key.ts";

/** Keys that are remembered as they are used: reading one costs more than sealing with it. */
const MOST_KEYS = 1_000;

interface ReadKey {
  alg: "ECDH-ES" | "RSA-OAEP-256";
  kid: string;
  key: Awaited<ReturnType<typeof importJWK>>;
}

const keys = new LRUCache<string, Promise<ReadKey>>({ max: MOST_KEYS });

/**
 * Seals a text to a receiver's public key, given as the JWK's JSON text: a compact JWE (RFC 7516), A256GCM
 * under a key that is made for this text alone and goes with it, wrapped.
 */
export async function seal(holdKey: string, text: string): Promise<string> {
  let reading = keys.get(holdKey);
  if (reading === undefined) {
    reading = readKey(JSON.parse(holdKey) as HoldKey); // as the API let it in
    keys.set(holdKey, reading);
  }
  const { alg, kid, key } = await reading;
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg, enc: "A256GCM", kid })
    .encrypt(key);
}

async function readKey(jwk: HoldKey): Promise<ReadKey> {
  const alg = jwk.kty === "EC" ? "ECDH-ES" : "RSA-OAEP-256";
  return { alg, kid: await calculateJwkThumbprint(jwk), key: await importJWK(jwk, alg) };
}
