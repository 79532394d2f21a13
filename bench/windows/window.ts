import { join } from "node:path";
import type { LoadApi } from "../children/load.ts";
import type { Child } from "../children/remote.ts";
import { sharedNow, sleep } from "../clock.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { cpuOf } from "../gateway/processes.ts";
import type { Receiver } from "../gateway/stage.ts";
import { compareRecords, type Ledger } from "./ledger.ts";

/** Processor seconds by process, for 1,000 deliveries. */
export interface Cost {
  gateway: number;
  database: number;
  load: number;
  receiver: number;
}

export interface Window {
  acceptedPerSecond: number;
  deliveriesPerSecond: number;
  /** How long it took after the load had ended until everything had arrived. */
  drainMs: number;
  cost: Cost;
  meanBodyBytes: number;
  /** Megabytes at the end of the window. */
  memory: { gateway: number | null; database: number | null };
  /** Requests that were not answered with 202, and what the last of them met. */
  troubles: number;
  lastTrouble: string | null;
  ledger: Ledger;
}

export interface Cast {
  gateway: Gateway;
  load: Child<LoadApi>;
  receiver: Receiver;
  fanOut: number;
  scratch: string;
}

const RAMP_MS = 1_500;
/** The first wait of the retry schedule is 5 s, and a scan for what was overlooked comes every 30 s. */
const STANDSTILL_MS = 40_000;
const POLL_MS = 50;

/** Loads the gateway for so long after a ramp, waits for everything to arrive, and compares. */
export async function measureWindow(
  cast: Cast,
  o: { ms: number; connections: number; perSecond: number | null },
): Promise<Window> {
  const { gateway, load, receiver } = cast;
  const before = (await receiver.ask.count()).total;
  await load.ask.start(o);
  await sleep(RAMP_MS);
  const from = await snapshot(cast);
  await sleep(o.ms);
  const to = await snapshot(cast);
  const memory = gateway.memory();
  const counts = await load.ask.stop();
  const stoppedAt = sharedNow();
  await drain(receiver, before + counts.accepted * cast.fanOut);
  const drainMs = sharedNow() - stoppedAt;
  const deliveries = to.received - from.received;
  const forEachThousand = (seconds: number) => (seconds * 1000) / deliveries;
  return {
    acceptedPerSecond: ((to.accepted - from.accepted) * 1000) / (to.acceptedAt - from.acceptedAt),
    deliveriesPerSecond: (deliveries * 1000) / (to.receivedAt - from.receivedAt),
    drainMs,
    cost: {
      gateway: forEachThousand(to.usage.gatewayCpu - from.usage.gatewayCpu),
      database: forEachThousand(to.usage.databaseCpu - from.usage.databaseCpu),
      load: forEachThousand(to.loadCpu - from.loadCpu),
      receiver: forEachThousand(to.receiverCpu - from.receiverCpu),
    },
    meanBodyBytes: (to.bodyBytes - from.bodyBytes) / deliveries,
    memory,
    troubles: counts.refused,
    lastTrouble: counts.lastTrouble,
    ledger: await compare(cast),
  };
}

async function snapshot({ gateway, load, receiver }: Cast) {
  const [published, received] = await Promise.all([load.ask.count(), receiver.ask.count()]);
  return {
    accepted: published.accepted,
    acceptedAt: published.at,
    received: received.total,
    receivedAt: received.at,
    bodyBytes: received.bodyBytes,
    usage: gateway.usage(),
    loadCpu: cpuOf(load.pid),
    receiverCpu: cpuOf(receiver.pid),
  };
}

/** Waits until the receiver has seen so many requests, or sees no more for longer than it should. */
async function drain(receiver: Receiver, expected: number): Promise<void> {
  let last = (await receiver.ask.count()).total;
  let movedAt = sharedNow();
  while (last < expected && sharedNow() - movedAt < STANDSTILL_MS) {
    await sleep(POLL_MS);
    const { total } = await receiver.ask.count();
    if (total > last) movedAt = sharedNow();
    last = total;
  }
  // What comes twice comes a little later.
  await sleep(POLL_MS);
}

async function compare({ load, receiver, fanOut, scratch }: Cast): Promise<Ledger> {
  const published = join(scratch, "published");
  const received = join(scratch, "received");
  await Promise.all([load.ask.flush(published), receiver.ask.flush(received)]);
  return compareRecords(published, received, fanOut);
}
