import type { LoadApi } from "../children/load.ts";
import { type Child, startChild } from "../children/remote.ts";
import { sleep } from "../clock.ts";
import { median } from "../figures/statistics.ts";
import { row, three, two, whole } from "../figures/wording.ts";
import { type Gateway, startGateway } from "../gateway/gateway.ts";
import {
  CONVERSATIONS,
  GROUPS,
  makeEndpoints,
  PHONE_NUMBER_ID,
  type Receiver,
  setStage,
  urlOf,
} from "../gateway/stage.ts";
import { EVENT_BYTES } from "./end-to-end.ts";
import type { Ground } from "./ground.ts";

const APP_SECRET = "a secret of the benchmark's own Meta app";
const RAMP_MS = 1_500;
const STANDSTILL_MS = 10_000;
const POLL_MS = 100;

/** One way into the gateway, with one webhook for each thing that came. */
interface Way {
  /** By the clock that processes share, ms. */
  from: number;
  to: number;
  deliveriesPerSecond: number;
  /** Processor seconds for 1,000 deliveries. */
  gatewayCpu: number;
  databaseCpu: number;
  /** Accepted, and not delivered in the end. */
  missing: number;
  lastTrouble: string | null;
}

export interface ProviderPath {
  pairs: { published: Way; inbound: Way }[];
  /** Deliveries a second of what a provider brought, divided by those of what was published. */
  ratio: number;
}

/**
 * Messages of customers, as Meta tells of them, to a customer's webhook, beside published events to
 * theirs: one of either a request, each on its way to one endpoint, in turns.
 */
export async function measureProviderPath(
  o: Ground & { nodeFlags?: readonly string[] },
): Promise<ProviderPath> {
  const { options, receiver } = o;
  const gateway = await startGateway({ ...o, env: { CURLEW_META_APP_SECRET: APP_SECRET } });
  const [publishing, provider] = [startChild<LoadApi>("load.ts"), startChild<LoadApi>("load.ts")];
  try {
    const stage = await setStage(gateway);
    const urls = Array.from({ length: GROUPS }, (_, at) => urlOf(o.port, at));
    const endpoints = await makeEndpoints(gateway, urls, (at) => at);
    const own = await gateway.api<{ secret: string }>("POST", "/v1/endpoints", {
      name: "Messages",
      url: urlOf(o.port, GROUPS),
      events: ["message.received"],
    });
    const secrets = [...endpoints, own].map(({ secret }) => secret);
    await receiver.ask.expect({ isRecording: false, secrets });
    const what = { url: gateway.url, bytes: EVENT_BYTES };
    await publishing.ask.prepare({ ...what, ...stage, groups: GROUPS });
    await provider.ask.prepareInbound({
      ...{ ...what, appSecret: APP_SECRET, phoneNumberId: PHONE_NUMBER_ID },
      customers: CONVERSATIONS,
    });

    const window = (load: Child<LoadApi>, seconds = options.seconds) =>
      measureWay(
        { gateway, load, receiver },
        { ms: seconds * 1000, connections: options.connections },
      );
    // Everybody's first message makes a conversation of it.
    await window(provider, options.warmUpSeconds);
    await window(publishing, options.warmUpSeconds);
    const pairs: ProviderPath["pairs"] = [];
    for (let i = 0; i < options.pairs; i++) {
      const pair = { published: await window(publishing), inbound: await window(provider) };
      pairs.push(pair);
      o.say(
        `from a provider: ${whole(pair.inbound.deliveriesPerSecond)} deliveries/s, published ${whole(pair.published.deliveriesPerSecond)}`,
      );
    }
    const ratio = median(
      pairs.map(
        ({ published, inbound }) => inbound.deliveriesPerSecond / published.deliveriesPerSecond,
      ),
    );
    return { pairs, ratio };
  } finally {
    await Promise.all([publishing.end(), provider.end()]);
    await gateway.stop();
  }
}

async function measureWay(
  { gateway, load, receiver }: { gateway: Gateway; load: Child<LoadApi>; receiver: Receiver },
  { ms, connections }: { ms: number; connections: number },
): Promise<Way> {
  const look = async () => ({ ...(await receiver.ask.count()), ...gateway.usage() });
  const before = (await receiver.ask.count()).total;
  await load.ask.start({ connections, perSecond: null });
  await sleep(RAMP_MS);
  const from = await look();
  await sleep(ms);
  const to = await look();
  const { accepted, lastTrouble } = await load.ask.stop();
  await load.ask.forget();
  const deliveries = to.total - from.total;
  return {
    from: from.at,
    to: to.at,
    deliveriesPerSecond: (deliveries * 1000) / (to.at - from.at),
    gatewayCpu: ((to.gatewayCpu - from.gatewayCpu) * 1000) / deliveries,
    databaseCpu: ((to.databaseCpu - from.databaseCpu) * 1000) / deliveries,
    missing: await missingOf(receiver, before + accepted),
    lastTrouble,
  };
}

/** How many of those that must have come have not when nothing comes any more. */
async function missingOf(receiver: Receiver, expected: number): Promise<number> {
  let { total } = await receiver.ask.count();
  for (let quietMs = 0; total < expected && quietMs < STANDSTILL_MS; quietMs += POLL_MS) {
    await sleep(POLL_MS);
    const now = await receiver.ask.count();
    if (now.total > total) quietMs = 0;
    total = now.total;
  }
  return Math.max(0, expected - total);
}

export function providerPathRows({ pairs, ratio }: ProviderPath): string[] {
  const of = (
    way: "published" | "inbound",
    what: "deliveriesPerSecond" | "gatewayCpu" | "databaseCpu",
  ) => median(pairs.map((pair) => pair[way][what]));
  const missing = pairs.reduce(
    (sum, { published, inbound }) => sum + published.missing + inbound.missing,
    0,
  );
  const trouble = pairs.flatMap(
    ({ published, inbound }) => published.lastTrouble ?? inbound.lastTrouble ?? [],
  );
  const cost = (way: "published" | "inbound") =>
    `${three(of(way, "gatewayCpu"))} and ${three(of(way, "databaseCpu"))}`;
  return [
    row(
      "inbound beside published",
      `${whole(of("inbound", "deliveriesPerSecond"))} and ${whole(of("published", "deliveriesPerSecond"))} deliveries/s, ratio ${two(ratio)}; ${missing} not received`,
    ),
    row(
      "processor",
      `s for 1,000 deliveries, gateway and PostgreSQL: inbound ${cost("inbound")}, published ${cost("published")}`,
    ),
    ...trouble.slice(0, 1).map((text) => row("trouble", text)),
  ];
}
