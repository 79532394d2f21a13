import { createHmac } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Secret } from "../../core/secret.ts";
import { isSignedByMeta } from "./verify.ts";

const body = Buffer.from('{"text":"\\u00e4\\/\\ud83d\\udc4b","n":1.0}');
const secret = new Secret("first");

function signed(by: string, bytes: Uint8Array = body): string {
  return `sha256=${createHmac("sha256", by).update(bytes).digest("hex")}`;
}

describe("Meta's signature", () => {
  test("what was signed with one of the secrets is authentic", () => {
    expect(isSignedByMeta(body, signed("first"), [secret])).toBe(true);
    expect(isSignedByMeta(body, signed("first"), [new Secret("new"), secret])).toBe(true);
    expect(isSignedByMeta(body, signed("first"), [secret, new Secret("new")])).toBe(true);
    expect(isSignedByMeta(body, `sha256=${signed("first").slice(7).toUpperCase()}`, [secret])).toBe(
      true,
    );
  });

  test("a digest that another program computed is authentic", () => {
    // printf '{"a":1}' | openssl dgst -sha256 -hmac topsecret
    const header = "sha256=bf1e6501b7fa928ec2391fea9dd90af3c9ad1b7b1ef6ff319c25940cec746bf8";
    expect(isSignedByMeta(Buffer.from('{"a":1}'), header, [new Secret("topsecret")])).toBe(true);
  });

  test("the bytes as they came are what counts, not what they mean", () => {
    const rewritten = Buffer.from(JSON.stringify(JSON.parse(body.toString())));
    expect(isSignedByMeta(rewritten, signed("first"), [secret])).toBe(false);
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["an empty text", ""],
    ["no scheme", signed("first").slice(7)],
    ["the older scheme", signed("first").replace("sha256", "sha1")],
    ["another's secret", signed("second")],
    ["an empty secret", signed("")],
    ["a digest too short", signed("first").slice(0, -2)],
    ["a digest too long", `${signed("first")}00`],
    ["letters that are not hexadecimal", `sha256=${"zz".repeat(32)}`],
    [
      "a digest with one digit changed",
      signed("first").replace(/.$/, (x) => (x === "0" ? "1" : "0")),
    ],
    ["a digest in the middle of spaces", ` ${signed("first")}`],
  ])("%s is refused", (_, header) => {
    expect(isSignedByMeta(body, header, [secret])).toBe(false);
  });

  test("without a secret nothing is authentic", () => {
    expect(isSignedByMeta(body, signed("first"), [])).toBe(false);
    expect(isSignedByMeta(body, signed(""), [new Secret("")])).toBe(false);
  });

  const vectors = new URL(
    "../../../../../../shared/fixtures/messenger/signature_vectors.json",
    import.meta.url,
  );
  test.runIf(existsSync(vectors))("known answers are confirmed, and forgeries refused", () => {
    const { vectors: known }: { vectors: Vector[] } = JSON.parse(readFileSync(vectors, "utf8"));
    for (const { name, app_secret, raw_body_base64, x_hub_signature_256 } of known) {
      const bytes = Buffer.from(raw_body_base64, "base64");
      const authentic = isSignedByMeta(bytes, x_hub_signature_256, [new Secret(app_secret)]);
      expect(authentic, name).toBe(!name.startsWith("NEGATIVE"));
    }
  });
});

interface Vector {
  name: string;
  app_secret: string;
  raw_body_base64: string;
  x_hub_signature_256: string;
}
