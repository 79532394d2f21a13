import { expect, test } from "vitest";
import { errorOf } from "../src/calls/curlew-error.ts";
import { followStream } from "../src/calls/stream.ts";
import { CurlewClient } from "../src/index.ts";

/** A server that answers each request with the next of these, and what it was asked. */
function stage(answers: readonly (() => Response)[]) {
  const asked: { url: string; lastEventId: string | null }[] = [];
  const left = [...answers];
  const client = new CurlewClient({
    baseUrl: "https://curlew.example",
    apiKey: "ck_secret",
    fetch: async (input, init) => {
      const { url, headers } = new Request(input, init);
      asked.push({ url, lastEventId: headers.get("last-event-id") });
      const next = left.shift();
      if (!next) throw new TypeError("nothing answers");
      return next();
    },
  });
  return { client, asked };
}

const stream =
  (...pieces: string[]) =>
  () =>
    new Response(
      new ReadableStream({
        start(controller) {
          for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
          controller.close();
        },
      }),
    );
const frame = (id: string) => `id: ${id}\nevent: order.shipped\ndata: {"id":"${id}"}\n\n`;

test("following gives each event, however the stream is cut into pieces, and goes on after the last", async () => {
  const { client, asked } = stage([
    stream("retry: 1\nid: evt_0\n\n", frame("evt_1").slice(0, 20), frame("evt_1").slice(20)),
    stream(": heartbeat\nid: evt_5\n\n"),
    stream(frame("evt_6")),
  ]);
  const seen: string[] = [];
  const over = new AbortController();
  for await (const event of client.events.follow({ type: "order.*" }, { signal: over.signal })) {
    seen.push(event.id);
    if (event.id === "evt_6") over.abort();
  }
  expect(seen).toEqual(["evt_1", "evt_6"]);
  expect(asked.map(({ lastEventId }) => lastEventId)).toEqual([null, "evt_1", "evt_5"]);
  expect(asked[0]?.url).toBe("https://curlew.example/v1/stream?type=order.*");
});

test("following rejects where the server refuses, and does not ask again", async () => {
  const problem = { code: "cursor_expired", detail: "gone", status: 410 };
  const { client, asked } = stage([() => Response.json(problem, { status: 410 })]);
  const events = client.events.follow({ after: "evt_1" });
  await expect(events.next()).rejects.toMatchObject({ code: "cursor_expired", status: 410 });
  expect(asked).toHaveLength(1);
});

test("following comes back to a line that has fallen silent, after the last event", async () => {
  const asked: (string | null)[] = [];
  const over = new AbortController();
  const silent = new Response(
    new ReadableStream({ start: (to) => to.enqueue(new TextEncoder().encode(frame("evt_1"))) }),
  );
  const open = async (lastEventId: string | null, signal: AbortSignal) => {
    asked.push(lastEventId);
    if (asked.length > 1) return stream(frame("evt_2"))();
    const body = silent.body?.pipeThrough(new TransformStream(), { signal });
    return new Response(body);
  };
  const means = { pause: async () => {}, silentMs: 5 };
  const seen: string[] = [];
  for await (const { id } of followStream(open, over.signal, means)) {
    seen.push(id);
    if (id === "evt_2") over.abort();
  }
  expect(seen).toEqual(["evt_1", "evt_2"]);
  expect(asked).toEqual([null, "evt_1"]);
});

test("following waits as long as the server says when it is too much for it", async () => {
  const waits: number[] = [];
  const over = new AbortController();
  const refusals = [429, 503, 503];
  const open = async () => {
    const status = refusals.shift();
    if (status === undefined) return stream(frame("evt_1"))();
    const headers = { "retry-after": status === 429 ? "7" : "1" };
    throw await errorOf(Response.json({ code: "x" }, { status, headers }));
  };
  const means = { pause: async (ms: number) => void waits.push(ms), silentMs: 1_000 };
  for await (const _ of followStream(open, over.signal, means)) over.abort();
  expect(waits.slice(0, 3)).toEqual([7_000, 2_000, 4_000]);
});

test("following ends with the event at which it is aborted, whatever has come with it", async () => {
  const { client } = stage([stream(frame("evt_1") + frame("evt_2"))]);
  const over = new AbortController();
  const seen: string[] = [];
  for await (const { id } of client.events.follow({}, { signal: over.signal })) {
    seen.push(id);
    over.abort();
  }
  expect(seen).toEqual(["evt_1"]);
});
