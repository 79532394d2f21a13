import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { randomBase62 } from "../../runtime/secrets/secrets.ts";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_LETTERS = 12;
const SECRET_LETTERS = 40;
const CHECK_LETTERS = 6;

/** A key that was just made. Its text is shown to whoever asked for it, and kept nowhere. */
export interface NewKey {
  text: string;
  /** What may be shown of it later: enough to recognise it, nothing to use it. */
  prefix: string;
  last4: string;
  digest: Buffer;
}

/**
 * `curlew_live_<id>_<secret><checksum>`: one word to a double click, found by secret scanners by its
 * prefix, and the CRC-32 of all before it (base62) tells a mistyped key from a wrong one.
 */
export function newApiKey(): NewKey {
  return keyWith(`curlew_live_${randomBase62(ID_LETTERS)}`);
}

/** A key for the operator of the instance. */
export function newAdminKey(): NewKey {
  return keyWith("curlew_admin");
}

function keyWith(prefix: string): NewKey {
  const body = `${prefix}_${randomBase62(SECRET_LETTERS)}`;
  const text = body + base62(crc32(body)).padStart(CHECK_LETTERS, "0");
  return { text, prefix, last4: text.slice(-4), digest: digestOf(text) };
}

/** What is kept of a key. Keys hold 238 random bits, so a fast hash is as good as a slow one. */
export function digestOf(key: string): Buffer {
  return hash("sha256", key, "buffer");
}

function base62(value: number): string {
  let text = "";
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) {
    text = BASE62.charAt(rest % 62) + text;
  }
  return text;
}
