/** A key as JWK (RFC 7517). One with `d` is private. */
export type Jwk = {
  kty?: string;
  crv?: string;
  x?: string;
  y?: string;
  n?: string;
  e?: string;
  d?: string;
  p?: string;
  q?: string;
  dp?: string;
  dq?: string;
  qi?: string;
  alg?: string;
  use?: string;
  key_ops?: string[];
  ext?: boolean;
};

/** What could not be read: the key is another's, or what came is not whole. */
export class SealedBodyError extends Error {
  override readonly name = "SealedBodyError";
}

/** A pair for an endpoint: `hold_key` is given to Curlew, `privateKey` stays where bodies are read. */
export async function makeHoldKey(): Promise<{ hold_key: Jwk; privateKey: Jwk }> {
  const algorithm = { name: "ECDH", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["deriveBits"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const privateKey = await crypto.subtle.exportKey("jwk", pair.privateKey);
  return { hold_key: { kty, crv, x, y } as Jwk, privateKey };
}

interface Header {
  alg?: unknown;
  enc?: unknown;
  epk?: Jwk;
  apu?: unknown;
  apv?: unknown;
}

/**
 * The body that a webhook's sealed one stands for, as text; a body that is not sealed is answered as it
 * came. Verify the webhook first: the signature is over what came. Throws `SealedBodyError`.
 *
 * `privateKey` is the JWK whose public half the endpoint has as its `hold_key`.
 */
export async function openSealed(body: string, privateKey: Jwk): Promise<string> {
  const sealed = sealedIn(body);
  if (sealed === null) return body;
  const [head = "", wrapped = "", iv = "", text = "", tag = "", ...more] = sealed.split(".");
  if (tag === "" || more.length > 0) throw new SealedBodyError("It is not a compact JWE.");
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes(head))) as Header;
    if (header.enc !== "A256GCM") throw new SealedBodyError("It is not sealed with A256GCM.");
    const raw = await contentKey(header, bytes(wrapped), privateKey);
    const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
    const additionalData = new TextEncoder().encode(head);
    const algorithm = { name: "AES-GCM", iv: bytes(iv), additionalData };
    const clear = await crypto.subtle.decrypt(algorithm, key, joined(bytes(text), bytes(tag)));
    return new TextDecoder().decode(clear);
  } catch (error) {
    if (error instanceof SealedBodyError) throw error;
    throw new SealedBodyError("It is not sealed to this key, or not whole.", { cause: error });
  }
}

function sealedIn(body: string): string | null {
  try {
    const parsed = JSON.parse(body) as { body_sealed?: unknown; sealed?: unknown } | null;
    const isSealed = parsed?.body_sealed === true && typeof parsed.sealed === "string";
    return isSealed ? (parsed.sealed as string) : null;
  } catch {
    return null;
  }
}

/** The key that the text is sealed under: RFC 7518, 4.3 and 4.6. */
async function contentKey(
  header: Header,
  wrapped: Uint8Array<ArrayBuffer>,
  privateKey: Jwk,
): Promise<ArrayBuffer> {
  const { subtle } = crypto;
  if (header.alg === "RSA-OAEP-256") {
    const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
    const { alg: _, key_ops: __, use: ___, ...jwk } = privateKey;
    const key = await subtle.importKey("jwk", jwk, algorithm, false, ["decrypt"]);
    return subtle.decrypt({ name: "RSA-OAEP" }, key, wrapped);
  }
  if (header.alg === "ECDH-ES" && header.epk !== undefined) {
    const algorithm = { name: "ECDH", namedCurve: "P-256" };
    const { alg: _, key_ops: __, use: ___, ...jwk } = privateKey;
    const own = await subtle.importKey("jwk", jwk, algorithm, false, ["deriveBits"]);
    const theirs = await subtle.importKey("jwk", header.epk, algorithm, false, []);
    const shared = await subtle.deriveBits({ name: "ECDH", public: theirs }, own, 256);
    return subtle.digest("SHA-256", derivation(new Uint8Array(shared), header));
  }
  throw new SealedBodyError("It is sealed in a way that this version does not open.");
}

/** One round of the Concat KDF is all that a key of 256 bits takes. */
function derivation(shared: Uint8Array, { apu, apv }: Header): Uint8Array<ArrayBuffer> {
  const party = (info: unknown) => (typeof info === "string" ? bytes(info) : new Uint8Array());
  const algorithm = new TextEncoder().encode("A256GCM");
  const parts = [algorithm, party(apu), party(apv)].flatMap((part) => [word(part.length), part]);
  return joined(word(1), shared, ...parts, word(256));
}

function word(value: number): Uint8Array {
  return new Uint8Array([value >>> 24, value >>> 16, value >>> 8, value]);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
