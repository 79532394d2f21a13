import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseId } from "../../src/core/ids.ts";
import { secretPlace } from "../../src/storage/endpoints/endpoints.ts";
import { type Answer, createTestApi } from "../support/api/api.ts";

let api: Awaited<ReturnType<typeof createTestApi>>;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const newEndpoint = async () => {
  const body = { name: "CRM", url: "https://example.com/hooks" };
  return (await api.call("POST", "/endpoints", body)).body;
};
const rotate = (id: string, body: object = {}, key?: string): Promise<Answer> =>
  api.call("POST", `/endpoints/${id}/rotate-secret`, body, key);
const stages = (endpoint: { secrets: { stage: string }[] }) =>
  endpoint.secrets.map(({ stage }) => stage);
const stored = async (id: string) => {
  const { rows } = await api.connections.pool.query<{ id: string; stage: string; sealed: string }>(
    "select id, stage, sealed from endpoint_secret where endpoint_id = $1 order by created_at, stage",
    [parseId("ep", id)],
  );
  return rows.map((row) => [row.stage, api.vault.open(row.sealed, secretPlace(row.id))]);
};
const DAY_MS = 86_400_000;

describe("rotating a signing secret", () => {
  test("makes a new one that signs at once, and lets the old one count for a day", async () => {
    const { id, secret: old } = await newEndpoint();
    const { status, body } = await rotate(id);
    const until = new Date(api.clock.now() + DAY_MS).toISOString();
    expect(status).toBe(200);
    expect(body.secret).toMatch(/^whsec_/);
    expect(body.secret).not.toBe(old);
    expect(body.retiring_until).toBe(until);
    expect(body.secrets).toEqual([
      expect.objectContaining({ stage: "signing", expires_at: null }),
      expect.objectContaining({ stage: "retiring", expires_at: until }),
    ]);
    expect(await stored(id)).toEqual(
      expect.arrayContaining([
        ["retiring", old],
        ["signing", body.secret],
      ]),
    );
    const shown = (await api.call("GET", `/endpoints/${id}`)).body;
    expect(shown.secrets).toEqual(body.secrets);
    expect(JSON.stringify(shown)).not.toContain("whsec_");
    expect(JSON.stringify(api.logger.lines)).not.toContain(body.secret);
  });

  test("works without a body", async () => {
    const { id } = await newEndpoint();
    const answer = await api.call("POST", `/endpoints/${id}/rotate-secret`);
    expect(answer).toMatchObject({ status: 200, body: { secret: expect.any(String) } });
  });

  test("goes step by step: stage, promote, retire", async () => {
    const { id, secret: old } = await newEndpoint();
    const { body: one } = await rotate(id, { step: "stage" });
    expect(stages(one)).toEqual(["signing", "staged"]);
    expect(one.retiring_until).toBeNull();
    const { body: two } = await rotate(id, { step: "promote", overlap_s: 600 });
    expect(stages(two)).toEqual(["signing", "retiring"]);
    expect(two).not.toHaveProperty("secret");
    expect(two.secrets[0].id).toBe(one.secrets[1].id);
    expect(Date.parse(two.retiring_until) - api.clock.now()).toBe(600_000);
    expect(await stored(id)).toEqual(
      expect.arrayContaining([
        ["retiring", old],
        ["signing", one.secret],
      ]),
    );
    const { body: three } = await rotate(id, { step: "retire" });
    expect(stages(three)).toEqual(["signing"]);
    expect(await stored(id)).toEqual([["signing", one.secret]]);
    expect(await rotate(id, { step: "retire" })).toMatchObject({ status: 200 });
  });

  test("stages another one for whoever lost the first", async () => {
    const { id } = await newEndpoint();
    const first = (await rotate(id, { step: "stage" })).body.secret;
    const second = (await rotate(id, { step: "stage" })).body;
    expect(stages(second)).toEqual(["signing", "staged"]);
    expect((await stored(id)).map(([, secret]) => secret)).not.toContain(first);
  });

  test("refuses to promote what was not staged, and to pile up secrets that still count", async () => {
    const { id } = await newEndpoint();
    expect(await rotate(id, { step: "promote" })).toMatchObject({
      status: 409,
      body: { code: "conflict" },
    });
    await rotate(id);
    await rotate(id);
    const third = await rotate(id);
    expect(third).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/retire/) } });
    expect(stages((await rotate(id, { overlap_s: 0 })).body)).toEqual([
      "signing",
      "retiring",
      "retiring",
    ]);
  });

  test("shows an old secret no more once its time is over", async () => {
    const { id } = await newEndpoint();
    await rotate(id, { overlap_s: 60 });
    await api.clock.advance(60_000);
    const shown = (await api.call("GET", `/endpoints/${id}`)).body;
    expect(stages(shown)).toEqual(["signing"]);
  });

  test("takes a secret of your own, if it can sign", async () => {
    const { id } = await newEndpoint();
    const secret = `whsec_${Buffer.alloc(24, 9).toString("base64")}`;
    expect((await rotate(id, { secret })).body.secret).toBe(secret);
    const refused = await rotate(id, { secret: "hunter2" });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: "/secret" }] } });
    const misplaced = await rotate(id, { step: "retire", secret });
    expect(misplaced).toMatchObject({ status: 422, body: { errors: [{ pointer: "/secret" }] } });
    expect(await stored(id)).toHaveLength(2);
  });

  test.each([
    [{ step: "now" }, "/step"],
    [{ overlap_s: -1 }, "/overlap_s"],
    [{ resend_on: [200] }, "/resend_on/0"],
    [{ stage: true }, "/stage"],
  ])("refuses %j with a pointer", async (body, pointer) => {
    const { id } = await newEndpoint();
    expect(await rotate(id, body)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });

  test("is told to the other endpoints, without the secret", async () => {
    const { id } = await newEndpoint();
    api.announced.length = 0;
    const { body } = await rotate(id, { step: "stage" });
    await rotate(id, { step: "promote" });
    await rotate(id, { step: "retire" });
    expect(api.announced).toMatchObject([
      { step: "staged", secretId: parseId("sec", body.secrets[1].id), retiringUntil: null },
      { step: "promoted", secretId: parseId("sec", body.secrets[1].id) },
      { step: "retired", secretId: null, retiringUntil: null },
    ]);
    expect(JSON.stringify(api.announced)).not.toContain("whsec_");
  });

  test("is for those who may change the endpoint, and who see it", async () => {
    const { id } = await newEndpoint();
    const reader = await api.newKey({ scopes: ["endpoints:read"] });
    expect(await rotate(id, {}, reader)).toMatchObject({ status: 403 });
    const account = (await api.call("POST", "/accounts", { name: "a" })).body.id;
    const confined = await api.newKey({ scopes: ["*"], account_id: account });
    expect(await rotate(id, {}, confined)).toMatchObject({ status: 404 });
    await api.call("DELETE", `/endpoints/${id}`);
    expect(await rotate(id)).toMatchObject({ status: 404 });
  });

  test("by several people at once leaves one that signs", async () => {
    const { id } = await newEndpoint();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => rotate(id, { overlap_s: 0 })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const left = await stored(id);
    expect(left).toHaveLength(1);
    expect(answers.map(({ body }) => body.secret)).toContain(left[0]?.[1]);
  });
});
