import { publicId } from "../../packages/server/src/core/ids.ts";
import { sharedNow, sleep, until } from "../clock.ts";
import { median } from "../figures/statistics.ts";
import { row, whole } from "../figures/wording.ts";
import { type Gateway, startGateway } from "../gateway/gateway.ts";
import {
  COMMON_KIND,
  COMMON_TYPE,
  ENDPOINTS,
  forgetTally,
  makeLog,
  RARE_KIND,
  RARE_TYPE,
} from "../gateway/log-rows.ts";
import { plantEndpoints, setStage, urlOf } from "../gateway/stage.ts";
import type { Ground } from "./ground.ts";

const TIMES = 7;
/** Pages that are turned, one after another. */
const TURNED = 20;
const PAGE = 100;
const LIMIT_MS = 600_000;
/** As the server's job has them, and as many as it gives an endpoint that stands still. */
const REPLAYED_A_PAGE = 500;
const REPLAYED = 10_000;
/** As wide as the longest name and a space. */
const NAMES = 42;

export interface Asked {
  name: string;
  /** Median and longest of the times that it was asked, ms. */
  ms: number;
  most: number;
}

export interface LongLog {
  deadLetters: number;
  deliveries: number;
  pages: Asked[];
  /** A page of a job that replays, ms. */
  replayMs: number;
  ledger: Asked[];
  /** How long the roll-up took to count everything, s. */
  countedInS: number;
  /** What the ledger says: it must be what is there. */
  said: { targeted: number; dead: number };
}

interface Page {
  data: unknown[];
  next_cursor: string | null;
}

/** What it takes to look at a great many dead letters, to replay them, and to add up a long log. */
export async function measureLongLog(o: Ground): Promise<LongLog> {
  const { deadLetters, deliveries } = o.options;
  const gateway = await startGateway(o);
  try {
    await setStage(gateway);
    const urls = Array.from({ length: ENDPOINTS }, (_, at) => urlOf(o.port, at));
    // They stand still: what is replayed waits, and nothing else goes on.
    const endpoints = await plantEndpoints(gateway, urls);
    const fanOut = Math.max(1, Math.min(50, Math.round(deliveries / deadLetters)));
    o.say(`making ${deadLetters} dead letters among ${deadLetters * fanOut} deliveries`);
    const endAt = Date.now() - 60_000;
    const serials = endpoints.map(({ serial }) => serial);
    const log = await makeLog(gateway.database, { events: deadLetters, fanOut, serials, endAt });
    const from = sharedNow();
    await forgetTally(gateway.database);
    await until("the ledger to have counted", LIMIT_MS, 250, async () =>
      (await isCounted(gateway)) ? true : null,
    );
    const countedInS = (sharedNow() - from) / 1000;
    const { said } = await readLedger(gateway);
    o.say(`the ledger has counted them in ${whole(countedInS)} s`);
    const [busy, seldom] = [endpoints[0]?.id ?? "", endpoints.at(-1)?.id ?? ""];
    const conversation = publicId("cnv", log.conversationId);
    const at = (share: number) => new Date(endAt - share * 7 * 86_400_000).toISOString();
    const list = (name: string, query: string) =>
      ask(name, () => gateway.api("GET", `/v1/dead-letters?limit=${PAGE}${query}`));
    const causes = (name: string, query: string) =>
      ask(name, () => gateway.api("GET", `/v1/dead-letters/causes${query}`));
    const count = (name: string, body: object) =>
      ask(name, () => gateway.api("POST", "/v1/dead-letters/replay", { ...body, dry_run: true }));
    const pages = [
      await list("the newest", ""),
      await turnPages(gateway),
      await list("of an endpoint with half of them", `&endpoint_id=${busy}`),
      await list("of an endpoint with hardly any", `&endpoint_id=${seldom}`),
      await list("of a common type", `&type=${COMMON_TYPE}`),
      await list("of a rare type", `&type=${RARE_TYPE}`),
      await list("of a type that is not there", "&type=bench.nothing"),
      await list("of a common kind of channel", `&channel=${COMMON_KIND}`),
      await list("of a rare kind of channel", `&channel=${RARE_KIND}`),
      await list("of a conversation", `&conversation_id=${conversation}`),
      await list("of a day", `&since=${at(0.5)}&until=${at(0.4)}`),
      await causes("causes", ""),
      await causes("causes by endpoint", "?by=endpoint"),
      await causes("causes of an endpoint with half", `?endpoint_id=${busy}`),
      await causes("causes of one with hardly any", `?endpoint_id=${seldom}`),
      await count("counting one with hardly any for replay", { endpoint_id: seldom }),
      await count("counting a day for replay", { since: at(0.5), until: at(0.4) }),
    ];
    const replayMs = await replay(gateway, busy);
    const ledger = [
      await ask("a page of the ledger", () => gateway.api("GET", `/v1/ledger?limit=${PAGE}`)),
      await ask("the same of an endpoint", () =>
        gateway.api("GET", `/v1/ledger?limit=${PAGE}&endpoint_id=${busy}`),
      ),
    ];
    for (const each of [...pages, ...ledger]) o.say(`${each.name}: ${whole(each.ms)} ms`);
    return {
      ...{ deadLetters, deliveries: deadLetters * fanOut },
      ...{ pages, replayMs, ledger, countedInS, said },
    };
  } finally {
    await gateway.stop();
  }
}

async function readLedger(gateway: Gateway) {
  const { totals } = await gateway.api<{ totals: LongLog["said"] }>(
    "GET",
    `/v1/ledger?limit=1&from=${new Date(Date.now() - 8 * 86_400_000).toISOString().slice(0, 10)}`,
  );
  return { said: { targeted: totals.targeted, dead: totals.dead } };
}

/** Whether the roll-up has passed the whole log. */
async function isCounted({ database }: Gateway): Promise<boolean> {
  const { rows } = await database.pool.query<{ done: boolean }>(
    "select not exists (select from event where id > (select floor from tally_floor)) as done",
  );
  return rows[0]?.done === true;
}

async function ask(name: string, once: () => Promise<unknown>): Promise<Asked> {
  await once();
  const times: number[] = [];
  for (let i = 0; i < TIMES; i++) times.push(await timed(once));
  return { name, ms: median(times), most: Math.max(...times) };
}

async function turnPages(gateway: Gateway): Promise<Asked> {
  const times: number[] = [];
  let cursor: string | null = "";
  for (let i = 0; i < TURNED && cursor !== null; i++) {
    const where: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    times.push(
      await timed(async () => {
        const path = `/v1/dead-letters?limit=${PAGE}${where}`;
        cursor = (await gateway.api<Page>("GET", path)).next_cursor;
      }),
    );
  }
  return { name: `${times.length} pages in turn`, ms: median(times), most: Math.max(...times) };
}

/** A page of a replay of many, to an endpoint that stands still: until it has as many as it is given. */
async function replay(gateway: Gateway, endpoint: string): Promise<number> {
  const { job_id: job } = await gateway.api<{ job_id: string }>("POST", "/v1/dead-letters/replay", {
    endpoint_id: endpoint,
  });
  const progress = async () => {
    const { done } = await gateway.api<{ done: number }>("GET", `/v1/jobs/${job}`);
    return { at: sharedNow(), done };
  };
  const from = await progress();
  let to = from;
  while (to.done < REPLAYED && sharedNow() - from.at < LIMIT_MS) {
    await sleep(5);
    const now = await progress();
    if (now.done > to.done) to = now;
  }
  await gateway.api("POST", `/v1/jobs/${job}/stop`);
  return ((to.at - from.at) * REPLAYED_A_PAGE) / (to.done - from.done);
}

async function timed(once: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await once();
  return performance.now() - from;
}

export function longLogRows(o: LongLog): string[] {
  const asked = ({ name, ms, most }: Asked) =>
    row(name, `${whole(ms)} ms, at most ${whole(most)}`, NAMES);
  return [
    row(`${o.deadLetters} dead letters`, `a page of ${PAGE}, median and longest of ${TIMES}:`),
    ...o.pages.map(asked),
    row(`replaying ${REPLAYED_A_PAGE}`, `${whole(o.replayMs)} ms`, NAMES),
    row(
      `${o.deliveries} deliveries`,
      `counted once in ${whole(o.countedInS)} s; the ledger says ${o.said.targeted}, ${o.said.dead} of them dead:`,
    ),
    ...o.ledger.map(asked),
  ];
}
