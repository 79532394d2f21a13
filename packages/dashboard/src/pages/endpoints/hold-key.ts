/** A public key as JWK: an endpoint's hold key. */
export type Jwk = Readonly<Record<string, unknown>>;

/** Whether this browser makes keys here: over HTTPS, or on its own machine. */
export const canMakeKeys = window.isSecureContext;

/** A pair of which the private half is told to nobody: it is shown, and forgotten. */
export async function makePair(): Promise<{ holdKey: Jwk; privateKey: string }> {
  const algorithm = { name: "ECDH", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["deriveBits"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const own = await crypto.subtle.exportKey("jwk", pair.privateKey);
  return { holdKey: { kty, crv, x, y }, privateKey: JSON.stringify(own) };
}

/** What was pasted, as a public key; else which words say what is wrong with it. */
export function readPublicKey(text: string): { key: Jwk } | { wrong: "unreadable" | "private" } {
  const given = parsed(text);
  if (given === null) return { wrong: "unreadable" };
  return "d" in given ? { wrong: "private" } : { key: given };
}

function parsed(text: string): Jwk | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Jwk) : null; // its members are read by the server
  } catch {
    return null;
  }
}

/** `kid` of what is sealed to the key: its thumbprint (RFC 7638). Null where this browser makes none. */
export async function thumbprintOf(key: Readonly<Record<string, string>>): Promise<string | null> {
  if (!canMakeKeys) return null;
  const members = key["kty"] === "RSA" ? ["e", "kty", "n"] : ["crv", "kty", "x", "y"];
  const text = JSON.stringify(Object.fromEntries(members.map((name) => [name, key[name]])));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}
