import { describe, expect, test } from "vitest";
import {
  type ClientOptions,
  CurlewAuthenticationError,
  CurlewClient,
  CurlewConflictError,
  CurlewConnectionError,
  CurlewError,
  CurlewNotFoundError,
  CurlewPermissionError,
  CurlewRateLimitError,
  CurlewRequestError,
  CurlewServerError,
} from "../src/index.ts";

interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
  redirect: string;
}

/** A client whose requests are answered one after the other, and what it sent. */
function stage(answers: readonly Response[], options: Partial<ClientOptions> = {}) {
  const sent: Sent[] = [];
  const left = [...answers];
  const answer: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const text = await request.text();
    sent.push({
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      body: text === "" ? null : JSON.parse(text),
      redirect: request.redirect,
    });
    return left.shift() ?? new Response(null, { status: 204 });
  };
  const client = new CurlewClient({
    baseUrl: "https://curlew.example/",
    apiKey: "ck_secret",
    maxRetries: 0,
    fetch: answer,
    ...options,
  });
  return { client, sent };
}

const json = (body: unknown, status = 200, headers = {}) =>
  Response.json(body, { status, headers });

async function rejection(promise: Promise<unknown>): Promise<CurlewError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (error instanceof CurlewError) return error;
  throw new Error("not refused");
}

describe("a file", () => {
  test("is brought as it is, under its name, and taken back", async () => {
    const asked: Request[] = [];
    const { client } = stage([], {
      fetch: async (input, init) => {
        const request = new Request(input, init);
        asked.push(request);
        return request.method === "POST" ? json({ id: "med_1" }, 201) : new Response(null);
      },
    });
    const bytes = new Uint8Array([0, 255, 1]);
    expect(await client.media.upload(bytes, { filename: "a b.bin" })).toEqual({ id: "med_1" });
    await client.media.upload(new Blob(["{}"], { type: "image/png" }));
    await client.media.delete("med_1");
    expect(
      asked.map(({ method, url, headers }) => [method, url, headers.get("content-type")]),
    ).toEqual([
      ["POST", "https://curlew.example/v1/media?filename=a+b.bin", "application/octet-stream"],
      ["POST", "https://curlew.example/v1/media", "image/png"],
      ["DELETE", "https://curlew.example/v1/media/med_1", null],
    ]);
    expect(new Uint8Array((await asked[0]?.arrayBuffer()) ?? [])).toEqual(bytes);
  });
});

describe("a channel and its templates", () => {
  test("are asked about", async () => {
    const { client, sent } = stage([
      json({ ok: true, checks: [] }),
      json({ data: [{ name: "hello" }], has_more: false, next_cursor: null }),
    ]);
    expect(await client.channels.check("ch_1")).toEqual({ ok: true, checks: [] });
    const names: string[] = [];
    for await (const { name } of client.templates.all({ channel_id: "ch_1", refresh: true })) {
      names.push(name);
    }
    expect(names).toEqual(["hello"]);
    expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST https://curlew.example/v1/channels/ch_1/check",
      "GET https://curlew.example/v1/templates?channel_id=ch_1&refresh=true",
    ]);
  });
});

describe("a call", () => {
  test("carries key, workspace and idempotency key, and gives the answer as it is", async () => {
    const answer = { id: "snd_1", status: "sent", duplicate: false };
    const { client, sent } = stage([json(answer)], {
      workspaceId: "ws_1",
      headers: { "x-a": "b" },
    });
    const body = { to_phone: "+16505551234", platform: "whatsapp" as const, text: "hello ü" };
    expect(await client.send(body, { idempotencyKey: "k1", respondAsync: true })).toEqual(answer);
    expect(sent).toMatchObject([
      {
        method: "POST",
        url: "https://curlew.example/v1/send",
        headers: {
          authorization: "Bearer ck_secret",
          "content-type": "application/json",
          "curlew-workspace": "ws_1",
          "idempotency-key": "k1",
          prefer: "respond-async",
          "x-a": "b",
        },
        body,
      },
    ]);
  });

  test.each<[string, (client: CurlewClient) => Promise<unknown>]>([
    [
      "GET /v1/endpoints?state=paused&limit=5",
      (c) => c.endpoints.list({ state: "paused", limit: 5 }),
    ],
    ["GET /v1/channels?troubled=true", (c) => c.channels.list({ troubled: true })],
    ["GET /v1/messages/a%2F..%3Fb", (c) => c.messages.get("a/..?b")],
    ["PATCH /v1/channels/ch_1", (c) => c.channels.update("ch_1", { name: "b" })],
  ])("goes to %s", async (expected, makeCall) => {
    const { client, sent } = stage([json({ data: [], has_more: false, next_cursor: null })]);
    await makeCall(client);
    const [request] = sent;
    expect(`${request?.method} ${request?.url.replace("https://curlew.example", "")}`).toBe(
      expected,
    );
    expect(request?.headers["content-type"] !== undefined).toBe(request?.body !== null);
  });

  test("follows no redirect: the key is for one server alone", async () => {
    const moved = new Response(null, { status: 301, headers: { location: "https://b.example/" } });
    const { client, sent } = stage([moved]);
    const error = await rejection(client.endpoints.get("ep_1"));
    expect(error).toMatchObject({ code: "unexpected_answer", status: 301 });
    expect(error.message).toContain("https://b.example/");
    expect(sent).toHaveLength(1);
  });

  test("asks for nothing that a worker's fetch does not know", async () => {
    const { client } = stage([], {
      fetch: async (_, init) => {
        const modes: unknown[] = ["follow", "manual", undefined];
        if (!modes.includes(init?.redirect)) throw new TypeError("Invalid redirect value");
        return json({ id: "ep_1" });
      },
    });
    expect(await client.endpoints.get("ep_1")).toEqual({ id: "ep_1" });
  });

  test("publishes many events at once", async () => {
    const data = [
      { id: "evt_1", duplicate: false },
      { id: "evt_0", duplicate: true },
    ];
    const { client, sent } = stage([json({ data })]);
    const drafts = [
      { type: "a.b", data: {} },
      { type: "a.c", data: {}, idempotency_key: "k" },
    ];
    expect(await client.events.publishMany(drafts)).toEqual(data);
    expect(sent[0]?.body).toMatchObject(drafts);
  });

  test("answers nothing where there is nothing to answer", async () => {
    const { client } = stage([new Response(null, { status: 204 })]);
    expect(await client.endpoints.delete("ep_1")).toBeUndefined();
  });

  test.each(["", ".", "..", undefined])("with %j for an id is never made", async (given) => {
    const { client, sent } = stage([]);
    const id = given as string; // as whoever writes no types has it
    await expect(client.endpoints.delete(id)).rejects.toThrow(TypeError);
    expect(sent).toEqual([]);
  });
});

describe("a client", () => {
  test.each([
    ["without a key", { apiKey: "" }, "apiKey is missing"],
    ["without an address", { baseUrl: "" }, "baseUrl is where Curlew is"],
    ["with half an address", { baseUrl: "curlew.example.com" }, "https://curlew.example.com"],
    ["with the API's own path", { baseUrl: "https://a.example/v1/" }, 'without /v1: "https://a.'],
  ])("%s is refused at once, in words", (_, options, words) => {
    const whole = { baseUrl: "https://a.example", apiKey: "k" };
    expect(() => new CurlewClient({ ...whole, ...options })).toThrow(words);
  });
});

describe("a list", () => {
  test("is read page by page, and no page more than was asked for", async () => {
    const page = (ids: string[], next: string | null) =>
      json({ data: ids.map((id) => ({ id })), has_more: next !== null, next_cursor: next });
    const answers = () => [page(["1", "2"], "c1"), page([], "c2"), page(["3"], null)];
    const { client, sent } = stage(answers());
    const ids: string[] = [];
    for await (const { id } of client.endpoints.all({ limit: 2 })) ids.push(id);
    expect(ids).toEqual(["1", "2", "3"]);
    expect(sent.map(({ url }) => new URL(url).search)).toEqual([
      "?limit=2",
      "?limit=2&cursor=c1",
      "?limit=2&cursor=c2",
    ]);
    const other = stage(answers());
    for await (const { id } of other.client.deliveries.all()) if (id === "2") break;
    expect(other.sent).toHaveLength(1);
  });
});

describe("a refusal", () => {
  const problem = {
    type: "/problems/invalid_request",
    title: "The request is not valid",
    status: 422,
    detail: "/url: is missing",
    code: "invalid_request",
    request_id: "req_1",
    errors: [{ pointer: "/url", detail: "is missing" }],
  };

  test("becomes an error with everything that the problem says", async () => {
    const { client } = stage([json(problem, 422, { "content-type": "application/problem+json" })]);
    const error = await rejection(client.endpoints.list());
    expect(error).toBeInstanceOf(CurlewRequestError);
    expect(error).toMatchObject({
      name: "CurlewRequestError",
      message: "/url: is missing",
      pointer: "/url",
      code: "invalid_request",
      status: 422,
      requestId: "req_1",
      errors: problem.errors,
      retryAfterS: null,
      problem,
    });
  });

  test.each([
    [400, CurlewRequestError],
    [401, CurlewAuthenticationError],
    [402, CurlewPermissionError],
    [403, CurlewPermissionError],
    [404, CurlewNotFoundError],
    [409, CurlewConflictError],
    [410, CurlewNotFoundError],
    [413, CurlewRequestError],
    [429, CurlewRateLimitError],
    [500, CurlewServerError],
    [503, CurlewServerError],
  ])("of status %i has its class", async (status, Refusal) => {
    const { client } = stage([json({ ...problem, status }, status)]);
    const error = await rejection(client.endpoints.list());
    expect(error).toBeInstanceOf(Refusal);
    expect(error.name).toBe(Refusal.name);
  });

  test("says how long to wait", async () => {
    const limited = json({ ...problem, code: "too_many_requests" }, 429, { "retry-after": "7" });
    const { client } = stage([limited]);
    expect(await rejection(client.endpoints.list())).toMatchObject({ status: 429, retryAfterS: 7 });
  });

  test.each([
    ["a page of HTML", new Response("<html>", { status: 502 }), 502],
    ["a list", json([], 500), 500],
    ["an object of another kind", json({ error: "x" }, 404), 404],
    ["a good status with a broken body", new Response("{", { status: 200 }), 200],
  ])("that is no problem document is told apart: %s", async (_, response, status) => {
    const { client } = stage([response]);
    const error = await rejection(client.endpoints.list());
    expect(error).toMatchObject({ code: "unexpected_answer", status });
  });

  test("is told from no answer at all, and never names the key", async () => {
    const base = { baseUrl: "http://127.0.0.1:9", maxRetries: 0 };
    const client = new CurlewClient({ ...base, apiKey: "ck_secret" });
    const error = await rejection(client.endpoints.list());
    expect(error).toBeInstanceOf(CurlewConnectionError);
    expect(error).toMatchObject({ code: "unreachable", status: null });
    expect(error.message).toContain("GET http://127.0.0.1:9/v1/endpoints: no answer (");
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.message).not.toContain("ck_secret");
  });

  test("of one's own by a signal keeps its reason", async () => {
    const client = new CurlewClient({ baseUrl: "http://127.0.0.1:9", apiKey: "ck_secret" });
    const signal = AbortSignal.abort(new Error("changed my mind"));
    await expect(client.endpoints.list({}, { signal })).rejects.toThrow("changed my mind");
  });
});
