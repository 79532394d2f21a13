import { join } from "node:path";
import type { LoadApi } from "../children/load.ts";
import type { Child } from "../children/remote.ts";
import { sharedNow, sleep } from "../clock.ts";
import { type Spread, spreadOf } from "../figures/statistics.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { Receiver } from "../gateway/stage.ts";
import type { Options } from "../options.ts";
import { answerTimesOf, countWatched, latenciesOf } from "./latency.ts";

/** What an evenly spaced load saw. */
export interface Calm {
  /** From the request to its answer, and to the webhook received, ms. */
  answer: Spread;
  fromRequest: Spread;
  /** Accepted, and not received when nothing came any more. */
  missing: number;
  /** Processor seconds a second, of the gateway and of PostgreSQL. */
  cpu: number;
  /** Not accepted, and what the last of them met. */
  troubles: number;
  lastTrouble: string | null;
}

const RAMP_MS = 2_000;
const STANDSTILL_MS = 5_000;
const POLL_MS = 50;
/** Opened as they are needed beyond these. */
const CONNECTIONS = 16;

/** Accepted requests a second when nothing holds the load back. */
export async function findReach(load: Child<LoadApi>, options: Options): Promise<number> {
  await load.ask.start({ connections: options.connections, perSecond: null });
  await sleep(RAMP_MS);
  const from = await load.ask.count();
  await sleep(options.warmUpSeconds * 1000);
  const to = await load.ask.count();
  await load.ask.stop();
  return ((to.accepted - from.accepted) * 1000) / (to.at - from.at);
}

/**
 * Publishes evenly for so long after a ramp, and sees what the endpoints of the first groups get: each
 * of these groups has one, of the same number. The receiver must be recording.
 */
export async function measureCalm(
  cast: { gateway: Gateway; load: Child<LoadApi>; receiver: Receiver; scratch: string },
  o: { ms: number; perSecond: number; groups: number },
): Promise<Calm> {
  const { receiver, scratch } = cast;
  await receiver.ask.forget();
  const before = await receivedBy(receiver, o.groups);
  const { from, counts, path, cpu } = await pace(cast, o, join(scratch, "published"));
  await arrive(receiver, o.groups, before + countWatched(path, o.groups));
  const received = join(scratch, "received");
  await receiver.ask.flush(received);
  return {
    answer: answerTimesOf(path, from),
    ...latenciesOf(path, received, { groups: o.groups, from }),
    cpu,
    troubles: counts.refused,
    lastTrouble: counts.lastTrouble,
  };
}

/** The same of a load whose answers alone are looked at. */
export async function measureAnswers(
  cast: { gateway: Gateway; load: Child<LoadApi>; scratch: string },
  o: { ms: number; perSecond: number },
): Promise<Calm> {
  const { from, counts, path, cpu } = await pace(cast, o, join(cast.scratch, "answered"));
  return {
    answer: answerTimesOf(path, from),
    fromRequest: spreadOf(new Float64Array(0)),
    missing: 0,
    cpu,
    troubles: counts.refused,
    lastTrouble: counts.lastTrouble,
  };
}

async function pace(
  { gateway, load }: { gateway: Gateway; load: Child<LoadApi> },
  { ms, perSecond }: { ms: number; perSecond: number },
  path: string,
) {
  await load.ask.start({ connections: CONNECTIONS, perSecond });
  await sleep(RAMP_MS);
  const before = gateway.usage();
  const from = sharedNow();
  await sleep(ms);
  const after = gateway.usage();
  const seconds = (sharedNow() - from) / 1000;
  const used = after.gatewayCpu - before.gatewayCpu + after.databaseCpu - before.databaseCpu;
  const counts = await load.ask.stop();
  await load.ask.flush(path);
  return { from, counts, path, cpu: used / seconds };
}

/** Waits until so many have come, or nothing comes any more. */
export async function arrive(receiver: Receiver, groups: number, expected: number): Promise<void> {
  let last = await receivedBy(receiver, groups);
  for (let movedAt = sharedNow(); last < expected && sharedNow() - movedAt < STANDSTILL_MS; ) {
    await sleep(POLL_MS);
    const now = await receivedBy(receiver, groups);
    if (now > last) movedAt = sharedNow();
    last = now;
  }
}

export async function receivedBy(receiver: Receiver, endpoints: number): Promise<number> {
  const { counts } = await receiver.ask.countEach(endpoints);
  return counts.reduce((sum, each) => sum + each, 0);
}
