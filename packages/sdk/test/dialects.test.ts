import { describe, expect, test } from "vitest";
import type { Letter } from "../../server/src/dialects/dialect.ts";
import { dialectNames, getDialect } from "../../server/src/dialects/registry.ts";
import { signWebhook, verifyWebhook } from "../src/index.ts";

const TIMESTAMP_S = 1_795_000_000;
const NOW = TIMESTAMP_S * 1000;
const BODY = '{"id":"evt_1","text":"Grüße 👋"}';

/** Secrets that Curlew makes, and those that somebody brings from the product that they come from. */
const SECRETS = [
  "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "my-own-secret",
  "0123456789abcdef0123456789abcdef",
  "c2VjcmV0IGluIGJhc2U2NA==",
  "whsec_c2hvcnQ=",
  "whsec_not-base64-at-all",
  "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
];

/** The headers that an endpoint is sent. */
function headersOf(name: string, secrets: readonly string[], options = {}): Record<string, string> {
  const letter: Letter = {
    ...{ id: "evt_1", type: "message.received", body: BODY, timestampS: TIMESTAMP_S },
    ...{ attempt: 1, replayed: false, options },
    secrets: secrets.map((value, at) => ({ id: `sec_${at}`, value })),
  };
  return getDialect(name).headers(letter);
}

describe.each(dialectNames)("a webhook of the dialect %s", (name) => {
  const isTaken = (secret: string) => getDialect(name).secret.problem(secret) === null;

  test("verifies with whatever secret its endpoint may have", async () => {
    const secrets = SECRETS.filter(isTaken);
    expect(secrets.length).toBeGreaterThan(0);
    for (const secret of secrets) {
      const headers = headersOf(name, [secret]);
      await expect(
        verifyWebhook({ payload: BODY, headers, secret, now: NOW }),
      ).resolves.toMatchObject({
        id: "evt_1",
        payload: JSON.parse(BODY),
      });
    }
  });

  test("is refused with another secret, with a body that was changed, and when it is old", async () => {
    const headers = headersOf(name, SECRETS.slice(0, 1));
    const right = { payload: BODY, headers, secret: SECRETS[0] ?? "", now: NOW };
    for (const [change, code] of [
      [{ secret: "my-own-secret" }, "signature_mismatch"],
      [{ payload: `${BODY} ` }, "signature_mismatch"],
      [{ now: NOW + 301_000 }, "timestamp_too_old"],
    ] as const) {
      await expect(verifyWebhook({ ...right, ...change })).rejects.toMatchObject({ code });
    }
  });

  test("is signed by the SDK as Curlew signs it", async () => {
    for (const secret of SECRETS.slice(0, 3).filter(isTaken)) {
      const timestamp = new Date(NOW);
      const signed = await signWebhook({ id: "evt_1", timestamp, payload: BODY, secret });
      expect(headersOf(name, [secret])).toMatchObject(signed);
    }
  });
});
