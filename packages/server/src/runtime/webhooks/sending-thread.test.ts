import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { closedPort, httpServer, type Release, tcpServer } from "../fixtures/local-server.ts";
import { signal } from "../fixtures/signal.ts";
import { parseAllowTargets } from "../network/address-guard.ts";
import { createGuard } from "../network/guard.ts";
import { createTimerWheel } from "../timer-wheel.ts";
import type { ThreadOptions, ToThread } from "./sending-messages.ts";
import { createSendingThread } from "./sending-thread.ts";
import { createWebhookClient, type WebhookClient } from "./webhook-client.ts";
import type { PostRequest } from "./webhook-target.ts";

const LIMIT_MS = 60_000;
const clock = systemClock();
/** A thread does not run sources: what was built before the tests began. */
const BUILT = new URL("../../../dist/runtime/webhooks/sending-worker.js", import.meta.url);

/** A thread, and the client that it should be like. */
function both(release: Release, { allowTargets = ["127.0.0.0/8"], own = "", entry = BUILT } = {}) {
  const guard = createGuard({
    allow: parseAllowTargets(allowTargets),
    exempt: (url) => own !== "" && url.href === own,
  });
  const lines: string[] = [];
  const line = (_: object, message: string) => void lines.push(message);
  const logger = { debug: line, info: line, warn: line, error: line, child: () => logger };
  const threaded = createSendingThread({ clock, logger, guard, allowTargets, entry });
  release(() => threaded.close());
  const wheel = createTimerWheel({ clock });
  wheel.start();
  const here = createWebhookClient({ clock, wheel, guard });
  release(async () => {
    await here.close();
    wheel.stop();
  });
  return { threaded, here, lines };
}

const request = (more: Partial<PostRequest> = {}): PostRequest => ({
  headers: { "content-type": "application/json", "webhook-id": "msg_1" },
  body: '{"text":"grüße"}',
  deadlineMs: 10_000,
  ...more,
});
const open = (client: WebhookClient, url: string) =>
  client.open("endpoint", { url, maxConnections: 4 });

/** What does not depend on how long things took. */
function told(result: object): object {
  const { ms: _, firstByteMs: __, connection, ...others } = result as Record<string, unknown>;
  return { ...others, connects: connection !== null };
}

describe("a post by the sending thread", () => {
  test(
    "is answered, refused or lost as one by the process itself",
    async ({ onTestFinished }) => {
      const { threaded, here } = both(onTestFinished);
      const heard: string[] = [];
      const server = await httpServer(onTestFinished, (incoming, response) => {
        incoming.setEncoding("utf8").on("data", (text) => heard.push(text));
        incoming.on("end", () => {
          heard.push(`${incoming.url} ${incoming.headers["webhook-id"]}`);
          response.writeHead(429, { "Retry-After": "120", "Content-Type": "text/plain" });
          response.end("slow down");
        });
      });
      const cut = await tcpServer(onTestFinished, (socket) =>
        socket.once("data", () => socket.resetAndDestroy()),
      );
      const port = await closedPort();
      const cases: [string, Partial<PostRequest>][] = [
        [`${server.http}/hook?a=1`, {}],
        [`${server.http}/hook`, { path: "/elsewhere" }],
        [cut.http, {}],
        [`http://127.0.0.1:${port}/`, {}],
        ["http://10.0.0.1/", {}],
      ];
      for (const [url, more] of cases) {
        const expected = told(await open(here, url).post(request(more)));
        const asked = heard.splice(0);
        expect(told(await open(threaded, url).post(request(more)))).toEqual(expected);
        expect(heard.splice(0)).toEqual(asked);
      }
    },
    LIMIT_MS,
  );

  test(
    "ends at its deadline",
    async ({ onTestFinished }) => {
      const { threaded } = both(onTestFinished);
      const silent = await httpServer(onTestFinished, () => {});
      const result = await open(threaded, silent.http).post(request({ deadlineMs: 300 }));
      expect(result).toMatchObject({ kind: "failed", error: "timeout" });
    },
    LIMIT_MS,
  );

  test(
    "reaches an address of our own that is closed to everybody else's",
    async ({ onTestFinished }) => {
      const server = await httpServer(onTestFinished, (_, response) => response.end());
      const own = `${server.http}/catch/cat_1`;
      const { threaded } = both(onTestFinished, { allowTargets: [], own });
      expect(await open(threaded, own).post(request())).toMatchObject({ status: 200 });
      expect(await open(threaded, `${server.http}/other`).post(request())).toMatchObject({
        error: "blocked_address",
      });
    },
    LIMIT_MS,
  );

  test(
    "crosses over with all that is posted in the same turn, each to its own answer",
    async ({ onTestFinished }) => {
      const { threaded } = both(onTestFinished);
      const server = await httpServer(onTestFinished, (incoming, response) => {
        response.end(incoming.url);
      });
      const target = open(threaded, server.http);
      const paths = Array.from({ length: 100 }, (_, n) => `/${n}`);
      const results = await Promise.all(paths.map((path) => target.post(request({ path }))));
      expect(results.map((each) => each.kind === "response" && each.body)).toEqual(paths);
      expect(server.connections).toBe(4);
      expect(threaded.eventLoopUtilization().active, "and it tells how busy it is").toBeGreaterThan(
        0,
      );
    },
    LIMIT_MS,
  );
});

describe("the sending thread", () => {
  test(
    "says that it is there when it is asked, and has nothing else to say",
    async ({ onTestFinished }) => {
      const workerData = { allowTargets: [], proxy: null } satisfies ThreadOptions;
      const worker = new Worker(BUILT, { workerData });
      onTestFinished(async () => void (await worker.terminate()));
      expect(await once(worker, "message")).toEqual([{ kind: "ready" }]);
      worker.postMessage({ kind: "ask" } satisfies ToThread);
      expect(await once(worker, "message")).toEqual([{ kind: "here" }]);
    },
    LIMIT_MS,
  );

  test(
    "is handed no more at once than it begins, and all of it in the end",
    async ({ onTestFinished }) => {
      const counting = new URL("../fixtures/mortal-worker.mjs", import.meta.url);
      const { threaded } = both(onTestFinished, { entry: counting });
      const target = open(threaded, "http://127.0.0.1:1/");
      const posts = Array.from({ length: 1_000 }, () => target.post(request()));
      const handed = (await Promise.all(posts)).map((each) =>
        each.kind === "response" ? Number(each.headers.contentType) : Number.NaN,
      );
      expect(Math.max(...handed)).toBe(128);
    },
    LIMIT_MS,
  );

  test(
    "goes on while hundreds of posts wait for their answers",
    async ({ onTestFinished }) => {
      const { threaded } = both(onTestFinished);
      const held: ServerResponse[] = [];
      let isHolding = true;
      const slow = await httpServer(onTestFinished, (_, response) => {
        if (isHolding) held.push(response);
        else response.end();
      });
      const quick = await httpServer(onTestFinished, (_, response) => response.end());
      const hanging = open(threaded, slow.http);
      const waiting = Array.from({ length: 500 }, () => hanging.post(request()));
      expect(await open(threaded, quick.http).post(request())).toMatchObject({ status: 200 });
      isHolding = false;
      for (const response of held) response.end();
      for (const each of await Promise.all(waiting)) expect(each).toMatchObject({ status: 200 });
    },
    LIMIT_MS,
  );

  test(
    "lets what is under way finish when a target closes, and takes nothing more for it",
    async ({ onTestFinished }) => {
      const { threaded } = both(onTestFinished);
      const asked = signal();
      let finish = () => {};
      const server = await httpServer(onTestFinished, (_, response) => {
        finish = () => void response.end("done");
        asked.give();
      });
      const target = open(threaded, server.http);
      const underWay = target.post(request());
      await asked.seen;
      const closed = target.close();
      finish();
      expect(await underWay).toMatchObject({ status: 200, body: "done" });
      await closed;
      expect(await target.post(request())).toMatchObject({ kind: "failed", error: "closed" });
    },
    LIMIT_MS,
  );

  test(
    "is not started again once it was closed: it would keep the process alive",
    async ({ onTestFinished }) => {
      const { threaded, lines } = both(onTestFinished);
      const server = await httpServer(onTestFinished, (_, response) => response.end());
      const target = open(threaded, server.http);
      expect(await target.post(request())).toMatchObject({ status: 200 });
      await threaded.close();
      expect(await target.post(request())).toMatchObject({ kind: "failed", error: "closed" });
      await target.close();
      expect(lines).toEqual([]);
      expect(server.connections).toBe(1);
    },
    LIMIT_MS,
  );

  test(
    "fails what it had under way when it dies, and another one sends what comes next",
    async ({ onTestFinished }) => {
      const mortal = new URL("../fixtures/mortal-worker.mjs", import.meta.url);
      const { threaded, lines } = both(onTestFinished, { entry: mortal });
      const target = open(threaded, "http://127.0.0.1:1/");
      const lost = await Promise.all([
        target.post(request()),
        target.post(request({ body: "die" })),
        target.post(request()),
      ]);
      for (const each of lost) {
        expect(each).toMatchObject({ kind: "failed", error: "other", written: true });
      }
      expect(lines).toEqual(["the sending thread has ended"]);
      expect(await target.post(request())).toMatchObject({
        status: 200,
        body: "http://127.0.0.1:1/",
      });
    },
    LIMIT_MS,
  );
});
