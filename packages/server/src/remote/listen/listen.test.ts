import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { StreamAnswer, StreamWish } from "../../runtime/network/open-stream.ts";
import type { ProviderRequest, ProviderResult } from "../../runtime/network/provider-client.ts";
import { type ListenWish, listen } from "./listen.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const TAKEN: ProviderResult = { kind: "response", status: 204, headers: {}, body: "", ms: 7 };

/** A server whose streams are given one after the other; when there is no more, listening is stopped. */
function stage(
  answers: readonly (() => StreamAnswer)[],
  wish: Partial<ListenWish> = {},
  answerOf: (stop: () => void) => ProviderResult = () => TAKEN,
) {
  const clock = new ManualClock(systemClock().now());
  const stop = new AbortController();
  const left = [...answers];
  const asked: StreamWish[] = [];
  const posted: ProviderRequest[] = [];
  const said: string[] = [];
  const ended = listen(
    {
      ...{ server: "https://curlew.example", key: "ck_1", workspace: null, secret: SECRET },
      ...{ forwardTo: "http://127.0.0.1:3000/hooks", after: "now", filters: {}, asJson: false },
      ...wish,
    },
    {
      async open(request) {
        asked.push(request);
        const next = left.shift();
        if (next) return next();
        stop.abort();
        throw new Error("stopped");
      },
      async post(request) {
        posted.push(request);
        return answerOf(() => stop.abort());
      },
      clock,
      print: (text) => said.push(text),
      complain: (text) => said.push(`! ${text}`),
      signal: stop.signal,
    },
  );
  return { clock, asked, posted, said, ended };
}

const stream = (...texts: string[]) => ({ status: 200, chunks: chunksOf(texts) });
const event = (id: string, data: object = {}) =>
  `id: evt_${id}\nevent: order.shipped\ndata: ${JSON.stringify({ id: `evt_${id}`, ...data })}\n\n`;

async function* chunksOf(texts: readonly string[]) {
  for (const text of texts) yield new TextEncoder().encode(text);
}

const away = (): StreamAnswer => {
  throw Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
};
const line = (id: string, outcome: string) =>
  expect.stringMatching(new RegExp(`  order\\.shipped  evt_${id}  → ${outcome} \\(7 ms\\)$`));

describe("listening", () => {
  test("posts each event to the byte, signed as a webhook is", async () => {
    const { clock, asked, posted, said, ended } = stage(
      [() => stream(event("1", { text: "5 €" }))],
      {
        filters: { type: "order.*", channel: "sms" },
        workspace: "ws_1",
      },
    );
    await clock.whenSleeping();
    await clock.advance(1_000);
    expect(await ended).toBe(0);
    expect(asked[0]).toMatchObject({
      url: "https://curlew.example/v1/stream?type=order.*&channel=sms&after=now",
      headers: { authorization: "Bearer ck_1", "curlew-workspace": "ws_1" },
    });
    const [request] = posted;
    expect(request?.body).toBe('{"id":"evt_1","text":"5 €"}');
    expect(request?.headers).toMatchObject({
      "webhook-id": "evt_1",
      "webhook-event": "order.shipped",
      "content-type": "application/json",
    });
    new Webhook(SECRET).verify(String(request?.body), request?.headers ?? {});
    expect(said[0]).toBe(
      "Listening to https://curlew.example; events go to http://127.0.0.1:3000/hooks. Ctrl-C ends it.\n" +
        `They are signed with ${SECRET}`,
    );
    expect(said[1]).toMatch(/^\d\d:\d\d:\d\d {2}order\.shipped {2}evt_1 {2}→ 204 \(7 ms\)$/);
    expect(said.at(-1)).toBe("Stopped. --after evt_1 goes on here.");
  });

  test("goes on after the last event when the connection is lost, and says so once", async () => {
    const { clock, asked, posted, said, ended } = stage([
      () => stream(event("1"), event("2"), "id: evt_3\n\n", 'id: evt_4\nevent: x.y\ndata: {"half'),
      away,
      away,
      () => stream(event("5")),
    ]);
    for (const wait of [1_000, 2_000, 4_000, 1_000]) {
      await clock.whenSleeping();
      await clock.advance(wait);
    }
    expect(await ended).toBe(0);
    expect(asked.map(({ url }) => new URL(url).searchParams.get("after"))).toEqual([
      ...["now", "evt_3", "evt_3", "evt_3", "evt_5"],
    ]);
    expect(posted.map(({ headers }) => headers["webhook-id"])).toEqual(["evt_1", "evt_2", "evt_5"]);
    expect(said.filter((line) => line.startsWith("!"))).toEqual([
      "! Curlew at https://curlew.example does not answer (ECONNREFUSED): trying again.",
    ]);
    expect(said.filter((each) => each === "Curlew is back.")).toHaveLength(1);
  });

  test("ends with the server's own words when it refuses", async () => {
    const problem = JSON.stringify({ detail: "This needs a key with the scope events:read." });
    const { said, ended } = stage([() => ({ status: 403, chunks: chunksOf([problem]) })]);
    expect(await ended).toBe(1);
    expect(said).toEqual(["! Curlew refuses: This needs a key with the scope events:read."]);
  });

  test("says which variable it would have a key from when the server knows none", async () => {
    const { said, ended } = stage([() => ({ status: 401, chunks: chunksOf(['{"detail":"no"}']) })]);
    expect(await ended).toBe(1);
    expect(said[0]).toContain("CURLEW_API_KEY");
  });

  test("shows how a refusal of the local server begins, and goes on with the next event", async () => {
    const body = '{"error":"boom"}\n    at line 1';
    const { clock, said, ended } = stage([() => stream(event("1"), event("2"))], {}, () => ({
      ...TAKEN,
      status: 500,
      body,
    }));
    await clock.whenSleeping();
    await clock.advance(1_000);
    await ended;
    expect(said.slice(1, 5)).toEqual([
      ...[line("1", "500"), '          {"error":"boom"}', line("2", "500")],
      '          {"error":"boom"}',
    ]);
  });

  test("takes up again what it was stopped in the middle of", async () => {
    const { posted, said, ended } = stage([() => stream(event("1"), event("2"))], {}, (stop) => {
      if (posted.length === 1) return TAKEN;
      stop();
      const lost = { kind: "failed", error: "closed", detail: "it was given up" } as const;
      return { ...lost, ms: 3, written: true, connection: null };
    });
    expect(await ended).toBe(0);
    expect(posted).toHaveLength(2);
    expect(said.slice(1)).toEqual([line("1", "204"), "Stopped. --after evt_1 goes on here."]);
  });

  test("gives programs nothing but events", async () => {
    const { clock, said, ended } = stage([() => stream(event("1"))], { asJson: true });
    await clock.whenSleeping();
    await clock.advance(1_000);
    await ended;
    expect(said.filter((each) => !each.startsWith("! "))).toEqual(['{"id":"evt_1"}']);
    expect(said.filter((each) => each.startsWith("! "))).toHaveLength(3);
  });

  test("says so when something else answers there", async () => {
    const { said, ended } = stage([() => ({ status: 404, chunks: chunksOf(["<html>"]) })]);
    expect(await ended).toBe(1);
    expect(said).toEqual([
      "! What answers there is not Curlew, or something in front of it: HTTP 404.",
    ]);
  });

  test("only shows events where nobody wants them posted", async () => {
    const { clock, posted, said, ended } = stage([() => stream(event("1"))], { forwardTo: null });
    await clock.whenSleeping();
    await clock.advance(1_000);
    await ended;
    expect(posted).toEqual([]);
    expect(said[0]).toBe("Listening to https://curlew.example. Ctrl-C ends it.");
    expect(said[1]).toMatch(/ {2}order\.shipped {2}evt_1$/);
  });
});
