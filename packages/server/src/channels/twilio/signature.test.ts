import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import twilio from "twilio";
import { describe, expect, test } from "vitest";
import { Secret } from "../../core/secret.ts";
import { type Form, parseForm } from "./form.ts";
import { isSignedByTwilio } from "./signature.ts";

const shared = new URL(
  "../../../../../../shared/fixtures/twilio/signature_vectors.json",
  import.meta.url,
);
const TOKEN = "12345";
const url = "https://curlew.example/in/twilio";
const { getExpectedTwilioSignature, validateRequest } = twilio;

interface Vector {
  name: string;
  auth_token: string;
  url: string;
  params: Record<string, string | string[]>;
  signature: string | null;
  json_body?: string;
  expect?: string;
}

function formOf(params: Record<string, string | string[]>): Form {
  return new Map(Object.entries(params).map(([name, value]) => [name, [value].flat()]));
}

function isSigned(given: {
  url?: string | string[];
  form?: Form | null;
  raw?: string;
  header?: string | null;
  tokens?: string[];
}): boolean {
  return isSignedByTwilio(
    {
      urls: [given.url ?? url].flat(),
      form: given.form === undefined ? new Map() : given.form,
      raw: Buffer.from(given.raw ?? ""),
      header: given.header,
    },
    (given.tokens ?? [TOKEN]).map((token) => new Secret(token)),
  );
}

describe("Twilio's signature", () => {
  test.runIf(existsSync(shared))("every vector of Twilio's own library is read as it says", () => {
    const { vectors }: { vectors: Vector[] } = JSON.parse(readFileSync(shared, "utf8"));
    expect(vectors.length).toBeGreaterThan(15);
    for (const { name, signature, params, json_body, expect: refusal, ...vector } of vectors) {
      const form = json_body === undefined ? formOf(params) : null;
      const given = { url: vector.url, tokens: [vector.auth_token], header: signature, form };
      const raw = json_body ?? "";
      expect(isSigned({ ...given, raw }), name).toBe(refusal === undefined);
    }
  });

  const parameter = fc.string({ unit: "grapheme", maxLength: 12 });
  const params = fc.dictionary(parameter, fc.oneof(parameter, fc.array(parameter)), { maxKeys: 8 });

  test("what Twilio's own library signs is signed, whatever the parameters", () => {
    fc.assert(
      fc.property(params, (given) => {
        const header = getExpectedTwilioSignature(TOKEN, url, given);
        expect(isSigned({ form: formOf(given), header })).toBe(true);
        expect(isSigned({ form: formOf(given), header, tokens: ["other"] })).toBe(false);
        expect(isSigned({ form: formOf({ ...given, more: "x" }), header })).toBe(false);
      }),
    );
  });

  test.each([
    "https://curlew.example/in/twilio",
    "https://curlew.example:443/in/twilio",
    "https://curlew.example:8443/in/twilio?a=1",
    "http://curlew.example/in/twilio?name=it's&b=%20c+d",
    "http://[2001:db8::1]:8400/in/twilio",
    "https://user:p%40ss@curlew.example/in/twilio?é=1",
    "https://curlew.example/in/twilio?",
    "https://curlew.example/in/twilio?a=b?c&a=2",
  ])("%s is taken in the forms in which Twilio's own library takes it", (called) => {
    const bare = called.replace(/(?<=^https?:\/\/[^/]*\]?):\d+(?=\/)/, "");
    const ported = called.replace(/(?<=^https?:\/\/[^/]*[^/\d:]|\])(:\d+)?(?=\/)/, ":443");
    for (const signed of [called, bare, ported, new URL(called).toString(), `${called}x`]) {
      const header = getExpectedTwilioSignature(TOKEN, signed, { A: "1" });
      const form = formOf({ A: "1" });
      const theirs = validateRequest(TOKEN, header, called, { A: "1" });
      expect(isSigned({ url: called, header, form }), signed).toBe(theirs);
    }
  });

  test("a body that is no form is signed by its hash in the URL", () => {
    const raw = '{"a":1}';
    const hash = createHash("sha256").update(raw).digest("hex");
    const called = `${url}?bodySHA256=${hash}`;
    const header = getExpectedTwilioSignature(TOKEN, called, {});
    expect(isSigned({ url: called, header, form: null, raw })).toBe(true);
    expect(isSigned({ url: called, header, form: null, raw: '{"a":2}' })).toBe(false);
    const unhashed = getExpectedTwilioSignature(TOKEN, url, {});
    expect(isSigned({ url, header: unhashed, form: null, raw })).toBe(false);
  });

  test("either of two tokens and any of the guessed URLs will do", () => {
    const header = getExpectedTwilioSignature(TOKEN, url, { A: "1" });
    const form = formOf({ A: "1" });
    expect(isSigned({ form, header, tokens: ["old", TOKEN] })).toBe(true);
    expect(isSigned({ form, header, url: ["http://localhost:8400/in/twilio", url] })).toBe(true);
    expect(isSigned({ form, header, tokens: [] })).toBe(false);
    expect(isSigned({ form, header, url: [] })).toBe(false);
  });

  test.each([null, undefined, "", "x", "WRONG_SIGNATURE", "a".repeat(28), "=".repeat(28)])(
    "the header %j is refused without a word",
    (header) => {
      expect(isSigned({ header: header ?? null })).toBe(false);
    },
  );

  test("nobody signs with an empty token", () => {
    const header = getExpectedTwilioSignature("", url, {});
    expect(isSigned({ header, tokens: [""] })).toBe(false);
  });
});

describe("a form", () => {
  test("keeps the order and number of a name's values", () => {
    expect(parseForm("a=1&b=%F0%9F%98%80&a=2+3&c")).toEqual(
      new Map([
        ["a", ["1", "2 3"]],
        ["b", ["😀"]],
        ["c", [""]],
      ]),
    );
  });

  test.each(["%", "%zz=%", "&&&", "=", "\u0000", "{}"])("%j is read without a fault", (text) => {
    expect(parseForm(text)).toBeInstanceOf(Map);
  });

  test("of more parameters than Twilio ever sends is none", () => {
    expect(parseForm("a=1&".repeat(1_001))).toBeNull();
  });
});
