import { expect, test } from "vitest";
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
