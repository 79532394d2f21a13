import type { LoadApi } from "../children/load.ts";
import { startChild } from "../children/remote.ts";
import { row, two, whole } from "../figures/wording.ts";
import { makeBacklogs } from "../gateway/backlog.ts";
import { startGateway } from "../gateway/gateway.ts";
import { makeEndpoints, setStage, urlOf } from "../gateway/stage.ts";
import { type Calm, findReach, measureCalm } from "../windows/calm.ts";
import { costOf, inWords, type Pair, pairOf } from "../windows/pairs.ts";
import { EVENT_BYTES } from "./end-to-end.ts";
import type { Ground } from "./ground.ts";

/** Endpoints that answer, each with events of its own. */
const GOOD = 20;
/** Of what the gateway takes at the most: a calm rate. */
const SHARE = 0.2;

export interface Isolation {
  waiting: number;
  perSecond: number;
  pairs: Pair[];
  /** The p95 beside the endpoint that hangs, divided by that without it. */
  cost: number;
  missing: number;
}

/** What one endpoint that hangs, with a great many deliveries waiting for it, costs the others. */
export async function measureIsolation(o: Ground): Promise<Isolation> {
  const { options, receiver } = o;
  const gateway = await startGateway(o);
  const load = startChild<LoadApi>("load.ts");
  try {
    const stage = await setStage(gateway);
    const urls = Array.from({ length: GOOD }, (_, at) => urlOf(o.port, at));
    const endpoints = await makeEndpoints(gateway, urls, (at) => at);
    const numbers = Array.from({ length: options.pairs }, (_, pair) => GOOD + pair);
    const waiting = options.backlog;
    const backlogs = await makeBacklogs(gateway, { receiver, port: o.port, numbers, waiting });
    const secrets = endpoints.map(({ secret }) => secret);
    await receiver.ask.expect({ isRecording: true, secrets });
    const groups = GOOD + options.pairs;
    await load.ask.prepare({ ...stage, url: gateway.url, groups, bytes: EVENT_BYTES });
    const perSecond = (await findReach(load, options)) * SHARE;
    const look = () =>
      measureCalm({ ...o, gateway, load }, { ms: options.seconds * 1000, perSecond, groups: GOOD });
    const calms: Calm[] = [];
    const pairs: Pair[] = [];
    for (const backlog of backlogs) {
      const without = await look();
      await backlog.begin();
      const beside = await look();
      await backlog.end();
      calms.push(without, beside);
      const pair = pairOf(without, beside, "fromRequest");
      pairs.push(pair);
      o.say(
        `one endpoint hangs: p95 ${two(pair.without.p95)} ms without, ${two(pair.beside.p95)} ms beside it`,
      );
    }
    const missing = calms.reduce((sum, each) => sum + each.missing, 0);
    return { waiting, perSecond, pairs, cost: costOf(pairs), missing };
  } finally {
    await receiver.ask.hang([]);
    await load.end();
    await gateway.stop();
  }
}

export function isolationRows({ waiting, perSecond, pairs, missing }: Isolation): string[] {
  return [
    row(
      `${waiting} waiting`,
      `p95 of the others ${inWords(pairs, "beside it")} (${whole(perSecond)} events/s, ${missing} not received)`,
    ),
  ];
}
