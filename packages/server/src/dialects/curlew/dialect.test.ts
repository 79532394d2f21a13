import { createPublicKey, verify } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, test } from "vitest";
import { publicKeyFor, secretFrom, secretProblem, signatures } from "../standard-webhooks.ts";
import { curlew } from "./dialect.ts";

const letter = (body: string, secrets: string[]) => ({
  id: "evt_01h455vb4pex5vsknk084sn02q",
  type: "message.received",
  body,
  timestampS: Math.floor(NOW / 1000),
  attempt: 1,
  replayed: false,
  secrets: secrets.map((value) => ({ id: "0", value })),
  options: {},
});
// The published verifiers refuse what is older than five minutes and take no clock.
const NOW = globalThis.performance.timeOrigin + globalThis.performance.now();

describe("the native dialect", () => {
  test("signs the published vector as it is published", () => {
    expect(
      signatures("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}', [
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      ]),
    ).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  test("the published verifiers accept whatever text a body holds", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.uint8Array({ minLength: 24, maxLength: 64 }),
        (text, bytes) => {
          const secret = secretFrom(bytes);
          const body = JSON.stringify({ text });
          const headers = curlew.headers(letter(body, [secret]));
          expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
          expect(new SvixWebhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
        },
      ),
    );
  });

  test("either of two live secrets verifies", () => {
    const [a, b, c] = [1, 2, 3].map((n) => secretFrom(new Uint8Array(32).fill(n))) as [
      string,
      string,
      string,
    ];
    const headers = curlew.headers(letter("{}", [a, b]));
    expect(() => new Webhook(a).verify("{}", headers)).not.toThrow();
    expect(() => new Webhook(b).verify("{}", headers)).not.toThrow();
    expect(() => new Webhook(c).verify("{}", headers)).toThrow();
  });

  test.each([
    ["no prefix", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ["not base64", "whsec_***"],
    ["too short", secretFrom(new Uint8Array(23))],
    ["too long", secretFrom(new Uint8Array(65))],
  ])("a secret with %s is refused in words", (_, secret) => {
    expect(secretProblem(secret)).toMatch(/secret|base64/);
  });

  test("signs with Ed25519 beside HMAC where the endpoint asks for it, once a live secret", () => {
    const secrets = [1, 2].map((n) => secretFrom(new Uint8Array(32).fill(n)));
    const body = '{"text":"Grüße 👋"}';
    const plain = curlew.headers(letter(body, secrets))["webhook-signature"] ?? "";
    const both = curlew.headers({ ...letter(body, secrets), options: { ed25519: true } });
    const parts = (both["webhook-signature"] ?? "").split(" ");
    expect(parts.slice(0, 2).join(" ")).toBe(plain);
    const content = Buffer.from(`${both["webhook-id"]}.${both["webhook-timestamp"]}.${body}`);
    secrets.forEach((secret, i) => {
      const [version, signature] = (parts[2 + i] ?? "").split(",");
      expect(version).toBe("v1a");
      const x = Buffer.from(publicKeyFor(secret).slice("whpk_".length), "base64");
      const key = createPublicKey({
        key: { kty: "OKP", crv: "Ed25519", x: x.toString("base64url") },
        format: "jwk",
      });
      expect(verify(null, content, key, Buffer.from(signature ?? "", "base64"))).toBe(true);
    });
    expect(
      () => new Webhook(secrets[0] ?? "").verify(body, both),
      "v1 verifiers pass it by",
    ).not.toThrow();
  });
});
