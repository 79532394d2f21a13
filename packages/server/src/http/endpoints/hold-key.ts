import { createPublicKey } from "node:crypto";
import { z } from "@hono/zod-openapi";
import type { HoldKey } from "../../core/endpoints/hold-key.ts";

const LEAST_RSA_BITS = 2048;
const MOST_RSA_BITS = 4096;

/** A receiver's public key. Only what makes it one is kept of what is given. */
export const HoldKeyBody = z
  .record(z.string(), z.unknown())
  .transform((given, ctx): HoldKey => {
    const read = readHoldKey(given);
    if (typeof read !== "string") return read;
    ctx.addIssue({ code: "custom", message: read });
    return z.NEVER;
  })
  .openapi({
    type: "object",
    additionalProperties: true,
    description:
      "A public key (JWK: EC on P-256, or RSA of 2048 to 4096 bits): bodies under purge are sealed to it, so that they can be kept and retried, and only its owner can read them",
    example: { kty: "EC", crv: "P-256", x: "…", y: "…" },
  });

/** The key, or in words why it is none. */
function readHoldKey({ kty, crv, x, y, n, e, d }: Record<string, unknown>): HoldKey | string {
  if (d !== undefined) return "holds the private key too: that one must stay yours";
  const isText = (value: unknown) => typeof value === "string";
  if (kty === "EC" && crv === "P-256" && isText(x) && isText(y)) {
    const key = { kty, crv, x, y } as const;
    return bitsOf(key) === null ? "is not a point on P-256" : (key as HoldKey);
  }
  if (kty === "RSA" && isText(n) && isText(e)) {
    const key = { kty, n, e } as const;
    const bits = bitsOf(key);
    const fits = bits !== null && bits >= LEAST_RSA_BITS && bits <= MOST_RSA_BITS;
    return fits ? (key as HoldKey) : `must have ${LEAST_RSA_BITS} to ${MOST_RSA_BITS} bits`;
  }
  return "is a public key as JWK: EC on P-256, or RSA";
}

function bitsOf(key: Record<string, unknown>): number | null {
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key, format: "jwk" });
    return asymmetricKeyDetails?.modulusLength ?? 256;
  } catch {
    return null;
  }
}
