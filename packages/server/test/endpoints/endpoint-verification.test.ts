import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseId } from "../../src/core/ids.ts";
import { type Answer, createTestApi } from "../support/api/api.ts";
import { type Answering, echo, hang, json, openStand, status } from "../support/stand.ts";

let api: Awaited<ReturnType<typeof createTestApi>>;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const make = (url: string, more: object = {}): Promise<Answer> =>
  api.call("POST", "/endpoints", { name: "CRM", dialect: "dmtolead", url, ...more });
const act = (id: string, action: string) => api.call("POST", `/endpoints/${id}/${action}`);
const get = async (id: string) => (await api.call("GET", `/endpoints/${id}`)).body;
const change = (id: string, body: object) => api.call("PATCH", `/endpoints/${id}`, body);

describe("a new endpoint that has to be verified", () => {
  test("is asked for its token at once, signed, and enabled when it sends it back", async () => {
    const stand = await openStand(echo);
    const { status: code, body } = await make(stand.url);
    expect(code).toBe(201);
    expect(body).toMatchObject({
      ...{ state: "enabled", state_reason: null },
      verified_at: new Date(api.clock.now()).toISOString(),
    });
    const [visit] = stand.visits;
    expect(stand.visits).toHaveLength(1);
    expect(visit?.body).toEqual({
      event: "webhook.verify",
      verifyToken: expect.stringMatching(/^[\w-]{32}$/),
      timestamp: new Date(api.clock.now()).toISOString(),
    });
    const digest = createHmac("sha256", body.secret)
      .update(visit?.text ?? "")
      .digest("hex");
    expect(visit?.headers["x-dmtolead-signature"]).toBe(digest);
    expect(api.announced).toContainEqual({ verified: "CRM" });
  });

  test("is asked with a token of its own each time", async () => {
    const stand = await openStand(echo);
    const { id } = (await make(stand.url)).body;
    await act(id, "verify");
    const tokens = stand.visits.map(({ body }) => body.verifyToken);
    expect(new Set(tokens).size).toBe(2);
  });

  test.each<[string, Answering, RegExp]>([
    ["answers 500", status(500), /answered 500/],
    ["redirects", status(302, { location: "/elsewhere" }), /302.*redirect.*not followed/],
    ["answers nothing in JSON", status(200), /without a Content-Type/],
    [
      "answers with a page",
      (_, r) => void r.writeHead(200, { "content-type": "text/html" }).end("<p>"),
      /text\/html/,
    ],
    ["answers another token", json({ verifyToken: "x" }), /did not send the token back/],
    [
      "answers what is no JSON",
      (_, r) => void r.writeHead(200, { "content-type": "application/json" }).end("{"),
      /did not send/,
    ],
    ["repeats the request", (v, r) => json({ wrapped: v.body })(v, r), /another way/],
    [
      "answers without end",
      (_, r) =>
        void r.writeHead(200, { "content-type": "application/json" }).end("[".repeat(1 << 20)),
      /did not send/,
    ],
    ["breaks off", (_, r) => void r.destroy(), /closed|lost|reset/i],
  ])("is kept, disabled, with the reason, when it %s", async (_, answering, reason) => {
    const stand = await openStand(answering);
    const { status: code, body } = await make(stand.url);
    expect(code).toBe(201);
    expect(body).toMatchObject({ state: "disabled", verified_at: null });
    expect(body.state_reason).toMatch(/^Verification failed\. /);
    expect(body.state_reason).toMatch(reason);
    expect(body.secret).toEqual(expect.any(String));
    expect(stand.visits).toHaveLength(1);
    expect(await get(body.id)).toMatchObject({
      state: "disabled",
      state_reason: body.state_reason,
    });
  });

  test("is given ten seconds in all", async () => {
    const stand = await openStand(hang);
    const making = make(stand.url);
    await stand.visited(1);
    await api.pass(9_900);
    await api.pass(200);
    expect((await making).body).toMatchObject({
      state: "disabled",
      state_reason: expect.stringMatching(/10000 ms/),
    });
  });

  test("is given ten seconds in all, even when its answer comes drop by drop", async () => {
    const stand = await openStand((_, response) => {
      response.writeHead(200, { "content-type": "application/json" }).write("{");
    });
    const making = make(stand.url);
    await stand.visited(1);
    await api.pass(10_200);
    expect((await making).body.state).toBe("disabled");
  });

  test("stands there, pending, while it is asked, and collects nothing", async () => {
    const stand = await openStand(hang);
    const making = make(stand.url, { name: "slow one" });
    await stand.visited(1);
    const { rows } = await api.connections.pool.query(
      "select state, verified_at from endpoint where name = 'slow one'",
    );
    expect(rows).toEqual([{ state: "pending", verified_at: null }]);
    await api.pass(10_200);
    await making;
  });

  test("may not reach what the address guard refuses, by whatever name", async () => {
    const { body } = await make("https://127.0.0.1.nip.invalid/hook");
    expect(body).toMatchObject({ state: "disabled", verified_at: null });
    const refused = await make("http://10.0.0.1/hook");
    expect(refused.body.state_reason).toMatch(/CURLEW_ALLOW_TARGETS|not reachable|private/i);
  });

  test("stays disabled after a success when that was asked for", async () => {
    const stand = await openStand(echo);
    const { body } = await make(stand.url, { enabled: false });
    expect(body).toMatchObject({ state: "disabled", state_reason: null });
    expect(body.verified_at).not.toBeNull();
    expect((await act(body.id, "enable")).body.state).toBe("enabled");
    expect(stand.visits).toHaveLength(1);
  });

  test("has to answer 200 where it asked to be held to that", async () => {
    const stand = await openStand((v, r) => json({ verifyToken: v.body.verifyToken }, 201)(v, r));
    expect((await make(stand.url)).body.state).toBe("enabled");
    const strict = { dialect_options: { strict_200: true } };
    expect((await make(stand.url, strict)).body.state).toBe("disabled");
  });
});

describe("verifying again", () => {
  test("enables what had failed, and says what was sent and what came back", async () => {
    const stand = await openStand(status(500));
    const { id } = (await make(stand.url)).body;
    stand.answer(echo);
    const { status: code, body } = await act(id, "verify");
    expect(code).toBe(200);
    expect(body).toMatchObject({
      state: "enabled",
      verification: { verified: true, reason: null, status: 200, request: { url: stand.url } },
    });
    const { headers } = body.verification.request;
    expect(headers["x-dmtolead-signature"]).toBe("***");
    expect(headers["webhook-signature"]).toBe("***");
  });

  test("disables what fails now, paused or enabled", async () => {
    const stand = await openStand(echo);
    const { id } = (await make(stand.url)).body;
    await act(id, "pause");
    stand.answer(status(404));
    expect((await act(id, "verify")).body).toMatchObject({
      ...{ state: "disabled", verified_at: null },
      verification: { verified: false, reason: "It answered 404.", status: 404 },
    });
  });

  test("leaves what a person has disabled as it is", async () => {
    const stand = await openStand(echo);
    const { id } = (await make(stand.url)).body;
    await act(id, "disable");
    expect((await act(id, "verify")).body.state).toBe("disabled");
  });

  test("is for those who may change the endpoint, and who see it", async () => {
    const stand = await openStand(echo);
    const { id } = (await make(stand.url)).body;
    const reader = await api.newKey({ scopes: ["endpoints:read"] });
    expect(await api.call("POST", `/endpoints/${id}/verify`, undefined, reader)).toMatchObject({
      status: 403,
    });
    await api.call("DELETE", `/endpoints/${id}`);
    expect(await act(id, "verify")).toMatchObject({ status: 404 });
    expect(stand.visits).toHaveLength(1);
  });
});

describe("enabling an endpoint that was not verified", () => {
  test("verifies it and never skips that", async () => {
    const stand = await openStand(status(500));
    const { id } = (await make(stand.url)).body;
    const refused = await act(id, "enable");
    expect(refused).toMatchObject({ status: 409, body: { code: "verification_failed" } });
    expect(refused.body.detail).toBe("It answered 500.");
    expect((await get(id)).state).toBe("disabled");
    stand.answer(echo);
    expect(await act(id, "enable")).toMatchObject({ status: 200, body: { state: "enabled" } });
    expect(stand.visits).toHaveLength(3);
    await act(id, "disable");
    expect((await act(id, "enable")).body.state).toBe("enabled");
    expect(stand.visits).toHaveLength(3);
  });

  test("goes on where a process was killed half-way", async () => {
    const stand = await openStand(echo);
    const { id } = (await make(stand.url)).body;
    await api.connections.pool.query(
      "update endpoint set state = 'pending', verified_at = null where id = $1",
      [parseId("ep", id)],
    );
    expect((await get(id)).state).toBe("pending");
    expect(await act(id, "pause")).toMatchObject({ status: 409 });
    expect((await act(id, "enable")).body.state).toBe("enabled");
  });

  test("is not needed where a person has disabled one that waits", async () => {
    const stand = await openStand(status(500));
    const { id } = (await make(stand.url)).body;
    expect((await act(id, "disable")).body).toMatchObject({ state: "disabled" });
  });
});

describe("another URL", () => {
  test("is asked before anything is sent to it", async () => {
    const [before, after] = [await openStand(echo), await openStand(echo)];
    const { id } = (await make(before.url)).body;
    await api.pass(1_000);
    const { body } = await change(id, { url: after.url, name: "moved" });
    expect(body).toMatchObject({
      ...{ state: "enabled", url: after.url, name: "moved" },
      verified_at: new Date(api.clock.now()).toISOString(),
    });
    expect(after.visits.map((visit) => visit.body.event)).toEqual(["webhook.verify"]);
    expect(before.visits).toHaveLength(1);
    await change(id, { name: "as before", url: after.url });
    expect(after.visits).toHaveLength(1);
  });

  test("that fails is kept, disabled, with the reason", async () => {
    const [before, after] = [await openStand(echo), await openStand(status(503))];
    const { id } = (await make(before.url)).body;
    expect((await change(id, { url: after.url })).body).toMatchObject({
      ...{ state: "disabled", url: after.url, verified_at: null },
      state_reason: "Verification failed. It answered 503.",
    });
    after.answer(echo);
    expect((await act(id, "enable")).body.state).toBe("enabled");
  });

  test("is in force only once it was asked: until then the old one is", async () => {
    const [before, after] = [await openStand(echo), await openStand(hang)];
    const { id } = (await make(before.url)).body;
    const changing = change(id, { url: after.url });
    await after.visited(1);
    expect(await get(id)).toMatchObject({ state: "enabled", url: before.url });
    await api.pass(10_200);
    expect((await changing).body).toMatchObject({ state: "disabled", url: after.url });
  });

  test("given while an answer is awaited makes that answer worthless", async () => {
    const [slow, next] = [await openStand(echo), await openStand(echo)];
    const { id } = (await make(slow.url)).body;
    let release = () => {};
    slow.answer((visit, response) => {
      release = () => echo(visit, response);
    });
    const verifying = act(id, "verify");
    await slow.visited(2);
    await change(id, { url: next.url });
    release();
    expect(await verifying).toMatchObject({ status: 409, body: { code: "conflict" } });
    expect(await get(id)).toMatchObject({ state: "enabled", url: next.url });
  });
});

describe("an endpoint of the native dialect", () => {
  const native = async (url: string) => (await make(url, { dialect: "curlew" })).body;

  test("need not be verified, and can be", async () => {
    const stand = await openStand((v, r) => json({ token: v.body.token })(v, r));
    const made = await native(stand.url);
    expect(made).toMatchObject({ state: "enabled", verified_at: null });
    expect(stand.visits).toEqual([]);
    const { body } = await act(made.id, "verify");
    expect(body).toMatchObject({ state: "enabled", verification: { verified: true } });
    expect(body.verified_at).not.toBeNull();
    expect(stand.visits[0]?.body).toMatchObject({ type: "endpoint.challenge" });
    expect(stand.visits[0]?.headers["webhook-signature"]).toMatch(/^v1,/);
    expect((await change(made.id, { url: `${stand.url}2` })).body.verified_at).toBeNull();
  });

  test("is not disabled by a verification that fails", async () => {
    const stand = await openStand(status(200));
    const { id } = await native(stand.url);
    expect((await act(id, "verify")).body).toMatchObject({
      ...{ state: "enabled", state_reason: null, verified_at: null },
      verification: { verified: false, reason: expect.stringMatching(/Content-Type/) },
    });
  });
});

test("a dialect without a verification says so", async () => {
  const stand = await openStand();
  const { id } = (await make(stand.url, { dialect: "chatmefy" })).body;
  const { status: code, body } = await act(id, "verify");
  expect(code).toBe(409);
  expect(body.detail).toMatch(/test/);
  expect(stand.visits).toEqual([]);
});
