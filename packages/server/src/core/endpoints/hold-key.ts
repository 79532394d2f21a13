/** A public key of a receiver's, as JWK: what only it is to read is sealed to it. */
export type HoldKey =
  | { readonly kty: "EC"; readonly crv: "P-256"; readonly x: string; readonly y: string }
  | { readonly kty: "RSA"; readonly n: string; readonly e: string };

/** The body of a request that only the receiver can read: `sealed` is the whole body that it stands for. */
export function sealedBody(type: string, sealed: string): string {
  return JSON.stringify({ type, body_sealed: true, sealed });
}
