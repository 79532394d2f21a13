import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, createTestApi } from "../support/api/api.ts";
import { openStand, status } from "../support/stand.ts";

let api: Awaited<ReturnType<typeof createTestApi>>;
beforeAll(async () => {
  api = await createTestApi({
    live: true,
    checkUrl: async (url) =>
      url.includes("//10.")
        ? { ok: false, rule: "private", detail: "is private; CURLEW_ALLOW_TARGETS allows it" }
        : { ok: true },
  });
});
afterAll(() => api.close());

const EIGHT = [
  ...["CONNECTION_REQUEST_SENT", "CONNECTION_REQUEST_ACCEPTED", "LINKEDIN_MESSAGE_SENT"],
  ...["EMAIL_SENT", "INMAIL_SENT", "MESSAGE_REPLIED", "POST_LIKED", "PROFILE_VISITED"],
];
const base = { name: "CRM", url: "https://example.com/hooks", events: EIGHT };
const call = (method: string, path = "", body?: unknown, key?: string): Promise<Answer> =>
  api.call(method, `/webhooks${path}`, body, key);
const make = async (more: object = {}) => {
  const { status: code, body } = await call("POST", "", { ...base, ...more });
  expect(code, JSON.stringify(body)).toBe(201);
  return body.data;
};
/** Has what each of the types below must have. */
const DATA = { target: { id: "1" }, message: { content: { type: "text", text: "Yes" } } };

const publish = async (type: string, more: object = {}) => {
  const answer = await api.call("POST", "/events", { type, data: DATA, ...more });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  await api.deliver();
};

describe("Genesy's webhooks", () => {
  test("are created as its documentation says, with a number for an id", async () => {
    const { status: code, body } = await call("POST", "", base);
    expect(code).toBe(201);
    expect(body).toEqual({
      status: "success",
      message: "Webhook created successfully",
      data: {
        ...base,
        id: expect.any(Number),
        ...{ campaignIds: [], customFields: [], enabled: true, hasSecret: false },
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    });
  });

  test("keep what they were told, and never show a secret", async () => {
    const told = { campaignIds: [123, 456], customFields: ["mobilePhone"], enabled: false };
    const made = await make({ ...told, name: "n".repeat(255), secret: "a-clear-secret" });
    expect(made).toMatchObject({ ...told, hasSecret: true });
    const got = await call("GET", `/${made.id}`);
    expect(got.body).toMatchObject({ status: "success", data: made });
    expect(JSON.stringify([made, got.body, api.logger.lines])).not.toContain("a-clear-secret");
  });

  test("answer to x-api-key", async () => {
    const key = await api.newKey({ scopes: ["endpoints:read"] });
    const response = await api.app.request("/v1/webhooks", { headers: { "x-api-key": key } });
    expect(response.status).toBe(200);
  });

  test("are listed page by page, the newest first, without endpoints of other dialects", async () => {
    await api.call("POST", "/endpoints", { name: "native", url: base.url });
    const first = await make({ name: "first" });
    const second = await make({ name: "second" });
    const page = (await call("GET", "?pageSize=1&page=2")).body;
    expect(page).toMatchObject({
      status: "success",
      data: [first],
      meta: { page: 2, pageSize: 1 },
    });
    const all = (await call("GET")).body;
    expect(all.data.slice(0, 2)).toEqual([second, first]);
    expect(all.meta.total).toBe(all.data.length);
    expect(all.data.map(({ name }: { name: string }) => name)).not.toContain("native");
  });

  test("are changed one field at a time", async () => {
    const { id, ...made } = await make();
    const change = async (body: object) => (await call("PATCH", `/${id}`, body)).body.data;
    expect(await change({ name: "Other" })).toMatchObject({
      ...made,
      name: "Other",
      updatedAt: expect.any(String),
    });
    expect((await change({ events: ["POST_LIKED"] })).events).toEqual(["POST_LIKED"]);
    expect((await change({ campaignIds: [7] })).campaignIds).toEqual([7]);
    expect((await change({ enabled: false })).enabled).toBe(false);
    expect((await change({ enabled: false, name: "x" })).enabled).toBe(false);
    expect((await change({ enabled: true })).enabled).toBe(true);
    expect((await change({ secret: "12345678" })).hasSecret).toBe(true);
    expect((await change({ name: "y" })).hasSecret).toBe(true);
    expect((await change({ secret: null })).hasSecret).toBe(false);
  });

  test("are deleted", async () => {
    const { id } = await make();
    expect(await call("DELETE", `/${id}`)).toMatchObject({
      status: 200,
      body: { status: "success", data: null },
    });
    for (const [method, path] of [
      ["GET", ""],
      ["DELETE", ""],
      ["GET", "/logs"],
      ["POST", "/test"],
    ]) {
      expect(await call(method ?? "", `/${id}${path}`)).toMatchObject({
        status: 404,
        body: { code: "not_found" },
      });
    }
  });

  test.each<[string, object, string, string]>([
    ["no name", { name: "" }, "invalid_request", "/name"],
    ["too long a name", { name: "n".repeat(256) }, "invalid_request", "/name"],
    ["no events", { events: [] }, "invalid_request", "/events"],
    [
      "an event that it does not know",
      { events: ["lead.created"] },
      "invalid_request",
      "/events/0",
    ],
    ["too short a secret", { secret: "1234567" }, "invalid_request", "/secret"],
    ["too long a secret", { secret: "s".repeat(257) }, "invalid_request", "/secret"],
    ["campaigns by name", { campaignIds: ["spring"] }, "invalid_request", "/campaignIds/0"],
    ["a private URL", { url: "http://10.0.0.1/" }, "address_refused", "/url"],
    ["what it does not know", { dialect: "genesy" }, "invalid_request", "/dialect"],
  ])("refuse %s with a pointer, when made and when changed", async (_, more, code, pointer) => {
    const { id } = await make();
    for (const answer of [
      await call("POST", "", { ...base, ...more }),
      await call("PATCH", `/${id}`, more),
    ]) {
      expect(answer).toMatchObject({ status: 422, body: { code, errors: [{ pointer }] } });
    }
  });

  test("say what stands for a state, and where other dialects are made", async () => {
    const { id } = await make();
    const refused = await call("PATCH", `/${id}`, { state: "paused", dialect: "curlew" });
    expect(refused.body.errors).toEqual([
      { pointer: "/state", detail: expect.stringContaining("enabled, true or false") },
      { pointer: "/dialect", detail: expect.stringContaining("POST /v1/endpoints makes") },
    ]);
  });

  test("name their events as Genesy does, whatever names them here", async () => {
    const eventsOf = async (events: string[]) => {
      const made = await api.call("POST", "/endpoints", { ...base, dialect: "genesy", events });
      return (await call("GET", `/${made.body.serial}`)).body.data.events;
    };
    expect(await eventsOf(["*"])).toEqual(EIGHT);
    expect(await eventsOf(["outreach.message_sent", "POST_LIKED"])).toEqual([
      ...["LINKEDIN_MESSAGE_SENT", "EMAIL_SENT", "INMAIL_SENT", "POST_LIKED"],
    ]);
    expect(await eventsOf(["outreach.connection_sent", "order.*"])).toEqual([
      "CONNECTION_REQUEST_SENT",
    ]);
    const inOrder = ["PROFILE_VISITED", "EMAIL_SENT"];
    expect((await make({ events: inOrder })).events).toEqual(inOrder);
  });

  test("are numbers: endpoints of other dialects, and other texts, are not there", async () => {
    const native = await api.call("POST", "/endpoints", { name: "native", url: base.url });
    expect(await call("GET", `/${native.body.serial}`)).toMatchObject({ status: 404 });
    expect((await call("GET", `/${native.body.id}`)).status).toBe(422);
    expect((await call("GET", "/99999999999")).status).toBe(422);
  });

  test("are seen by their account alone, and need their scopes", async () => {
    const account = (await api.call("POST", "/accounts", { name: "a" })).body.id;
    const confined = await api.newKey({ scopes: ["*"], account_id: account });
    const { id } = await make();
    expect((await call("GET", `/${id}`, undefined, confined)).status).toBe(404);
    expect((await call("GET", "", undefined, confined)).body.data).toEqual([]);
    const reader = await api.newKey({ scopes: ["endpoints:read"] });
    expect((await call("PATCH", `/${id}`, { name: "x" }, reader)).status).toBe(403);
    expect((await call("GET", `/${id}/logs`, undefined, reader)).status).toBe(403);
  });
});

describe("deliveries", () => {
  test("carry the secret in clear, and what was asked for alone", async () => {
    const stand = await openStand();
    const { id } = await make({
      url: stand.url,
      secret: "a-clear-secret",
      events: ["POST_LIKED"],
      campaignIds: [7],
    });
    await publish("outreach.post_liked", { campaign_id: "7" });
    await publish("outreach.post_liked", { campaign_id: "8" });
    await publish("outreach.profile_visited", { campaign_id: "7" });
    expect(stand.visits).toHaveLength(1);
    expect(stand.visits[0]?.headers["x-webhook-secret"]).toBe("a-clear-secret");
    expect(stand.visits[0]?.body.eventType).toBe("POST_LIKED");
    await call("PATCH", `/${id}`, { secret: null });
    await publish("outreach.post_liked", { campaign_id: "7" });
    expect(stand.visits).toHaveLength(2);
    expect(stand.visits[1]?.headers).not.toHaveProperty("x-webhook-secret");
    await call("DELETE", `/${id}`);
  });

  test("are of the campaign that the event is of, named beside its data or in them, as a number or as text", async () => {
    const stand = await openStand();
    const { id } = await make({ url: stand.url, campaignIds: [7] });
    const of = (campaign: object) => ({ data: { ...DATA, campaign } });
    await publish("outreach.post_liked", { campaign_id: 7 });
    await publish("outreach.post_liked", of({ id: 7 }));
    await publish("outreach.post_liked", of({ id: "7" }));
    expect(stand.visits).toHaveLength(3);
    await publish("outreach.post_liked", of({ id: 8 }));
    await publish("outreach.post_liked", { ...of({ id: 7 }), campaign_id: "8" });
    await publish("order.shipped", of({ id: 7 }));
    expect(stand.visits).toHaveLength(3);
    const events = await api.call("GET", "/events?limit=6");
    const told = events.body.data.map(({ campaign_id }: { campaign_id: string }) => campaign_id);
    expect(told, "what a type of one's own calls a campaign is nobody's business").toEqual([
      ...[null, "8", "8", "7", "7", "7"],
    ]);
    await call("DELETE", `/${id}`);
  });

  test("are logged attempt by attempt, the newest first, under Genesy's names", async () => {
    const stand = await openStand(status(500));
    const { id } = await make({ url: stand.url, events: ["MESSAGE_REPLIED", "PROFILE_VISITED"] });
    expect((await call("GET", `/${id}/logs`)).body).toEqual({
      ...{ data: [], meta: { page: 1, pageSize: 20, total: 0 } },
    });
    await publish("outreach.replied");
    stand.answer(status(204));
    await api.pass(31_000);
    await api.deliver();
    await publish("outreach.profile_visited");
    const { body } = await call("GET", `/${id}/logs?pageSize=2`);
    expect(body.meta).toEqual({ page: 1, pageSize: 2, total: 3 });
    const row = {
      ...{ id: expect.any(Number), durationMs: expect.any(Number), createdAt: expect.any(String) },
    };
    expect(body.data).toEqual([
      {
        ...row,
        eventType: "PROFILE_VISITED",
        statusCode: 204,
        errorMessage: null,
        attemptNumber: 1,
      },
      {
        ...row,
        eventType: "MESSAGE_REPLIED",
        statusCode: 204,
        errorMessage: null,
        attemptNumber: 2,
      },
    ]);
    const second = (await call("GET", `/${id}/logs?pageSize=2&page=2`)).body;
    expect(second.data).toEqual([
      {
        ...row,
        eventType: "MESSAGE_REPLIED",
        statusCode: 500,
        errorMessage: "HTTP 500",
        attemptNumber: 1,
      },
    ]);
    const ids = [...body.data, ...second.data].map((each) => each.id);
    expect(new Set(ids).size).toBe(3);
    expect((await call("GET", `/${id}/logs?page=9`)).body.data).toEqual([]);
    expect(
      (await call("GET", `/${id}/logs`)).body.data.map((each: { id: number }) => each.id),
    ).toEqual(ids);
  });

  test("can be tried with a sample", async () => {
    const stand = await openStand();
    const { id } = await make({ url: stand.url, events: ["EMAIL_SENT"], enabled: false });
    expect((await call("POST", `/${id}/test`)).body).toMatchObject({
      ...{ status: "success", message: "Test event delivered" },
      data: { delivered: true, eventType: "EMAIL_SENT", statusCode: 200, errorMessage: null },
    });
    expect(stand.visits[0]).toMatchObject({
      headers: { "webhook-test": "1" },
      body: { eventType: "EMAIL_SENT" },
    });
    stand.answer(status(500));
    expect((await call("POST", `/${id}/test`)).body).toMatchObject({
      data: { delivered: false, statusCode: 500, errorMessage: "It answered 500." },
    });
  });

  test("are tried without being told how: a body may be empty, and is refused for what it holds", async () => {
    const stand = await openStand();
    const { id } = await make({ url: stand.url, events: ["EMAIL_SENT", "POST_LIKED"] });
    expect((await call("POST", `/${id}/test`, {})).status).toBe(200);
    expect(stand.visits).toHaveLength(1);
    expect(await call("POST", `/${id}/test`, { eventType: "POST_LIKED" })).toMatchObject({
      status: 422,
      body: { code: "invalid_request", errors: [{ pointer: "/eventType" }] },
    });
    expect(stand.visits).toHaveLength(1);
  });
});
