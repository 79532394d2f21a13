const PREFIX = "whsec_";
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const BROUGHT = /^[\x21-\x7e]{8,256}$/;

/**
 * The keys that a secret may stand for: what is base64 behind `whsec_`, or the characters of one that was brought
 * from elsewhere. The first is what Curlew signs with; none where it cannot be a secret.
 */
export function secretKeys(secret: string): Uint8Array<ArrayBuffer>[] {
  const isPrefixed = secret.startsWith(PREFIX);
  const text = isPrefixed ? secret.slice(PREFIX.length) : secret;
  const decoded = BASE64.test(text) ? decode(text) : null;
  if (isPrefixed && decoded !== null && isMade(text, decoded)) return [decoded];
  const characters = BROUGHT.test(secret) ? new TextEncoder().encode(secret) : null;
  const both = isPrefixed ? [decoded, characters] : [characters, decoded];
  return both.filter((key) => key !== null);
}

/** Only such a secret is never taken for its characters. */
function isMade(text: string, { length }: Uint8Array<ArrayBuffer>): boolean {
  return text.length % 4 === 0 && length >= 24 && length <= 64;
}

/** The `v1` signature of Standard Webhooks, in base64: HMAC-SHA256 over `id.timestamp.payload`. */
export async function signatureOf(
  key: Uint8Array<ArrayBuffer>,
  content: { id: string; timestamp: string; payload: Uint8Array },
): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  const digest = new Uint8Array(await crypto.subtle.sign("HMAC", imported, signedBytes(content)));
  return btoa(String.fromCharCode(...digest));
}

const PUBLIC_PREFIX = "whpk_";

/** Whether it is a public key, which verifies `v1a` signatures, and no secret. */
export function isPublicKey(text: string): boolean {
  return text.startsWith(PUBLIC_PREFIX);
}

/** The 32 bytes of a public key (`whpk_…`); null when it is none. */
export function publicKeyBytes(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = BASE64.test(text.slice(PUBLIC_PREFIX.length))
    ? decode(text.slice(PUBLIC_PREFIX.length))
    : null;
  return bytes?.length === 32 ? bytes : null;
}

/** Whether a `v1a` signature (base64) of this content was made with the other half of a public key. */
export async function isSignedBy(
  key: Uint8Array<ArrayBuffer>,
  signature: string,
  content: { id: string; timestamp: string; payload: Uint8Array },
): Promise<boolean> {
  const given = BASE64.test(signature) ? decode(signature) : null;
  if (given === null) return false;
  const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", imported, given, signedBytes(content));
}

function signedBytes(content: {
  id: string;
  timestamp: string;
  payload: Uint8Array;
}): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`${content.id}.${content.timestamp}.`);
  const signed = new Uint8Array(head.length + content.payload.length);
  signed.set(head);
  signed.set(content.payload, head.length);
  return signed;
}

function decode(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** Whether two texts are the same, in a time that tells nothing of where they differ. */
export function sameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) {
    difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  }
  return difference === 0;
}
