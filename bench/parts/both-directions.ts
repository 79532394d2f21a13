import type { LoadApi } from "../children/load.ts";
import type { ProviderApi } from "../children/provider.ts";
import { type Child, startChild } from "../children/remote.ts";
import { row, two, whole } from "../figures/wording.ts";
import { makeBacklogs } from "../gateway/backlog.ts";
import { type Gateway, startGateway } from "../gateway/gateway.ts";
import { GROUPS, makeEndpoints, setStage, urlOf } from "../gateway/stage.ts";
import { findReach, measureAnswers, measureCalm } from "../windows/calm.ts";
import { costOf, inWords, type Pair, pairOf } from "../windows/pairs.ts";
import { EVENT_BYTES } from "./end-to-end.ts";
import type { Ground } from "./ground.ts";

const SHARE = 0.2;
/** Messages a second that are sent beside webhooks, and where Send is looked at. */
const SENDS_BESIDE = 10;
const SENDS = 50;

export interface BothDirections {
  /** Webhooks while a provider that hangs is sent messages, beside one that answers. */
  webhooks: { pairs: Pair[]; cost: number; perSecond: number; missing: number };
  /** Answers of Send while deliveries wait for an endpoint that hangs. */
  sends: { pairs: Pair[]; cost: number; waiting: number; lastTrouble: string | null };
}

interface Cast extends Ground {
  gateway: Gateway;
  publishing: Child<LoadApi>;
  sending: Child<LoadApi>;
  provider: Child<ProviderApi>;
}

/** What trouble in one direction costs the other. */
export async function measureBothDirections(o: Ground): Promise<BothDirections> {
  const provider = startChild<ProviderApi>("provider.ts");
  const graph = await provider.ask.listen();
  const gateway = await startGateway({ ...o, env: { CURLEW_META_GRAPH_URL: graph } });
  const publishing = startChild<LoadApi>("load.ts");
  const sending = startChild<LoadApi>("load.ts");
  try {
    const stage = await setStage(gateway);
    // A text may be sent within a day of what the customer wrote last.
    await gateway.database.pool.query("update conversation set last_inbound_at = now()");
    const urls = Array.from({ length: GROUPS }, (_, at) => urlOf(o.port, at));
    const endpoints = await makeEndpoints(gateway, urls, (at) => at);
    const secrets = endpoints.map(({ secret }) => secret);
    await o.receiver.ask.expect({ isRecording: true, secrets });
    const what = { ...stage, url: gateway.url, bytes: EVENT_BYTES };
    await publishing.ask.prepare({ ...what, groups: GROUPS });
    await sending.ask.prepareSends(what);
    const cast = { ...o, gateway, publishing, sending, provider };
    const sends = await measureSends(cast);
    return { sends, webhooks: await measureWebhooks(cast) };
  } finally {
    await o.receiver.ask.hang([]);
    await Promise.all([publishing.end(), sending.end(), provider.end()]);
    await gateway.stop();
  }
}

async function measureWebhooks(cast: Cast): Promise<BothDirections["webhooks"]> {
  const { options, publishing, sending, provider } = cast;
  const perSecond = (await findReach(publishing, options)) * SHARE;
  const look = async () => {
    await sending.ask.start({ connections: 1, perSecond: SENDS_BESIDE });
    const calm = await measureCalm(
      { ...cast, load: publishing },
      { ms: options.seconds * 1000, perSecond, groups: GROUPS },
    );
    await provider.ask.recover();
    await sending.ask.stop();
    await sending.ask.forget();
    return calm;
  };
  const pairs: Pair[] = [];
  let missing = 0;
  for (let i = 0; i < options.pairs; i++) {
    const without = await look();
    await provider.ask.hang();
    const beside = await look();
    pairs.push(pairOf(without, beside, "fromRequest"));
    missing += without.missing + beside.missing;
    cast.say(
      `a provider hangs: p95 of webhooks ${two(without.fromRequest.p95)} ms without, ${two(beside.fromRequest.p95)} ms meanwhile`,
    );
  }
  return { pairs, cost: costOf(pairs), perSecond, missing };
}

async function measureSends(cast: Cast): Promise<BothDirections["sends"]> {
  const { options, gateway, receiver, port, sending } = cast;
  const numbers = Array.from({ length: options.pairs }, (_, pair) => GROUPS + pair);
  const waiting = options.backlog;
  const backlogs = await makeBacklogs(gateway, { receiver, port, numbers, waiting });
  const look = (seconds = options.seconds) =>
    measureAnswers({ ...cast, load: sending }, { ms: seconds * 1000, perSecond: SENDS });
  await look(options.warmUpSeconds);
  const pairs: Pair[] = [];
  let lastTrouble: string | null = null;
  for (const backlog of backlogs) {
    const without = await look();
    await backlog.begin();
    const beside = await look();
    await backlog.end();
    pairs.push(pairOf(without, beside, "answer"));
    lastTrouble ??= without.lastTrouble ?? beside.lastTrouble;
    cast.say(
      `deliveries wait: p95 of Send ${two(without.answer.p95)} ms without, ${two(beside.answer.p95)} ms beside them`,
    );
  }
  return { pairs, cost: costOf(pairs), waiting, lastTrouble };
}

export function bothDirectionsRows({ webhooks, sends }: BothDirections): string[] {
  return [
    row(
      "a provider hangs",
      `p95 of webhooks ${inWords(webhooks.pairs, "meanwhile")} (${whole(webhooks.perSecond)} events/s and ${SENDS_BESIDE} sends/s, ${webhooks.missing} not received)`,
    ),
    row(
      `${sends.waiting} deliveries wait`,
      `p95 of Send ${inWords(sends.pairs, "beside them")} (${SENDS} sends/s)`,
    ),
    ...(sends.lastTrouble === null ? [] : [row("trouble", sends.lastTrouble)]),
  ];
}
