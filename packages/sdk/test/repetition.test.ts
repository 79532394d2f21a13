import { describe, expect, test } from "vitest";
import { type ClientOptions, createTransport } from "../src/calls/transport.ts";
import { CurlewClient, CurlewError, CurlewTimeoutError } from "../src/index.ts";

type Answer = Response | Error;

const problem = (status: number, code: string, headers = {}) =>
  Response.json({ code, detail: `It is ${code}.` }, { status, headers });
const busy = () => problem(503, "unavailable");
const lost = () => new TypeError("fetch failed");

/** A transport whose requests are answered one after the other; what it sent, and how long it waited. */
function stage(answers: readonly Answer[], options: Partial<ClientOptions> = {}) {
  const left = [...answers];
  const sent: (string | null)[] = [];
  const waits: number[] = [];
  const call = createTransport(
    {
      ...{ baseUrl: "https://curlew.example", apiKey: "ck_secret", ...options },
      async fetch(input, init) {
        sent.push(new Request(input, init).headers.get("idempotency-key"));
        const next = left.shift() ?? Response.json({ id: "x" });
        if (next instanceof Error) throw next;
        return next;
      },
    },
    { pause: async (ms) => void waits.push(ms), chance: () => 0 },
  );
  return { call, sent, waits };
}

const get = { method: "GET", path: ["endpoints"] } as const;
const post = { method: "POST", path: ["endpoints"], body: {} } as const;

describe("a request is made again", () => {
  test.each<[string, Answer]>([
    ["no answer came", lost()],
    ["the server failed", problem(500, "internal")],
    ["the server is not ready", busy()],
    ["something in front of it does not reach it", new Response("<html>", { status: 502 })],
    ["it was one too many", problem(429, "too_many_requests")],
  ])("when %s, and the answer is that of the last one", async (_, failure) => {
    const { call, sent, waits } = stage([failure]);
    expect(await call(get)).toEqual({ id: "x" });
    expect(sent).toHaveLength(2);
    expect(waits).toEqual([375]);
  });

  test("twice, each time after a longer wait, and then the last failure is told", async () => {
    const { call, sent, waits } = stage([lost(), busy(), lost(), busy()]);
    await expect(call(get)).rejects.toMatchObject({ code: "unreachable" });
    expect(sent).toHaveLength(3);
    expect(waits).toEqual([375, 750]);
  });

  test("as often as the client, or the call, says", async () => {
    const never = stage([busy()], { maxRetries: 0 });
    await expect(never.call(get)).rejects.toBeInstanceOf(CurlewError);
    expect(never.sent).toHaveLength(1);
    const often = stage([busy(), busy(), busy(), busy()], { maxRetries: 0 });
    await often.call({ ...get, options: { maxRetries: 4 } });
    expect(often.sent).toHaveLength(5);
  });

  test("when the server says, unless that is more than a minute away", async () => {
    const limited = (s: number) => problem(429, "too_many_requests", { "retry-after": `${s}` });
    const soon = stage([limited(7)]);
    await soon.call(post);
    expect(soon.waits).toEqual([7_000]);
    const late = stage([limited(61)]);
    await expect(late.call(get)).rejects.toMatchObject({ retryAfterS: 61 });
    expect(late.waits).toEqual([]);
  });

  test("under the same key where it must not be done twice", async () => {
    const running = problem(409, "idempotency_in_progress", { "retry-after": "1" });
    const { call, sent, waits } = stage([lost(), running]);
    await call({ ...post, idempotencyKey: "k1" });
    expect(sent).toEqual(["k1", "k1", "k1"]);
    expect(waits).toEqual([375, 1_000]);
  });

  test("until what is to be deleted is not there any more", async () => {
    const gone = () => problem(404, "not_found");
    const { call } = stage([lost(), gone()]);
    const remove = { method: "DELETE", path: ["endpoints", "ep_1"] } as const;
    expect(await call(remove)).toBeUndefined();
    await expect(stage([gone()]).call(remove)).rejects.toMatchObject({ status: 404 });
    const limited = stage([problem(429, "too_many_requests"), gone()]);
    await expect(limited.call(remove)).rejects.toMatchObject({ status: 404 });
  });
});

describe("a request is not made again", () => {
  test.each<[string, Answer]>([
    ["was lost", lost()],
    ["failed", problem(500, "internal")],
    ["may have been done", busy()],
  ])("when it %s, and once more would do it twice", async (_, failure) => {
    const { call, sent } = stage([failure]);
    await expect(call(post)).rejects.toBeInstanceOf(CurlewError);
    expect(sent).toEqual([null]);
  });

  test.each([
    [401, "unauthorized"],
    [404, "not_found"],
    [409, "conflict"],
    [422, "invalid_request"],
    [501, "internal"],
  ])("when it was refused with %i", async (status, code) => {
    const { call, sent } = stage([problem(status, code)]);
    await expect(call(get)).rejects.toMatchObject({ status, code });
    expect(sent).toHaveLength(1);
  });

  test("once it is aborted, and the reason is the caller's", async () => {
    const stop = new AbortController();
    const { call, sent } = stage([busy(), busy()], {});
    const waiting = createTransport(
      { baseUrl: "https://curlew.example", apiKey: "k", fetch: async () => busy() },
      { pause: async () => stop.abort(new Error("changed my mind")), chance: () => 0 },
    );
    const options = { signal: stop.signal };
    await expect(waiting({ ...get, options })).rejects.toThrow("changed my mind");
    await expect(call({ ...get, options })).rejects.toThrow("changed my mind");
    expect(sent.length).toBeLessThanOrEqual(1);
  });
});

describe("an answer that does not come", () => {
  /** Answers nothing until it is aborted. */
  const silent: typeof fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
    });

  test("is not waited for longer than the client, or the call, says", async () => {
    const base = { baseUrl: "https://curlew.example", apiKey: "k", maxRetries: 0, fetch: silent };
    const client = new CurlewClient({ ...base, timeoutMs: 5 });
    const error: unknown = await client.endpoints.list().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CurlewTimeoutError);
    expect(error).toMatchObject({ code: "timeout", status: null });
    expect(String(error)).toContain(
      "GET https://curlew.example/v1/endpoints: no answer within 5 ms",
    );
    const patient = new CurlewClient(base);
    const short = patient.endpoints.list({}, { timeoutMs: 5 });
    await expect(short).rejects.toBeInstanceOf(CurlewTimeoutError);
  });

  test("is not waited for when its body stops half-way", async () => {
    const half = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"id":')),
    });
    const client = new CurlewClient({
      ...{ baseUrl: "https://curlew.example", apiKey: "k", maxRetries: 0, timeoutMs: 5 },
      async fetch(_, init) {
        const signal = init?.signal ? { signal: init.signal } : {};
        return new Response(half.pipeThrough(new TransformStream(), signal));
      },
    });
    await expect(client.server()).rejects.toBeInstanceOf(CurlewTimeoutError);
  });

  test("and a body that breaks off are no answer", async () => {
    const broken = new ReadableStream({ start: (to) => to.error(new Error("reset")) });
    const { call, sent } = stage([new Response(broken)]);
    expect(await call(get)).toEqual({ id: "x" });
    expect(sent).toHaveLength(2);
  });
});

describe("what must not be done twice", () => {
  const keysOf = async (ask: (client: CurlewClient) => Promise<unknown>) => {
    const keys: (string | null)[] = [];
    const bodies: string[] = [];
    const client = new CurlewClient({
      ...{ baseUrl: "https://curlew.example", apiKey: "k" },
      async fetch(input, init) {
        const request = new Request(input, init);
        keys.push(request.headers.get("idempotency-key"));
        bodies.push(await request.text());
        return keys.length === 1
          ? problem(503, "unavailable", { "retry-after": "0" })
          : Response.json({ id: "x", data: [] });
      },
    });
    await ask(client);
    expect(bodies).toEqual([bodies[0], bodies[0]]);
    return { keys, body: JSON.parse(bodies[0] ?? "") };
  };
  const message = { to_phone: "+16505551234", text: "hello" };
  const event = { type: "order.shipped", data: {} };

  test("carries a key of its own over all its tries", async () => {
    for (const ask of [
      (c: CurlewClient) => c.send(message),
      (c: CurlewClient) => c.events.publish(event),
    ]) {
      const { keys } = await keysOf(ask);
      expect(keys[0]).toMatch(/^sdk_[0-9a-f]{32}$/);
      expect(keys[1]).toBe(keys[0]);
    }
  });

  test("carries the caller's where there is one", async () => {
    const { keys } = await keysOf((c) => c.send(message, { idempotencyKey: "k1" }));
    expect(keys).toEqual(["k1", "k1"]);
    const inBody = await keysOf((c) => c.events.publish({ ...event, idempotency_key: "k2" }));
    expect(inBody.keys).toEqual(["k2", "k2"]);
  });

  test("carries one for each of many events", async () => {
    const events = [event, { ...event, idempotency_key: "k3" }];
    const { keys, body } = await keysOf((c) => c.events.publishMany(events));
    expect(keys).toEqual([null, null]);
    expect(body[0].idempotency_key).toMatch(/^sdk_/);
    expect(body[1].idempotency_key).toBe("k3");
  });
});
