import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hubSignatures } from "./signature.ts";

const VECTORS = join(
  import.meta.dirname,
  "../../../../../shared/fixtures/messenger/signature_vectors.json",
);

interface Vector {
  name: string;
  app_secret: string;
  raw_body_base64: string;
  x_hub_signature_256: string;
  x_hub_signature?: string;
}

function vectors(): Vector[] {
  if (!existsSync(VECTORS)) return [];
  return JSON.parse(readFileSync(VECTORS, "utf8")).vectors;
}

/** HMAC by the browser's cryptography: another implementation of the same promise. */
async function webCryptoHmac(hash: string, secret: string, body: Uint8Array): Promise<string> {
  const raw = new TextEncoder().encode(secret);
  const algorithm = { name: "HMAC", hash };
  const key = await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
  const digest = await crypto.subtle.sign("HMAC", key, new Uint8Array(body));
  return Buffer.from(digest).toString("hex");
}

describe("the signature of a webhook", () => {
  test("is the one that Meta would make: known answers", () => {
    // printf '{"object":"page"}' | openssl dgst -sha256 -hmac secret   (and -sha1)
    expect(hubSignatures("secret", Buffer.from('{"object":"page"}'))).toEqual({
      "x-hub-signature-256":
        "sha256=c1456f83e15385a03562cbe2eaaa918ec5e06b4f170f909283a2781c7924e4d1",
      "x-hub-signature": "sha1=9e7792066b2453499f6a20131335b72f597f0e54",
    });
  });

  test("agrees with an independent implementation for any secret and body", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.uint8Array(), async (secret, body) => {
        expect(hubSignatures(secret, body)).toEqual({
          "x-hub-signature-256": `sha256=${await webCryptoHmac("SHA-256", secret, body)}`,
          "x-hub-signature": `sha1=${await webCryptoHmac("SHA-1", secret, body)}`,
        });
      }),
    );
  });

  const positive = vectors().filter(({ name }) => !name.startsWith("NEGATIVE"));
  test.runIf(positive.length > 0).each(positive)(
    "is that of the recorded vector $name",
    (vector) => {
      const made = hubSignatures(vector.app_secret, Buffer.from(vector.raw_body_base64, "base64"));
      expect(made).toEqual({
        "x-hub-signature-256": vector.x_hub_signature_256,
        "x-hub-signature": vector.x_hub_signature,
      });
    },
  );
});
