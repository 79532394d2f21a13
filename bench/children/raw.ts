import { importBuilt } from "../built.ts";
import { sharedNow, sleep } from "../clock.ts";
import { textOf } from "./events.ts";
import { answerParent } from "./remote.ts";

/** The limit: one process that does nothing but sign and post, with the hands of the gateway's sender. */
export type RawApi = typeof api;

export interface RawRun {
  posts: number;
  failed: number;
  perSecond: number;
  /** Processor time of a post, user and system. */
  cpuMicros: number;
}

const BODIES = 1_024;
const RAMP_MS = 1_000;
/** As an endpoint of the native dialect has it. */
const DEADLINE_MS = 15_000;

const { systemClock } =
  await importBuilt<typeof import("../../packages/server/src/runtime/clock.ts")>(
    "runtime/clock.js",
  );
const { createIds } =
  await importBuilt<typeof import("../../packages/server/src/runtime/ids.ts")>("runtime/ids.js");
const { publicId } =
  await importBuilt<typeof import("../../packages/server/src/core/ids.ts")>("core/ids.js");
const { createTimerWheel } =
  await importBuilt<typeof import("../../packages/server/src/runtime/timer-wheel.ts")>(
    "runtime/timer-wheel.js",
  );
const { parseAllowTargets } = await importBuilt<
  typeof import("../../packages/server/src/runtime/network/address-guard.ts")
>("runtime/network/address-guard.js");
const { createGuard } = await importBuilt<
  typeof import("../../packages/server/src/runtime/network/guard.ts")
>("runtime/network/guard.js");
const { createWebhookClient } = await importBuilt<
  typeof import("../../packages/server/src/runtime/webhooks/webhook-client.ts")
>("runtime/webhooks/webhook-client.js");
const { curlew } = await importBuilt<
  typeof import("../../packages/server/src/dialects/curlew/dialect.ts")
>("dialects/curlew/dialect.js");

const clock = systemClock();
const ids = createIds(clock);
const wheel = createTimerWheel({ clock });
wheel.start();
const guard = createGuard({ allow: parseAllowTargets(["127.0.0.0/8"]) });
const webhooks = createWebhookClient({ clock, wheel, guard });

const api = {
  /** Posts to this URL for so long, so many at a time on as many connections. */
  async run(o: {
    url: string;
    secret: string;
    bytes: number;
    connections: number;
    ms: number;
  }): Promise<RawRun> {
    const target = webhooks.open("raw", { url: o.url, maxConnections: o.connections });
    const secrets = [{ id: ids.next(), value: o.secret }];
    const bodies = Array.from({ length: BODIES }, () => bodyOf(o.bytes));
    let isRunning = true;
    let posts = 0;
    let failed = 0;

    async function post(): Promise<void> {
      for (let i = 0; isRunning; i++) {
        const body = bodies[i % BODIES] ?? "";
        const letter = { id: publicId("evt", ids.next()), type: "bench.posted", body, secrets };
        const timestampS = Math.floor(clock.now() / 1000);
        const sent = { timestampS, attempt: 1, replayed: false, options: {} };
        const headers = curlew.headers({ ...letter, ...sent });
        const result = await target.post({ headers, body, deadlineMs: DEADLINE_MS });
        if (result.kind === "response" && result.status === 200) posts++;
        else failed++;
      }
    }

    const posting = Array.from({ length: o.connections }, post);
    await sleep(RAMP_MS);
    const before = { posts, at: sharedNow(), cpu: process.cpuUsage() };
    await sleep(o.ms);
    const ms = sharedNow() - before.at;
    const cpu = process.cpuUsage(before.cpu);
    const done = posts - before.posts;
    isRunning = false;
    await Promise.all(posting);
    return {
      posts: done,
      failed,
      perSecond: (done * 1000) / ms,
      cpuMicros: (cpu.user + cpu.system) / done,
    };
  },
};

function bodyOf(bytes: number): string {
  const empty = JSON.stringify({ text: "" });
  return JSON.stringify({ text: textOf(bytes - empty.length) });
}

answerParent(api);
