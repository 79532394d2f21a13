import { createHmac } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EVENT_TYPES } from "../../src/core/events/event-types.ts";
import { parseId } from "../../src/core/ids.ts";
import { dialectNames, getDialect } from "../../src/dialects/registry.ts";
import { createTestApi } from "../support/api/api.ts";
import { type Answering, echo, hang, openStand, status, type Visit } from "../support/stand.ts";

let api: Awaited<ReturnType<typeof createTestApi>>;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const make = async (url: string, more: object = {}) => {
  const answer = await api.call("POST", "/endpoints", { name: "CRM", url, ...more });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
};
const send = (id: string, body?: object) => api.call("POST", `/endpoints/${id}/test`, body);
const examine = (id: string) => api.call("POST", `/endpoints/${id}/doctor`);

describe("the test button", () => {
  test("sends one signed sample, marked as a test, and shows what was sent and what came back", async () => {
    const stand = await openStand((_, response) => void response.writeHead(200).end("thanks"));
    const { id, secret } = await make(stand.url, {
      headers: { "x-api-key": "k", "x-tenant": "7" },
    });
    const { status: code, body } = await send(id);
    expect(code).toBe(200);
    const [visit] = stand.visits;
    expect(stand.visits).toHaveLength(1);
    expect(body).toMatchObject({
      ...{ delivered: true, status: 200, error: null, response: "thanks" },
      ...{ event_id: visit?.body.id, event_type: "endpoint.tested" },
      ms: expect.any(Number),
    });
    expect(visit?.headers).toMatchObject({
      "webhook-test": "1",
      "x-api-key": "k",
      "x-tenant": "7",
    });
    expect(visit?.body).toMatchObject({
      ...{ type: "endpoint.tested", test: true },
      data: { endpoint_id: id, endpoint_name: "CRM" },
    });
    expect(body.request).toMatchObject({ method: "POST", url: stand.url, body: visit?.text });
    expect(body.request.headers).toMatchObject({
      ...{ "webhook-signature": "***", "x-api-key": "***", "x-tenant": "***", "webhook-test": "1" },
      "webhook-id": visit?.body.id,
    });
    const headers = visit?.headers as Record<string, string>; // none of these comes twice
    const timestamp = new Date(api.clock.now());
    const signature = new Webhook(secret).sign(visit?.body.id, timestamp, visit?.text ?? "");
    expect(headers["webhook-signature"]).toBe(signature);
    expect(JSON.stringify([body, api.logger.lines])).not.toContain(secret);
  });

  test("works whatever state the endpoint is in: test it, then enable it", async () => {
    const stand = await openStand();
    const { id, secret, state } = await make(stand.url, { dialect: "chatmefy" });
    expect(state).toBe("disabled");
    expect((await send(id)).body).toMatchObject({ delivered: true });
    const [visit] = stand.visits;
    const digest = createHmac("sha256", secret)
      .update(visit?.text ?? "")
      .digest("hex");
    expect(visit?.headers["x-chatmefy-signature"]).toBe(`sha256=${digest}`);
    expect((await api.call("POST", `/endpoints/${id}/enable`)).body.state).toBe("enabled");
    await api.call("POST", `/endpoints/${id}/pause`);
    expect((await send(id)).body.delivered).toBe(true);
    expect((await api.call("GET", `/endpoints/${id}`)).body.state).toBe("paused");
  });

  test.each(dialectNames)("has a sample of every event of %s, by its own name", async (dialect) => {
    const stand = await openStand(dialect === "dmtolead" ? echo : status(200));
    const more = dialect === "genesy" ? { secret: "clear-secret" } : {};
    const { id } = await make(stand.url, { dialect, ...more });
    stand.answer(status(200));
    const { events } = getDialect(dialect);
    const names = events?.map(({ name }) => name) ?? EVENT_TYPES.map(({ type }) => type);
    stand.visits.length = 0;
    for (const type of names) {
      const { status: code, body } = await send(id, { type });
      expect([type, code, body.error]).toEqual([type, 200, null]);
    }
    const told = ({ body }: Visit) => body.event ?? body.eventType ?? body.type;
    expect(stand.visits.map(told)).toEqual(names);
    for (const { text } of stand.visits) expect(JSON.stringify(JSON.parse(text))).toBe(text);
  });

  test("sends what the endpoint subscribes to first, where the dialect has names of its own", async () => {
    const stand = await openStand();
    const { id } = await make(stand.url, { dialect: "chatmefy", events: ["message.received"] });
    expect((await send(id)).body.event_type).toBe("message.received");
    expect(stand.visits[0]?.body.event).toBe("message.received");
  });

  test("takes a type of your own, and one by its canonical name", async () => {
    const stand = await openStand();
    const native = await make(stand.url);
    expect((await send(native.id, { type: "order.shipped" })).body.delivered).toBe(true);
    expect(stand.visits[0]?.body).toMatchObject({ type: "order.shipped", data: {}, test: true });
    const { id } = await make(stand.url, { dialect: "genesy" });
    await send(id, { type: "outreach.post_liked" });
    expect(stand.visits[1]?.body.eventType).toBe("POST_LIKED");
  });

  test.each([
    ["curlew", "message.recieved", /did you mean message.received/],
    [
      "chatmefy",
      "order.shipped",
      /no event for order.shipped; it has lead.created, lead.updated, conversation.started, conversation.ended,/,
    ],
    ["genesy", "MESSAGE_REPLYED", /MESSAGE_REPLIED/],
  ])("refuses in %s a sample of %s", async (dialect, type, detail) => {
    const stand = await openStand();
    const { id } = await make(stand.url, { dialect });
    const { status: code, body } = await send(id, { type });
    expect([code, body.code]).toEqual([422, "unknown_event_type"]);
    expect(body.errors[0]).toMatchObject({
      pointer: "/type",
      detail: expect.stringMatching(detail),
    });
    expect(stand.visits).toEqual([]);
  });

  test.each<[string, Answering, object]>([
    ["refuses", status(403), { status: 403, error: "It answered 403." }],
    [
      "redirects",
      status(301, { location: "/" }),
      { status: 301, error: expect.stringMatching(/not followed/) },
    ],
    [
      "breaks off",
      (_, r) => void r.destroy(),
      { status: null, error: expect.stringMatching(/\.$/) },
    ],
    [
      "says a lot",
      (_, r) => void r.writeHead(500).end("x".repeat(1 << 20)),
      { status: 500, response: "x".repeat(4096) },
    ],
  ])("says in words what went wrong with one that %s", async (_, answering, expected) => {
    const stand = await openStand(answering);
    const { id } = await make(stand.url);
    const { status: code, body } = await send(id);
    expect(code).toBe(200);
    expect(body).toMatchObject({ delivered: false, ...expected });
    expect(stand.visits).toHaveLength(1);
  });

  test("waits as long as the endpoint's deadline and no longer", async () => {
    const stand = await openStand(hang);
    const { id } = await make(stand.url, { timeout_ms: 2_000 });
    const testing = send(id);
    await stand.visited(1);
    await api.pass(2_200);
    expect((await testing).body).toMatchObject({
      ...{ delivered: false, status: null },
      error: expect.stringMatching(/within 2000 ms/),
    });
  });

  test("does not reach what the address guard refuses", async () => {
    const { id } = await make("http://10.0.0.1/");
    expect((await send(id)).body).toMatchObject({ delivered: false, status: null, response: null });
  });

  test("is told to the others, leaves nothing in the log, and changes no state", async () => {
    const stand = await openStand(status(500));
    const { id } = await make(stand.url);
    api.announced.length = 0;
    await send(id, { type: "lead.created" });
    expect(api.announced).toEqual([
      { type: "lead.created", delivered: false, status: 500, error: "It answered 500." },
    ]);
    const { rows } = await api.connections.pool.query("select 1 from event");
    expect(rows).toEqual([]);
    expect((await api.call("GET", `/endpoints/${id}`)).body.state).toBe("enabled");
  });

  test("is for those who may change the endpoint, and who see it", async () => {
    const stand = await openStand();
    const { id } = await make(stand.url);
    const reader = await api.newKey({ scopes: ["endpoints:read"] });
    for (const action of ["test", "doctor"]) {
      const path = `/endpoints/${id}/${action}`;
      expect(await api.call("POST", path, undefined, reader)).toMatchObject({ status: 403 });
    }
    const account = (await api.call("POST", "/accounts", { name: "a" })).body.id;
    const confined = await api.newKey({ scopes: ["*"], account_id: account });
    expect(await api.call("POST", `/endpoints/${id}/test`, {}, confined)).toMatchObject({
      status: 404,
    });
    await api.call("DELETE", `/endpoints/${id}`);
    expect(await send(id)).toMatchObject({ status: 404 });
    expect(stand.visits).toEqual([]);
  });

  test("cannot sign where the secret cannot be opened, and says so", async () => {
    const stand = await openStand();
    const { id } = await make(stand.url);
    await api.connections.pool.query(
      "update endpoint_secret set sealed = 'broken' where endpoint_id = $1",
      [parseId("ep", id)],
    );
    await api.call("PATCH", `/endpoints/${id}`, { name: "read again" });
    expect(await send(id)).toMatchObject({ status: 409, body: { code: "conflict" } });
    expect(stand.visits).toEqual([]);
  });
});

describe("a doctor run", () => {
  /** A receiver that checks as much as it is told to. */
  const checking =
    (
      secret: string,
      what: { signature: boolean; time: boolean },
      refuse = (response: ServerResponse) => void response.writeHead(401).end(),
    ): Answering =>
    ({ headers, text }, response) => {
      const id = String(headers["webhook-id"]);
      const at = Number(headers["webhook-timestamp"]) * 1000;
      const right = new Webhook(secret).sign(id, new Date(at), text);
      const isRight = !what.signature || headers["webhook-signature"] === right;
      const isFresh = !what.time || Math.abs(api.clock.now() - at) <= 300_000;
      if (isRight && isFresh) response.writeHead(200).end();
      else refuse(response);
    };
  const outcomes = (body: { checks: { check: string; passed: boolean }[] }) =>
    Object.fromEntries(body.checks.map(({ check, passed }) => [check, passed]));

  test("finds nothing wrong with an endpoint that checks everything", async () => {
    const stand = await openStand();
    const { id, secret } = await make(stand.url);
    stand.answer(checking(secret, { signature: true, time: true }));
    const { status: code, body } = await examine(id);
    expect(code).toBe(200);
    expect(body.healthy).toBe(true);
    expect(outcomes(body)).toEqual({
      ...{ genuine: true, forged: true, unsigned: true, tampered: true, stale: true },
    });
    expect(stand.visits.every(({ headers }) => headers["webhook-test"] === "1")).toBe(true);
    expect(new Set(stand.visits.map(({ headers }) => headers["webhook-id"])).size).toBe(5);
    expect(JSON.stringify(body)).not.toContain(secret);
  });

  test("finds an endpoint that takes anything", async () => {
    const stand = await openStand();
    const { id } = await make(stand.url);
    const { body } = await examine(id);
    expect(body.healthy).toBe(false);
    expect(outcomes(body)).toEqual({
      ...{ genuine: true, forged: false, unsigned: false, tampered: false, stale: false },
    });
    const forged = body.checks.find(({ check }: { check: string }) => check === "forged");
    expect(forged).toMatchObject({
      ...{ expected: "refused", outcome: "accepted" },
      detail: expect.stringMatching(/somebody else/),
    });
    expect(stand.visits[2]?.headers["webhook-signature"]).toBeUndefined();
    expect(stand.visits[3]?.body.forged).toBe(true);
  });

  test("finds an endpoint that forgets the time", async () => {
    const stand = await openStand();
    const { id, secret } = await make(stand.url);
    stand.answer(checking(secret, { signature: true, time: false }));
    expect(outcomes((await examine(id)).body)).toMatchObject({ forged: true, stale: false });
  });

  test("says nothing of the rest while the right one is refused, or not answered", async () => {
    const stand = await openStand(status(401));
    const { id } = await make(stand.url, { timeout_ms: 1_000 });
    const { body } = await examine(id);
    expect(body.checks).toMatchObject([
      { check: "genuine", expected: "accepted", outcome: "refused", passed: false, status: 401 },
    ]);
    expect(body.checks[0].detail).toMatch(/doctor.*It answered 401/);
    stand.answer(hang);
    const examining = examine(id);
    await stand.visited(2);
    await api.pass(1_200);
    expect((await examining).body.checks).toMatchObject([{ outcome: "no_answer", passed: false }]);
  });

  test("counts breaking off as refusing, when the next right one is taken", async () => {
    const stand = await openStand();
    const { id, secret } = await make(stand.url);
    stand.answer(
      checking(secret, { signature: true, time: true }, (response) => void response.destroy()),
    );
    const { body } = await examine(id);
    expect(body.healthy).toBe(true);
    expect(body.checks[1]).toMatchObject({ outcome: "no_answer", passed: true });
    expect(body.checks).toHaveLength(5);
  });

  test("finds an endpoint that falls over at what it should refuse", async () => {
    const stand = await openStand();
    const { id, secret } = await make(stand.url);
    const check = checking(secret, { signature: true, time: true });
    let seen = 0;
    stand.answer((v, r) => (seen++ < 2 ? check(v, r) : void r.destroy()));
    const { body } = await examine(id);
    expect(body.healthy).toBe(false);
    expect(outcomes(body)).toEqual({ genuine: true, forged: true, unsigned: false });
    expect(body.checks[2]).toMatchObject({
      outcome: "no_answer",
      detail: expect.stringMatching(/falls over.*nobody has signed.*closed the connection/),
    });
    expect(stand.visits).toHaveLength(4);
  });

  test("asks of a dialect what its signature can show", async () => {
    const stand = await openStand();
    const clear = await make(stand.url, { dialect: "genesy", secret: "clear-secret" });
    expect(Object.keys(outcomes((await examine(clear.id)).body))).toEqual([
      ...["genuine", "forged", "unsigned"],
    ]);
    expect(stand.visits[2]?.headers["x-webhook-secret"]).toBeUndefined();
    const none = await make(stand.url, { dialect: "genesy" });
    expect(Object.keys(outcomes((await examine(none.id)).body))).toEqual(["genuine"]);
    const chatmefy = await make(stand.url, { dialect: "chatmefy" });
    expect(Object.keys(outcomes((await examine(chatmefy.id)).body))).toEqual([
      ...["genuine", "forged", "unsigned", "tampered"],
    ]);
  });
});
