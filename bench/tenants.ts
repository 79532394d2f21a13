import { findReach, measureCalm } from "./calm.ts";
import { sleep } from "./clock.ts";
import { EVENT_BYTES } from "./end-to-end.ts";
import { startGateway } from "./gateway.ts";
import type { Ground } from "./ground.ts";
import type { LoadApi, LoadCounts } from "./load.ts";
import type { Options } from "./options.ts";
import { costOf, inWords, type Pair, pairOf } from "./pairs.ts";
import { type Child, startChild } from "./remote.ts";
import { GROUPS, makeEndpoints, makeKey, makeWorkspace, setStage, urlOf } from "./stage.ts";
import { row, two, whole } from "./wording.ts";

/** Events a second of the quiet one. */
const QUIET_PER_SECOND = 50;
/** What a workspace may bring a second where there is a limit. */
const LIMIT = 200;
const RAMP_MS = 2_000;

export interface Tenants {
  /** CURLEW_WORKSPACE_RATE; null: none is set. */
  limit: number | null;
  pairs: Pair[];
  /** The quiet one's p95 beside the noisy one, divided by that without. */
  cost: number;
  /** Events a second that the noisy one published. */
  noisePerSecond: number;
  missing: number;
}

/** What a workspace that publishes as fast as it can costs another: as shipped, and with a rate set. */
export async function measureTenants(o: Ground): Promise<Tenants[]> {
  return [
    await measureBeside({ ...o, scratch: `${o.scratch}-free` }, null),
    await measureBeside({ ...o, scratch: `${o.scratch}-limited` }, LIMIT),
  ];
}

async function measureBeside(o: Ground, limit: number | null): Promise<Tenants> {
  const { options, receiver } = o;
  const env: Record<string, string> =
    limit === null ? {} : { CURLEW_WORKSPACE_RATE: String(limit) };
  const gateway = await startGateway({ ...o, env });
  const [load, noise] = [startChild<LoadApi>("./load.ts"), startChild<LoadApi>("./load.ts")];
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

    await warmUp(noise, options);
    const ms = options.seconds * 1000;
    const look = () =>
      measureCalm({ ...o, gateway, load }, { ms, perSecond: QUIET_PER_SECOND, groups: 1 });
    const pairs: Pair[] = [];
    const noises: number[] = [];
    let missing = 0;
    for (let i = 0; i < options.pairs; i++) {
      const without = await look();
      await noise.ask.start({ connections: options.connections, perSecond: null });
      await sleep(RAMP_MS);
      const from = await noise.ask.count();
      const beside = await look();
      noises.push(rateBetween(from, await noise.ask.count()));
      await noise.ask.stop();
      await noise.ask.forget();
      pairs.push(pairOf(without, beside, "fromRequest"));
      missing += without.missing + beside.missing;
      o.say(
        `a noisy workspace${limit === null ? "" : `, ${limit} a second`}: p95 of a quiet one ${two(without.fromRequest.p95)} ms without, ${two(beside.fromRequest.p95)} ms beside it`,
      );
    }
    const noisePerSecond = noises.reduce((sum, each) => sum + each, 0) / noises.length;
    return { limit, pairs, cost: costOf(pairs), noisePerSecond, missing };
  } finally {
    await Promise.all([load.end(), noise.end()]);
    await gateway.stop();
  }
}

/** What runs for the first time is slow, and nobody's fault. */
async function warmUp(noise: Child<LoadApi>, options: Options): Promise<void> {
  await findReach(noise, options);
  await noise.ask.forget();
}

function rateBetween(from: LoadCounts, to: LoadCounts): number {
  return ((to.accepted - from.accepted) * 1000) / (to.at - from.at);
}

export function tenantRows(results: readonly Tenants[]): string[] {
  return results.map(({ limit, pairs, noisePerSecond, missing }) =>
    row(
      limit === null ? "without a rate" : `rate of ${limit} a second`,
      `p95 of the quiet one ${inWords(pairs, "beside the noisy one")} (${QUIET_PER_SECOND} and ${whole(noisePerSecond)} events/s, ${missing} not received)`,
    ),
  );
}
