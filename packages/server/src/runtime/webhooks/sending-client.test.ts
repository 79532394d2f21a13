import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { systemClock } from "../clock.ts";
import { httpServer } from "../fixtures/local-server.ts";
import { parseAllowTargets } from "../network/address-guard.ts";
import { createGuard } from "../network/guard.ts";
import { createTimerWheel } from "../timer-wheel.ts";
import { createSendingClient } from "./sending-client.ts";
import { createWebhookClient } from "./webhook-client.ts";

const LIMIT_MS = 60_000;
const AN_HOUR_MS = 3_600_000;
const clock = systemClock();
const allowTargets = ["127.0.0.0/8"];
const request = { headers: { "webhook-id": "msg_1" }, body: "{}", deadlineMs: 10_000 };
const STILLBORN = new URL("../fixtures/stillborn-worker.mjs", import.meta.url);
const MORTAL = new URL("../fixtures/mortal-worker.mjs", import.meta.url);
const HANGING = new URL("../fixtures/hanging-worker.mjs", import.meta.url);
const GONE = new URL("../fixtures/not-built.mjs", import.meta.url);
/** Node throws at once, as where there is no memory for a thread. */
const IMPOSSIBLE = new URL("http://127.0.0.1/worker.mjs");

/** A client whose threads run that file, and what it logs. */
function sendingWith(entry: URL, threadClock: Pick<Clock, "monotonic" | "sleep"> = clock) {
  const guard = createGuard({ allow: parseAllowTargets(allowTargets), exempt: () => false });
  const wheel = createTimerWheel({ clock });
  wheel.start();
  const here = createWebhookClient({ clock, wheel, guard });
  onTestFinished(async () => {
    await here.close();
    wheel.stop();
  });
  const lines: string[] = [];
  const line = (_: object, message: string) => void lines.push(message);
  const logger = { debug: line, info: line, warn: line, error: line, child: () => logger };
  const deps = { logger, guard, allowTargets, entry, here };
  const client = createSendingClient({ ...deps, clock: threadClock });
  onTestFinished(() => client.close());
  return { client, lines };
}

/** A file for threads of which the first ones break down while they are loaded. */
function recovering(stillborn: number): URL {
  const directory = mkdtempSync(join(tmpdir(), "curlew-thread-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const count = JSON.stringify(join(directory, "count"));
  const file = join(directory, "worker.mjs");
  writeFileSync(
    file,
    `import { appendFileSync, statSync } from "node:fs";
    appendFileSync(${count}, ".");
    if (statSync(${count}).size <= ${stillborn}) throw new Error("not yet");
    await import(${JSON.stringify(MORTAL.href)});`,
  );
  return pathToFileURL(file);
}

const GIVEN_UP = /^no sending thread starts/;

describe("where the sending thread does not start", () => {
  test.each([
    ["it breaks down while it is loaded", STILLBORN],
    ["it was not built", GONE],
    ["none can be made", IMPOSSIBLE],
  ])(
    "every post leaves from the process, once, and that is said once: %s",
    async (_, entry) => {
      const { client, lines } = sendingWith(entry);
      const heard: string[] = [];
      const server = await httpServer(onTestFinished, (incoming, response) => {
        heard.push(incoming.url ?? "");
        response.end();
      });
      const target = client.open("endpoint", { url: server.http, maxConnections: 4 });
      const paths = Array.from({ length: 20 }, (__, n) => `/${n}`);
      const results = await Promise.all(paths.map((path) => target.post({ ...request, path })));
      expect(results.filter((each) => each.kind === "failed")).toEqual([]);
      expect(heard.toSorted()).toEqual(paths.toSorted());
      expect(client.isWithoutThread).toBe(true);

      const other = client.open("another", { url: server.http, maxConnections: 4 });
      expect(await other.post(request)).toMatchObject({ status: 200 });
      expect(lines.filter((each) => GIVEN_UP.test(each))).toHaveLength(1);
      expect(lines.filter((each) => /has ended/.test(each))).toHaveLength(3);
    },
    LIMIT_MS,
  );

  test(
    "nor gets ready in time, every post leaves from the process, with all its time",
    async () => {
      const threadClock = new ManualClock();
      const { client, lines } = sendingWith(HANGING, threadClock);
      const server = await httpServer(onTestFinished, (__, response) => response.end());
      const target = client.open("endpoint", { url: server.http, maxConnections: 4 });
      const posting = target.post(request);
      for (let life = 1; life <= 3; life++) {
        expect(client.isWithoutThread).toBe(false);
        await threadClock.whenSleeping();
        await threadClock.advance(10_000);
      }
      expect(await posting).toMatchObject({ status: 200 });
      expect(client.isWithoutThread).toBe(true);
      expect(lines.filter((each) => /does not get ready/.test(each))).toHaveLength(3);
    },
    LIMIT_MS,
  );

  test(
    "and hangs, a stop does not wait for it",
    async () => {
      const { client } = sendingWith(HANGING, new ManualClock());
      const target = client.open("endpoint", { url: "http://127.0.0.1:1/", maxConnections: 4 });
      const posting = target.post(request);
      await client.close();
      expect(await posting).toMatchObject({ kind: "failed", error: "closed", written: false });
    },
    LIMIT_MS,
  );

  test(
    "a closed target takes nothing more",
    async () => {
      const { client } = sendingWith(STILLBORN);
      const server = await httpServer(onTestFinished, (__, response) => response.end());
      const target = client.open("endpoint", { url: server.http, maxConnections: 4 });
      expect(await target.post(request)).toMatchObject({ status: 200 });
      await target.close();
      expect(await target.post(request)).toMatchObject({ kind: "failed", error: "closed" });
      expect(server.connections).toBe(1);
    },
    LIMIT_MS,
  );
});

test(
  "a thread that starts at the third go sends what its forerunners were given",
  async () => {
    const { client, lines } = sendingWith(recovering(2));
    const target = client.open("endpoint", { url: "http://127.0.0.1:1/", maxConnections: 4 });
    const results = await Promise.all([target.post(request), target.post(request)]);
    for (const each of results) expect(each).toMatchObject({ status: 200 });
    expect(client.isWithoutThread).toBe(false);
    expect(lines.filter((each) => GIVEN_UP.test(each))).toEqual([]);
  },
  LIMIT_MS,
);

test(
  "a thread that was ready and dies is followed by another, however often: what it had may have left",
  async () => {
    const { client, lines } = sendingWith(MORTAL);
    const target = client.open("endpoint", { url: "http://127.0.0.1:1/", maxConnections: 4 });
    for (let life = 1; life <= 4; life++) {
      const lost = await target.post({ ...request, body: "die" });
      expect(lost).toMatchObject({ kind: "failed", error: "other", written: true });
    }
    expect(await target.post(request)).toMatchObject({ status: 200 });
    expect(client.isWithoutThread).toBe(false);
    expect(lines).toEqual(Array(4).fill("the sending thread has ended"));
  },
  LIMIT_MS,
);

describe("a thread that was ready", () => {
  test(
    "and gets stuck is ended: what it had may have left, the next one sends the rest",
    async () => {
      const threadClock = new ManualClock();
      const { client, lines } = sendingWith(MORTAL, threadClock);
      const target = client.open("endpoint", { url: "http://127.0.0.1:1/", maxConnections: 4 });
      expect(await target.post(request)).toMatchObject({ status: 200 });
      const lost = Array.from({ length: 128 }, () => target.post({ ...request, body: "hang" }));
      const waiting = target.post(request);
      await threadClock.advance(25_000);
      for (const each of await Promise.all(lost)) {
        expect(each).toMatchObject({ kind: "failed", error: "other", written: true });
      }
      expect(await waiting).toMatchObject({ status: 200 });
      expect(client.isWithoutThread).toBe(false);
      expect(lines).toEqual(["the sending thread is stuck", "the sending thread has ended"]);
    },
    LIMIT_MS,
  );

  test(
    "is not taken for stuck because the whole process stood still",
    async () => {
      let now = 0;
      const sleepers: (() => void)[] = [];
      const { client, lines } = sendingWith(MORTAL, {
        monotonic: () => now,
        sleep: () => new Promise((wake) => sleepers.push(wake)),
      });
      const target = client.open("endpoint", { url: "http://127.0.0.1:1/", maxConnections: 4 });
      for (let stop = 0; stop < 50; stop++) {
        expect(await target.post(request)).toMatchObject({ status: 200 });
        // Twice, before anything that the thread has said can be heard.
        for (const wakes of ["before it", "after it"]) {
          expect(sleepers, wakes).not.toEqual([]);
          now += AN_HOUR_MS;
          for (const wake of sleepers.splice(0)) wake();
          await Promise.resolve();
        }
      }
      expect(lines).toEqual([]);
    },
    LIMIT_MS,
  );
});

test(
  "what still waits for its turn when a thread dies is sent by the next one",
  async () => {
    const { client } = sendingWith(MORTAL);
    const target = client.open("endpoint", { url: "http://127.0.0.1:1/", maxConnections: 4 });
    expect(await target.post(request)).toMatchObject({ status: 200 });
    const handedOver = Array.from({ length: 128 }, () => target.post({ ...request, body: "die" }));
    const waiting = Array.from({ length: 20 }, () => target.post(request));
    for (const each of await Promise.all(handedOver)) {
      expect(each, "it may have left").toMatchObject({ kind: "failed", written: true });
    }
    for (const each of await Promise.all(waiting)) expect(each).toMatchObject({ status: 200 });
  },
  LIMIT_MS,
);
