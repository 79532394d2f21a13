import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestApi } from "../support/api/api.ts";

let api: Awaited<ReturnType<typeof createTestApi>>;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const SECRET = `whsec_${Buffer.from("canary-secret-of-a-test!").toString("base64")}`;
const BODY = '{"text":"Grüße"}';

function request(more: object = {}) {
  const at = new Date(api.clock.now());
  const headers = {
    "webhook-id": "evt_1",
    "webhook-timestamp": String(at.getTime() / 1000),
    "webhook-signature": new Webhook(SECRET).sign("evt_1", at, BODY),
  };
  return { headers, body: BODY, secret: SECRET, ...more };
}
const ask = (body: unknown, key?: string) => api.call("POST", "/doctor", body, key);

describe("the doctor", () => {
  test("finds nothing wrong with what is right, at the server's own time", async () => {
    expect(await ask(request())).toMatchObject({
      status: 200,
      body: { accepted: true, dialect: "curlew", tolerance_s: 300, findings: [] },
    });
  });

  test("says what is wrong, and what helps", async () => {
    const now = new Date(api.clock.now() + 400_000).toISOString();
    const { body } = await ask(request({ body: '{ "text": "Grüße" }', now }));
    expect(body).toMatchObject({
      accepted: false,
      findings: [
        { code: "body_reserialised", advice: expect.stringMatching(/raw body/) },
        { code: "timestamp_too_old", detail: expect.stringMatching(/400 s/) },
      ],
    });
  });

  test("keeps nothing, logs nothing and says nothing of the secret", async () => {
    const answers = [
      await ask(request()),
      await ask(request({ headers: {} })),
      await ask(request({ dialect: "curlew", now: "yesterday" })),
      await ask(request({ headers: SECRET })),
      await ask(JSON.stringify(request()).slice(0, -1)),
      await ask(request({ headers: { "x-webhook-secret": SECRET }, dialect: "genesy" })),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 422, 422, 400, 200]);
    const told = JSON.stringify([answers.map(({ body }) => body), api.logger.lines]);
    expect(told).not.toContain(SECRET.slice(6));
    expect(told).not.toContain("canary");
    const { rows } = await api.connections.pool.query(
      "select count(*)::int as n from pg_stat_activity where query like '%' || $1 || '%' and pid <> pg_backend_pid()",
      [SECRET],
    );
    expect(rows).toEqual([{ n: 0 }]);
  });

  test.each([
    [{ dialect: "svix" }, "/dialect"],
    [{ secret: "" }, "/secret"],
    [{ headers: { a: 1 } }, "/headers/a"],
    [{ url: "https://example.com" }, "/url"],
  ])("refuses %j with a pointer", async (more, pointer) => {
    expect(await ask(request(more))).toMatchObject({
      status: 422,
      body: { errors: [{ pointer }] },
    });
  });

  test("needs a key that may read endpoints", async () => {
    const key = await api.newKey({ scopes: ["events:read"] });
    expect(await ask(request(), key)).toMatchObject({ status: 403 });
  });
});
