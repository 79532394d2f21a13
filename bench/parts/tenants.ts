import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { LoadApi } from "../children/load.ts";
import { startChild } from "../children/remote.ts";
import { sharedNow, sleep } from "../clock.ts";
import { type Ratio, spreadOf, typicalRatio } from "../figures/statistics.ts";
import { row, two, whole } from "../figures/wording.ts";
import { startGateway } from "../gateway/gateway.ts";
import {
  GROUPS,
  makeEndpoints,
  makeKey,
  makeWorkspace,
  setStage,
  urlOf,
} from "../gateway/stage.ts";
import { arrive, findReach, receivedBy } from "../windows/calm.ts";
import { countWatched, journeysOf } from "../windows/latency.ts";
import { EVENT_BYTES } from "./end-to-end.ts";
import type { Ground } from "./ground.ts";

/** Events a second of the quiet one. */
const QUIET_PER_SECOND = 50;
const QUIET_CONNECTIONS = 16;
/** The noisy one has as many requests under way as are asked for, and then so few. */
const FEW_CONNECTIONS = 8;
/** Short, so that whatever else the machine does comes to both kinds of windows alike. */
const WINDOW_MS = 2_000;
/** Until what the noisy one has begun counts, and until what it has left behind is gone. */
const RAMP_MS = 500;
/** The database tidies up for so long after the load that warms everything up. */
const CALMING_MS = 8_000;

/** A kind of window: without the noisy one, or beside it. */
interface Kind {
  /** From the request to the webhook received, ms, window by window. */
  latencies: number[][];
  /** Processor seconds, of the gateway and of PostgreSQL together. */
  cpu: number;
}

export interface Tenants {
  /** Requests that the noisy one has under way at a time. */
  connections: number;
  /** Of all windows of a kind together, ms. */
  p95: { without: number; beside: number };
  /** Window by window, the p95 beside the noisy one divided by that right before. */
  cost: Ratio;
  /** Processor seconds a second. */
  cpu: { without: number; beside: number };
  /** Events a second that the noisy one published. */
  noisePerSecond: number;
  missing: number;
}

/** What a workspace that publishes as fast as it can costs another, with many clients and with few. */
export async function measureTenants(o: Ground): Promise<Tenants[]> {
  return [
    await measureBeside({ ...o, scratch: `${o.scratch}-many` }, o.options.connections),
    await measureBeside({ ...o, scratch: `${o.scratch}-few` }, FEW_CONNECTIONS),
  ];
}

/**
 * The quiet one publishes all the time, the noisy one in every other of many short windows: one pair
 * says little, and many say it surely.
 */
async function measureBeside(o: Ground, connections: number): Promise<Tenants> {
  const { options, receiver, scratch } = o;
  const gateway = await startGateway(o);
  const [load, noise] = [startChild<LoadApi>("load.ts"), startChild<LoadApi>("load.ts")];
  try {
    const quiet = await makeWorkspace(gateway, "Quiet");
    const key = await makeKey(gateway, quiet);
    const own = await makeEndpoints(gateway, [urlOf(o.port, 0)], () => 0, quiet);
    const urls = Array.from({ length: GROUPS }, (_, at) => urlOf(o.port, 1 + at));
    const others = await makeEndpoints(gateway, urls, (at) => at);
    const secrets = [...own, ...others].map(({ secret }) => secret);
    await receiver.ask.expect({ isRecording: true, secrets });
    const what = { url: gateway.url, bytes: EVENT_BYTES };
    await load.ask.prepare({ ...what, key, groups: 1, conversations: [] });
    await noise.ask.prepare({ ...what, ...(await setStage(gateway)), groups: GROUPS });

    // What runs for the first time is slow, and nobody's fault.
    await findReach(noise, options);
    await noise.ask.forget();
    await receiver.ask.forget();
    const before = await receivedBy(receiver, 1);
    await load.ask.start({ connections: QUIET_CONNECTIONS, perSecond: QUIET_PER_SECOND });
    await sleep(CALMING_MS);

    const [without, beside] = [newKind(), newKind()];
    const windows: { kind: Kind; from: number; to: number }[] = [];
    let noises = 0;
    const turns = Math.max(2, Math.round((options.seconds * options.pairs * 1000) / WINDOW_MS));
    const look = async (kind: Kind) => {
      const [used, from] = [cpuOf(gateway), sharedNow()];
      await sleep(WINDOW_MS);
      kind.cpu += cpuOf(gateway) - used;
      windows.push({ kind, from, to: sharedNow() });
    };
    for (let turn = 0; turn < turns; turn++) {
      await sleep(RAMP_MS);
      await look(without);
      await noise.ask.start({ connections, perSecond: null });
      await sleep(RAMP_MS);
      const { accepted } = await noise.ask.count();
      await look(beside);
      noises += (await noise.ask.count()).accepted - accepted;
      await noise.ask.stop();
      await noise.ask.forget();
    }
    await load.ask.stop();

    mkdirSync(scratch, { recursive: true });
    const [published, received] = [join(scratch, "published"), join(scratch, "received")];
    await load.ask.flush(published);
    await arrive(receiver, 1, before + countWatched(published, 1));
    await receiver.ask.flush(received);
    const journeys = journeysOf(published, received, 1);
    for (const { kind, from, to } of windows) {
      const those = journeys.filter(({ at }) => at >= from && at < to);
      kind.latencies.push(those.flatMap(({ ms }) => ms ?? []));
    }
    const seconds = (turns * WINDOW_MS) / 1000;
    const pairs = without.latencies.map(
      (each, at) => [p95Of(each), p95Of(beside.latencies[at] ?? [])] as const,
    );
    const result = {
      connections,
      p95: { without: p95Of(without.latencies.flat()), beside: p95Of(beside.latencies.flat()) },
      cost: typicalRatio(pairs),
      cpu: { without: without.cpu / seconds, beside: beside.cpu / seconds },
      noisePerSecond: noises / seconds,
      missing: journeys.filter(({ ms }) => ms === null).length,
    };
    o.say(`a noisy workspace: ${tenantRows([result]).join("").trim()}`);
    return result;
  } finally {
    await Promise.all([load.end(), noise.end()]);
    await gateway.stop();
  }
}

function newKind(): Kind {
  return { latencies: [], cpu: 0 };
}

function cpuOf(gateway: Awaited<ReturnType<typeof startGateway>>): number {
  const { gatewayCpu, databaseCpu } = gateway.usage();
  return gatewayCpu + databaseCpu;
}

function p95Of(latencies: readonly number[]): number {
  return spreadOf(Float64Array.from(latencies)).p95;
}

export function tenantRows(results: readonly Tenants[]): string[] {
  return results.map(({ connections, p95, cost, cpu, noisePerSecond, missing }) =>
    row(
      `${connections} under way`,
      `p95 of the quiet one ${two(p95.without)} ms without, ${two(p95.beside)} ms beside the noisy one, ` +
        `ratio ${two(cost.ratio)}, nine times in ten ${two(cost.from)} to ${two(cost.to)}; ` +
        `processor s a second ${two(cpu.without)} and ${two(cpu.beside)} ` +
        `(${QUIET_PER_SECOND} and ${whole(noisePerSecond)} events/s, ${missing} not received)`,
    ),
  );
}
