import { typeOfGroup } from "../children/events.ts";
import type { LoadApi } from "../children/load.ts";
import { type Child, startChild } from "../children/remote.ts";
import { sleep } from "../clock.ts";
import { median } from "../figures/statistics.ts";
import { row, three, two, whole } from "../figures/wording.ts";
import { type Gateway, startGateway } from "../gateway/gateway.ts";
import {
  GROUPS,
  makeEndpoints,
  makeKey,
  makeWorkspace,
  plantEndpoints,
  type Receiver,
  setState,
  urlOf,
} from "../gateway/stage.ts";
import { EVENT_BYTES } from "./end-to-end.ts";
import type { Ground } from "./ground.ts";

const ENDPOINTS = 10_000;
/** As many as a load has different events: each of them goes to an endpoint of its own. */
const SPREAD = 2_000;
const RAMP_MS = 3_000;
const CHANGES = 5;

interface Rate {
  deliveriesPerSecond: number;
  gatewayCpu: number;
  databaseCpu: number;
}

export interface Crowd {
  /** In turns: a workspace of a few endpoints, events to as few of many, and to many of many. */
  rounds: { few: Rate; sameFew: Rate; many: Rate }[];
  /** Megabytes of the gateway: without the crowd, and after everything. */
  memory: { before: number | null; after: number | null };
  /** Changing one endpoint of the crowd, while nothing else goes on. */
  changeMs: number;
}

/** What it costs that a workspace has ten thousand endpoints. */
export async function measureCrowd(o: Ground): Promise<Crowd> {
  const { options, receiver } = o;
  const gateway = await startGateway(o);
  const loads = {
    few: startChild<LoadApi>("load.ts"),
    sameFew: startChild<LoadApi>("load.ts"),
    many: startChild<LoadApi>("load.ts"),
  };
  try {
    const before = gateway.memory().gateway;
    const small = await makeWorkspace(gateway, "Few");
    const large = await makeWorkspace(gateway, "Many");
    const urls = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => urlOf(o.port, from + at));
    const few = await makeEndpoints(gateway, urls(ENDPOINTS, GROUPS), (at) => at, small);
    const crowd = await plantEndpoints(gateway, urls(0, ENDPOINTS), {
      typeOf: typeOfGroup,
      workspace: large,
    });
    await receiver.ask.expect({
      isRecording: false,
      secrets: [...crowd, ...few].map(({ secret }) => secret),
    });
    await setState(gateway.database, "enabled");
    const what = { url: gateway.url, bytes: EVENT_BYTES, conversations: [] };
    const inLarge = { ...what, key: await makeKey(gateway, large) };
    await loads.few.ask.prepare({ ...what, key: await makeKey(gateway, small), groups: GROUPS });
    await loads.sameFew.ask.prepare({ ...inLarge, groups: GROUPS });
    await loads.many.ask.prepare({ ...inLarge, groups: SPREAD });
    const look = (load: Child<LoadApi>) =>
      measureRate({ gateway, load, receiver }, options.connections, options.seconds * 1000);
    const rounds: Crowd["rounds"] = [];
    for (let i = 0; i < options.pairs; i++) {
      const round = {
        few: await look(loads.few),
        sameFew: await look(loads.sameFew),
        many: await look(loads.many),
      };
      rounds.push(round);
      o.say(
        `${ENDPOINTS} endpoints: ${whole(round.sameFew.deliveriesPerSecond)} deliveries/s to few of them, ${whole(round.many.deliveriesPerSecond)} to many, ${whole(round.few.deliveriesPerSecond)} in a small workspace`,
      );
    }
    const after = gateway.memory().gateway;
    const changeMs = await changeOne(gateway, crowd[0]?.id ?? "", large);
    return { rounds, memory: { before, after }, changeMs };
  } finally {
    await Promise.all(Object.values(loads).map((load) => load.end()));
    await gateway.stop();
  }
}

async function measureRate(
  { gateway, load, receiver }: { gateway: Gateway; load: Child<LoadApi>; receiver: Receiver },
  connections: number,
  ms: number,
): Promise<Rate> {
  const look = async () => ({ ...(await receiver.ask.count()), ...gateway.usage() });
  await load.ask.start({ connections, perSecond: null });
  await sleep(RAMP_MS);
  const from = await look();
  await sleep(ms);
  const to = await look();
  const { lastTrouble } = await load.ask.stop();
  await load.ask.forget();
  if (lastTrouble !== null) throw new Error(`an event was not accepted: ${lastTrouble}`);
  const deliveries = to.total - from.total;
  return {
    deliveriesPerSecond: (deliveries * 1000) / (to.at - from.at),
    gatewayCpu: ((to.gatewayCpu - from.gatewayCpu) * 1000) / deliveries,
    databaseCpu: ((to.databaseCpu - from.databaseCpu) * 1000) / deliveries,
  };
}

/** Until the change is answered, and a publish after it, which waits for the new configuration. */
async function changeOne(gateway: Gateway, id: string, workspace: string): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < CHANGES; i++) {
    const from = performance.now();
    await gateway.api("PATCH", `/v1/endpoints/${id}`, { name: `Change ${i}` }, workspace);
    await gateway.api("POST", "/v1/events", { type: "bench.unwanted", data: {} }, workspace);
    times.push(performance.now() - from);
  }
  return median(times);
}

export function crowdRows({ rounds, memory, changeMs }: Crowd): string[] {
  const rate = (which: keyof Crowd["rounds"][number]) =>
    median(rounds.map((round) => round[which].deliveriesPerSecond));
  const ratio = (which: "sameFew" | "many") =>
    median(rounds.map((round) => round[which].deliveriesPerSecond / round.few.deliveriesPerSecond));
  const cpu = (which: keyof Crowd["rounds"][number]) =>
    `${three(median(rounds.map((round) => round[which].gatewayCpu)))} and ${three(median(rounds.map((round) => round[which].databaseCpu)))}`;
  return [
    row(
      `${ENDPOINTS} endpoints`,
      `deliveries/s to ${GROUPS} of them ${whole(rate("sameFew"))}, ratio ${two(ratio("sameFew"))}; to ${SPREAD} of them ${whole(rate("many"))}, ratio ${two(ratio("many"))}; in a workspace of ${GROUPS} ${whole(rate("few"))}`,
    ),
    row(
      "",
      `processor s for 1,000 deliveries, gateway and PostgreSQL: ${cpu("sameFew")}, ${cpu("many")}, ${cpu("few")}; one change and a publish ${whole(changeMs)} ms; gateway ${whole(memory.before)} MB before, ${whole(memory.after)} MB after`,
    ),
  ];
}
