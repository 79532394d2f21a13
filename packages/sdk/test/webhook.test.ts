import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import {
  signWebhook,
  type VerifyWebhookInput,
  verifyWebhook,
  WebhookVerificationError,
} from "../src/index.ts";

/** The vector that the Standard Webhooks project publishes. */
const PUBLISHED = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  payload: '{"test": 2432232314}',
  headers: {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  },
};
const SIGNED_AT = 1_614_265_330_000;
const OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

function verify(change: Partial<VerifyWebhookInput> = {}) {
  return verifyWebhook<unknown>({ ...PUBLISHED, now: SIGNED_AT, ...change });
}

async function refusalOf(change: Partial<VerifyWebhookInput>): Promise<string> {
  const error: unknown = await verify(change).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WebhookVerificationError);
  return error instanceof WebhookVerificationError ? error.code : "";
}

describe("a signed webhook", () => {
  test("verifies: the published vector", async () => {
    expect(await verify()).toEqual({
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: new Date(SIGNED_AT),
      payload: { test: 2432232314 },
    });
  });

  test("is signed as the published vector is", async () => {
    const { headers, payload, secret } = PUBLISHED;
    const id = headers["webhook-id"];
    const signed = await signWebhook({ id, timestamp: new Date(SIGNED_AT), payload, secret });
    expect(signed).toEqual(headers);
  });

  const named = Object.entries(PUBLISHED.headers);
  test.each<[string, VerifyWebhookInput["headers"]]>([
    ["a Headers", new Headers(PUBLISHED.headers)],
    [
      "names in capitals",
      Object.fromEntries(named.map(([name, value]) => [name.toUpperCase(), value])),
    ],
    [
      "lists of one, as Node has them",
      Object.fromEntries(named.map(([name, value]) => [name, [value]])),
    ],
    ["others beside them", { ...PUBLISHED.headers, host: "x", get: "y", cookie: undefined }],
  ])("verifies with headers as %s", async (_, headers) => {
    expect((await verify({ headers })).payload).toEqual({ test: 2432232314 });
  });

  test("verifies as bytes of any kind, and with a secret without its prefix", async () => {
    const bytes = new TextEncoder().encode(PUBLISHED.payload);
    const inside = Buffer.from(`__${PUBLISHED.payload}__`).subarray(2, -2);
    const secret = PUBLISHED.secret.replace("whsec_", "");
    for (const payload of [bytes, bytes.buffer, Buffer.from(bytes), inside]) {
      expect((await verify({ payload, secret })).payload).toEqual({ test: 2432232314 });
    }
  });

  test("verifies with any of several secrets and any of several signatures", async () => {
    await verify({ secret: [OTHER_SECRET, PUBLISHED.secret] });
    const right = PUBLISHED.headers["webhook-signature"];
    for (const signature of [
      `v1,AAAA ${right}`,
      `v1a,xyz ${right}`,
      `${right} v2,abc`,
      ` ${right} `,
    ]) {
      await verify({ headers: { ...PUBLISHED.headers, "webhook-signature": signature } });
    }
    const timestamp = new Date(SIGNED_AT);
    const secret = [PUBLISHED.secret, OTHER_SECRET];
    const headers = await signWebhook({ id: "evt_1", timestamp, payload: "{}", secret });
    expect(headers["webhook-signature"].split(" ")).toHaveLength(2);
    for (const one of secret) await verify({ headers, payload: "{}", secret: one });
  });
});

describe("a webhook is not trusted", () => {
  const headers = (change: Record<string, string | undefined>) => ({
    headers: { ...PUBLISHED.headers, ...change },
  });
  const right = PUBLISHED.headers["webhook-signature"];

  test.each<[string, Partial<VerifyWebhookInput>, string]>([
    ["without an id", headers({ "webhook-id": undefined }), "missing_header"],
    ["without a time", headers({ "webhook-timestamp": undefined }), "missing_header"],
    ["without a signature", headers({ "webhook-signature": "" }), "missing_header"],
    ["without anything", { headers: new Headers() }, "missing_header"],
    [
      "with a header that came twice",
      {
        headers: { ...PUBLISHED.headers, "webhook-signature": [right, right] },
      },
      "malformed_header",
    ],
    ["with a time in words", headers({ "webhook-timestamp": "yesterday" }), "malformed_header"],
    [
      "with a time in milliseconds",
      headers({ "webhook-timestamp": "1614265330.5" }),
      "malformed_header",
    ],
    ["with a time and more", headers({ "webhook-timestamp": "1614265330x" }), "malformed_header"],
    [
      "with a signature of another version",
      headers({ "webhook-signature": right.replace("v1", "v1a") }),
      "no_supported_signature",
    ],
    [
      "with a signature without a version",
      headers({ "webhook-signature": right.slice(3) }),
      "no_supported_signature",
    ],
    ["with a body that was changed", { payload: '{"test":2432232314}' }, "signature_mismatch"],
    ["with another id", headers({ "webhook-id": "msg_other" }), "signature_mismatch"],
    ["with another time", headers({ "webhook-timestamp": "1614265331" }), "signature_mismatch"],
    ["with another secret", { secret: OTHER_SECRET }, "signature_mismatch"],
    [
      "with a signature that is cut short",
      headers({ "webhook-signature": right.slice(0, -5) }),
      "signature_mismatch",
    ],
    ["with an empty signature", headers({ "webhook-signature": "v1," }), "signature_mismatch"],
    ["after 301 seconds", { now: SIGNED_AT + 301_000 }, "timestamp_too_old"],
    ["from 301 seconds ahead", { now: SIGNED_AT - 301_000 }, "timestamp_too_new"],
    [
      "beyond a tolerance of one's own",
      { now: SIGNED_AT + 11_000, toleranceS: 10 },
      "timestamp_too_old",
    ],
    ["when now is no time", { now: Number.NaN }, "timestamp_too_old"],
    ["when the secret is empty", { secret: "whsec_" }, "invalid_secret"],
    ["when the secret is no base64", { secret: "whsec_not base64!" }, "invalid_secret"],
    ["when there is no secret", { secret: [] }, "invalid_secret"],
    ["when the secret is not set", { secret: undefined as unknown as string }, "invalid_secret"],
    ["when the body was parsed", { payload: {} as unknown as string }, "payload_not_raw"],
    ["when there is no body", { payload: undefined as unknown as string }, "payload_not_raw"],
  ])("%s", async (_, change, code) => {
    expect(await refusalOf(change)).toBe(code);
  });

  test("by the machine's clock, when it is years old", async () => {
    const error: unknown = await verifyWebhook(PUBLISHED).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "timestamp_too_old", name: "WebhookVerificationError" });
  });

  test.each([["not json"], [""], [new Uint8Array([0x22, 0xff, 0x22])]])(
    "when it is rightly signed and no JSON: %j",
    async (payload) => {
      const { secret } = PUBLISHED;
      const timestamp = new Date(SIGNED_AT);
      const signed = await signWebhook({ id: "evt_1", timestamp, payload, secret });
      expect(await refusalOf({ headers: signed, payload })).toBe("malformed_payload");
    },
  );

  test("but at exactly 300 seconds it still is", async () => {
    const edges = [verify({ now: SIGNED_AT + 300_999 }), verify({ now: SIGNED_AT - 300_000 })];
    await expect(Promise.all(edges)).resolves.toHaveLength(2);
  });
});

describe("the reference library", () => {
  const secrets = fc
    .uint8Array({ minLength: 1, maxLength: 80 })
    .map((bytes) => `whsec_${Buffer.from(bytes).toString("base64")}`);
  const payloads = fc.jsonValue({ stringUnit: "grapheme" }).map((value) => JSON.stringify(value));
  const ids = fc.stringMatching(/^[\w.-]{1,40}$/);

  test("accepts what we sign, and we what it signs, for any secret, id and payload", async () => {
    await fc.assert(
      fc.asyncProperty(secrets, ids, payloads, async (secret, id, payload) => {
        const timestamp = new Date();
        const oracle = new Webhook(secret);
        const ours = await signWebhook({ id, timestamp, payload, secret });
        expect(oracle.verify(payload, ours)).toEqual(JSON.parse(payload));
        const theirs = { ...ours, "webhook-signature": oracle.sign(id, timestamp, payload) };
        expect(theirs).toEqual(ours);
        const verified = await verifyWebhook<unknown>({ payload, headers: theirs, secret });
        expect(verified.payload).toEqual(JSON.parse(payload));
      }),
    );
  });

  test("and we refuse alike whatever somebody changed", async () => {
    const changes = fc.record({
      name: fc.constantFrom("webhook-id", "webhook-timestamp", "webhook-signature", "payload"),
      at: fc.nat(200),
      to: fc.stringMatching(/^[ -~]$/),
    });
    await fc.assert(
      fc.asyncProperty(secrets, payloads, changes, async (secret, payload, { name, at, to }) => {
        const timestamp = new Date();
        const signed = await signWebhook({ id: "evt_1", timestamp, payload, secret });
        const request: Record<string, string> = { ...signed, payload };
        const before = request[name] ?? "";
        const index = at % before.length;
        request[name] = before.slice(0, index) + to + before.slice(index + 1);
        fc.pre(request[name] !== before && !/^\s|\s$|\s\s/.test(request[name]));
        const { payload: body = "", ...headers } = request;
        const theirs = accepts(() => new Webhook(secret).verify(body, headers));
        const ours = await verifyWebhook({ payload: body, headers, secret }).then(
          () => true,
          () => false,
        );
        // Theirs reads "1614265330x" as a number; we do not.
        if (name === "webhook-timestamp" && !/^[1-9]\d*$/.test(headers[name] ?? "")) {
          expect(ours).toBe(false);
        } else {
          expect(ours).toBe(theirs);
        }
      }),
    );
  });
});

function accepts(verify: () => unknown): boolean {
  try {
    verify();
    return true;
  } catch {
    return false;
  }
}

describe("a webhook that is signed with Ed25519", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const key = `whpk_${raw.toString("base64")}`;
  const [id, timestamp] = [PUBLISHED.headers["webhook-id"], PUBLISHED.headers["webhook-timestamp"]];
  const signature = (payload = PUBLISHED.payload) =>
    `v1a,${sign(null, Buffer.from(`${id}.${timestamp}.${payload}`), privateKey).toString("base64")}`;
  const signed = (...signatures: string[]) => ({
    headers: { ...PUBLISHED.headers, "webhook-signature": signatures.join(" ") },
    secret: key as string | string[],
  });

  test("verifies with the public key, beside HMAC and alone", async () => {
    await expect(verify(signed(signature()))).resolves.toMatchObject({ id });
    const { "webhook-signature": hmac } = PUBLISHED.headers;
    await expect(verify(signed(hmac, signature()))).resolves.toMatchObject({ id });
    const either = { ...signed(hmac), secret: [key, PUBLISHED.secret] };
    await expect(verify(either)).resolves.toMatchObject({ id });
  });

  test("is refused when it is somebody else's, changed, or not of this version", async () => {
    expect(await refusalOf(signed(signature("{}")))).toBe("signature_mismatch");
    expect(await refusalOf(signed(signature().replace("v1a,", "v1a,AAAA")))).toBe(
      "signature_mismatch",
    );
    expect(await refusalOf(signed("v1a,"))).toBe("signature_mismatch");
    expect(await refusalOf(signed(PUBLISHED.headers["webhook-signature"]))).toBe(
      "no_supported_signature",
    );
    const shared = { ...signed(signature()), secret: PUBLISHED.secret };
    expect(await refusalOf(shared)).toBe("no_supported_signature");
  });

  test("is not verified with what is no public key", async () => {
    for (const secret of ["whpk_", "whpk_AAAA", "whpk_***"]) {
      expect(await refusalOf({ ...signed(signature()), secret })).toBe("invalid_secret");
    }
  });
});
