import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseAllowTargets } from "./address-guard.ts";
import { systemClock } from "./clock.ts";
import { httpServer } from "./fixtures/local-server.ts";
import { createGuard } from "./guard.ts";
import { createSendingClient } from "./sending-client.ts";
import { createTimerWheel } from "./timer-wheel.ts";
import { createWebhookClient } from "./webhook-client.ts";

const LIMIT_MS = 60_000;
const clock = systemClock();
const allowTargets = ["127.0.0.0/8"];
const request = { headers: { "webhook-id": "msg_1" }, body: "{}", deadlineMs: 10_000 };
const STILLBORN = new URL("./fixtures/stillborn-worker.mjs", import.meta.url);
const MORTAL = new URL("./fixtures/mortal-worker.mjs", import.meta.url);
const GONE = new URL("./fixtures/not-built.mjs", import.meta.url);

/** A client whose threads run that file, and what it logs. */
function sendingWith(entry: URL) {
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
  const client = createSendingClient({ clock, logger, guard, allowTargets, entry, here });
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
