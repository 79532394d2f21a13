import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { curlew } from "../curlew/dialect.ts";
import { diagnose, type Suspect } from "./diagnose.ts";
import { DIAGNOSED, SCHEMES } from "./schemes.ts";

const NOW = Date.UTC(2026, 10, 21, 10);
const BODY = '{"id":"evt_1","text":"Grüße 👋","n":[1,2]}';
const KEY = Buffer.alloc(24, 0x55);
const SECRET = `whsec_${KEY.toString("base64")}`;
const at = String(NOW / 1000);

const hmac = (key: string | Buffer, content: string | Buffer, hash = "sha256") =>
  createHmac(hash, key).update(content).digest();
const native = (signature: string, more: object = {}): Suspect => ({
  headers: { "webhook-id": "evt_1", "webhook-timestamp": at, "webhook-signature": signature },
  ...{ body: BODY, secret: SECRET, dialect: null, now: NOW },
  ...more,
});
const right = (body: string | Buffer = BODY) =>
  hmac(KEY, Buffer.concat([Buffer.from(`evt_1.${at}.`), Buffer.from(body)]));
const signed = (body: string | Buffer = BODY) => `v1,${right(body).toString("base64")}`;
const found = (suspect: Suspect) => diagnose(suspect).findings.map(({ code }) => code);
const legacy = (
  dialect: "chatmefy" | "dmtolead" | "chatgenius",
  value: string,
  more: object = {},
) => {
  const scheme = SCHEMES.find((each) => each.dialect === dialect);
  return {
    headers: { [scheme?.header ?? ""]: value },
    ...{ body: BODY, secret: "s3cret", dialect: null, now: NOW },
    ...more,
  } satisfies Suspect;
};
const hex = (content: string = BODY, key: string | Buffer = "s3cret") =>
  hmac(key, content).toString("hex");

describe("a request that is rightly signed", () => {
  test("is accepted, as Standard Webhooks' own library accepts it", () => {
    const signature = new Webhook(SECRET).sign("evt_1", new Date(NOW), BODY);
    expect(diagnose(native(signature))).toEqual({
      ...{ dialect: "curlew", accepted: true, expected: signature, findings: [] },
    });
  });

  test("is accepted as our own dialect sends it, with one secret or two", () => {
    const headers = curlew.headers({
      ...{ id: "evt_1", type: "a.b", body: BODY, timestampS: NOW / 1000, attempt: 1 },
      replayed: false,
      secrets: [
        { id: "", value: `whsec_${Buffer.alloc(24, 1).toString("base64")}` },
        { id: "", value: SECRET },
      ],
      options: {},
    });
    expect(diagnose({ ...native(""), headers })).toMatchObject({ accepted: true, findings: [] });
  });

  test("is accepted in every dialect, which is told from its headers", () => {
    expect(diagnose(legacy("chatmefy", `sha256=${hex()}`))).toMatchObject({
      ...{ dialect: "chatmefy", accepted: true, expected: `sha256=${hex()}` },
    });
    expect(diagnose(legacy("dmtolead", hex()))).toMatchObject({
      ...{ dialect: "dmtolead", accepted: true },
    });
    const clear = { ...legacy("dmtolead", ""), headers: { "X-Webhook-Secret": "s3cret" } };
    expect(diagnose(clear)).toMatchObject({ dialect: "genesy", accepted: true, expected: null });
    const both = { ...native(signed()).headers, "x-dmtolead-signature": hex() };
    expect(diagnose({ ...legacy("dmtolead", ""), headers: both }).dialect).toBe("dmtolead");
  });

  test("is accepted with names in another case, which is remarked on", () => {
    const headers = {
      "Webhook-Id": "evt_1",
      "webhook-timestamp": at,
      "webhook-signature": signed(),
    };
    expect(diagnose(native("", { headers }))).toMatchObject({
      accepted: true,
      findings: [{ code: "header_case" }],
    });
  });
});

const python = '{"id": "evt_1", "text": "Gr\\u00fc\\u00dfe \\ud83d\\udc4b", "n": [1, 2]}';

describe("a native request is refused because", () => {
  test.each<[string, Suspect, string[]]>([
    [
      "the secret is another one",
      native(signed(), { secret: `whsec_${Buffer.alloc(24, 1).toString("base64")}` }),
      ["no_match"],
    ],
    [
      "the body was parsed and written with spaces",
      native(signed(), { body: JSON.stringify(JSON.parse(BODY), null, 2) }),
      ["body_reserialised"],
    ],
    [
      "the body was parsed and written by Python",
      native(signed(), { body: python }),
      ["body_reserialised"],
    ],
    ["the body was signed as Python writes it", native(signed(python)), ["body_reserialised"]],
    [
      "the body's escapes were undone",
      native(signed('{"a":"\\u00fc"}'), { body: '{"a":"ü"}' }),
      ["body_reserialised"],
    ],
    [
      "the body's slashes were escaped",
      native(signed('{"a":"b\\/c"}'), { body: '{"a":"b/c"}' }),
      ["body_reserialised"],
    ],
    ["a line end was cut", native(signed(`${BODY}\n`)), ["body_whitespace"]],
    ["a line end was added", native(signed(), { body: `${BODY}\n` }), ["body_whitespace"]],
    [
      "a byte order mark was added",
      native(signed(), { body: `\ufeff${BODY}` }),
      ["body_whitespace"],
    ],
    ["line ends were changed", native(signed("{\r\n}"), { body: "{\n}" }), ["body_whitespace"]],
    [
      "line ends were changed back",
      native(signed("{\n}"), { body: "{\r\n}" }),
      ["body_whitespace"],
    ],
    [
      "the body was read as Latin-1",
      native(signed(), { body: Buffer.from(BODY).toString("latin1") }),
      ["body_misdecoded"],
    ],
    ["the body was empty when it was signed", native(signed("")), ["body_missing"]],
    [
      "the secret was not decoded",
      native(`v1,${hmac(SECRET, `evt_1.${at}.${BODY}`).toString("base64")}`),
      ["secret_not_decoded"],
    ],
    [
      "the secret was cut and not decoded",
      native(`v1,${hmac(SECRET.slice(6), `evt_1.${at}.${BODY}`).toString("base64")}`),
      ["secret_not_decoded"],
    ],
    [
      "the secret was decoded with its prefix",
      native(`v1,${hmac(Buffer.from(SECRET, "base64"), `evt_1.${at}.${BODY}`).toString("base64")}`),
      ["secret_not_decoded"],
    ],
    [
      "the body alone was signed",
      native(`v1,${hmac(KEY, BODY).toString("base64")}`),
      ["signed_content"],
    ],
    [
      "the id was left out",
      native(`v1,${hmac(KEY, `${at}.${BODY}`).toString("base64")}`),
      ["signed_content"],
    ],
    ["it is hex", native(`v1,${right().toString("hex")}`), ["wrong_encoding"]],
    [
      "it is base64url",
      native(`v1,${right().toString("base64url")}`),
      right().toString("base64url") === right().toString("base64") ? [] : ["wrong_encoding"],
    ],
    [
      "it is hex in base64",
      native(`v1,${Buffer.from(right().toString("hex")).toString("base64")}`),
      ["wrong_encoding"],
    ],
    ["the prefix is missing", native(right().toString("base64")), ["prefix_missing"]],
    [
      "the prefix is another product's",
      native(`sha256=${right().toString("hex")}`),
      ["prefix_missing", "wrong_encoding"],
    ],
    [
      "it is SHA-1",
      native(`v1,${hmac(KEY, `evt_1.${at}.${BODY}`, "sha1").toString("base64")}`),
      ["wrong_hash"],
    ],
    [
      "it is SHA-512",
      native(`v1,${hmac(KEY, `evt_1.${at}.${BODY}`, "sha512").toString("base64")}`),
      ["wrong_hash"],
    ],
    ["nobody can read it", native("v1,?!"), ["unreadable_signature"]],
    ["it is too short", native("v1,AAAA"), ["unreadable_signature"]],
    ["the body was changed", native(signed(), { body: BODY.replace("1", "2") }), ["no_match"]],
    ["the body is no JSON and was changed", native(signed(), { body: "text" }), ["no_match"]],
    ["a clock is fast", native(signed(), { now: NOW + 301_000 }), ["timestamp_too_old"]],
    ["a clock is slow", native(signed(), { now: NOW - 301_000 }), ["timestamp_too_new"]],
    [
      "several things at once",
      native(hmac(SECRET, BODY).toString("hex"), { now: NOW + 400_000 }),
      [
        "prefix_missing",
        "wrong_encoding",
        "secret_not_decoded",
        "signed_content",
        "timestamp_too_old",
      ],
    ],
    [
      "all headers are missing",
      native("", { headers: {} }),
      ["missing_header", "missing_header", "missing_header"],
    ],
    [
      "a header came twice",
      native("", { headers: { ...native(signed()).headers, "webhook-id": ["evt_1", "evt_2"] } }),
      ["duplicate_header"],
    ],
    [
      "it is another dialect's",
      native("", { dialect: "curlew", headers: { "x-dmtolead-signature": hex() } }),
      ["missing_header", "missing_header", "missing_header", "other_dialect"],
    ],
  ])("%s", (_, suspect, codes) => {
    const diagnosis = diagnose(suspect);
    expect(diagnosis.findings.map(({ code }) => code)).toEqual(codes);
    expect(diagnosis.accepted).toBe(codes.length === 0);
  });

  test.each([
    ["1763719200000", "timestamp_in_milliseconds"],
    ["soon", "timestamp_unreadable"],
    ["2026-11-21T10:00:00Z", "timestamp_unreadable"],
  ])("its timestamp is %s", (timestamp, code) => {
    const signature = hmac(KEY, `evt_1.${timestamp}.${BODY}`).toString("base64");
    const headers = { ...native(`v1,${signature}`).headers, "webhook-timestamp": timestamp };
    expect(found(native("", { headers }))).toEqual([code]);
  });
});

describe("a request of a compatible dialect is refused because", () => {
  test.each<[string, Suspect, string[]]>([
    ["the prefix is missing", legacy("chatmefy", hex()), ["prefix_missing"]],
    ["there is a prefix", legacy("dmtolead", `sha256=${hex()}`), ["prefix_unexpected"]],
    ["it is in upper case", legacy("dmtolead", hex().toUpperCase()), ["upper_case_hex"]],
    [
      "it is base64",
      legacy("chatmefy", `sha256=${hmac("s3cret", BODY).toString("base64")}`),
      ["wrong_encoding"],
    ],
    [
      "the body was re-serialised",
      legacy("chatgenius", `sha256=${hex()}`, { body: JSON.stringify(JSON.parse(BODY), null, 4) }),
      ["body_reserialised"],
    ],
    [
      "the secret has a line end",
      legacy("dmtolead", hex(), { secret: "s3cret\n" }),
      ["secret_padded"],
    ],
    [
      "the signer's secret had a line end",
      legacy("dmtolead", hex(BODY, "s3cret\n")),
      ["secret_padded"],
    ],
    [
      "the secret was decoded",
      legacy("dmtolead", hex(BODY, KEY), { secret: KEY.toString("base64") }),
      ["secret_decoded"],
    ],
    [
      "it was signed as Standard Webhooks are",
      legacy("dmtolead", "", {
        headers: { ...native("").headers, "x-dmtolead-signature": hex(`evt_1.${at}.${BODY}`) },
      }),
      ["signed_content"],
    ],
    [
      "the header is missing",
      legacy("dmtolead", "", { headers: {}, dialect: "dmtolead" }),
      ["missing_header"],
    ],
    [
      "the secret is another one",
      { ...legacy("dmtolead", ""), headers: { "x-webhook-secret": "other" } },
      ["secret_differs"],
    ],
    [
      "the clear secret has a space",
      { ...legacy("dmtolead", ""), headers: { "x-webhook-secret": "s3cret " } },
      ["secret_padded"],
    ],
    [
      "the clear secret is missing",
      { ...legacy("dmtolead", ""), headers: {}, dialect: "genesy" },
      ["missing_header"],
    ],
  ])("%s", (_, suspect, codes) => {
    expect(found(suspect)).toEqual(codes);
    expect(diagnose(suspect).accepted).toBe(false);
  });
});

describe("whatever it is given", () => {
  const anything = fc.record({
    headers: fc.dictionary(
      fc.oneof(
        fc.constantFrom(...SCHEMES.map(({ header }) => header), "webhook-id", "webhook-timestamp"),
        fc.string(),
      ),
      fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 2 })),
    ),
    body: fc.oneof(fc.string({ unit: "binary" }), fc.json()),
    secret: fc.string({ minLength: 12 }),
    dialect: fc.constantFrom(null, ...DIAGNOSED),
    now: fc.nat(),
  });

  test("it answers, accepts nothing that is not signed, and never says the secret", () => {
    fc.assert(
      fc.property(anything, (suspect) => {
        const secret = `canary-${suspect.secret}`;
        const diagnosis = diagnose({ ...suspect, secret });
        expect(diagnosis.accepted).toBe(false);
        expect(diagnosis.findings).not.toEqual([]);
        const told = [diagnosis.expected, ...diagnosis.findings.map(({ detail }) => detail)];
        expect(told.join(" ")).not.toContain("canary-");
      }),
    );
  });

  test("it accepts every body that the dialect has signed", () => {
    fc.assert(
      fc.property(fc.json(), fc.uint8Array({ minLength: 24, maxLength: 64 }), (body, random) => {
        const secret = `whsec_${Buffer.from(random).toString("base64")}`;
        const signature = new Webhook(secret).sign("evt_1", new Date(NOW), body);
        expect(diagnose(native(signature, { body, secret })).accepted).toBe(true);
      }),
    );
  });
});
