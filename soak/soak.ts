import { sharedNow, sleep } from "../bench/clock.ts";
import { type Customer, openCustomers } from "./customers.ts";
import { type Fleet, startFleet, timed } from "./fleet.ts";
import type { Options } from "./options.ts";
import {
  APP_SECRET,
  connectChannels,
  PUBLIC_URL,
  startProvider,
  VERIFY_TOKEN,
} from "./provider.ts";
import { countTroubles, type Report } from "./report.ts";
import { startTraffic, type Wish } from "./traffic.ts";
import { makeTrouble } from "./troubles.ts";
import { trendOf, unexplained } from "./verdict.ts";
import { findWrongBooks, startWatch } from "./watch.ts";

const DRAIN_MS = 180_000;
const LOOK_MS = 500;

/** Lets traffic and troubles go on for a while, waits until all is done, and says what is not right. */
export async function runSoak(o: {
  options: Options;
  scratch: string;
  say(text: string): void;
}): Promise<Report> {
  const { options, scratch, say } = o;
  const { minutes, rate } = options;
  const provider = await startProvider();
  const fleet = await startFleet({
    scratch,
    env: {
      CURLEW_META_APP_SECRET: APP_SECRET,
      CURLEW_META_VERIFY_TOKEN: VERIFY_TOKEN,
      CURLEW_META_GRAPH_URL: provider.simulator.url,
      CURLEW_TWILIO_API_URL: provider.simulator.url,
      CURLEW_PUBLIC_URL: PUBLIC_URL,
    },
  });
  await connectChannels(fleet, provider);
  const { customers, notes } = await openCustomers(fleet);
  const workspaceId = await findWorkspace(fleet);
  const watch = startWatch({ fleet, workspaceId, say });
  const traffic = startTraffic({ fleet, provider, notes, rate });
  say("everything is under way");
  const troubles = await makeTrouble({ fleet, provider, customers, ms: minutes * 60_000, say });
  await watch.stop();
  await traffic.stop();
  say("no more comes in");

  const wrong: string[] = [];
  const good = customers.filter(({ isGood }) => isGood);
  const drainedInMs = await timed(async () => {
    const deadline = sharedNow() + DRAIN_MS;
    for (;;) {
      await provider.simulator.retryNow();
      const open = await countOpen(fleet, good);
      if (open === 0) return;
      if (sharedNow() > deadline) {
        wrong.push(`${open} deliveries were still open after ${DRAIN_MS / 1000} s`);
        return;
      }
      await sleep(LOOK_MS);
    }
  });
  // Both of them, one after the other: a deploy.
  for (const member of [fleet.steady, fleet.unlucky]) {
    const code = await member.stop();
    if (code !== 0) wrong.push(`${member.name} stopped with ${code}`);
    await member.start();
  }
  const books = await findWrongBooks(fleet, workspaceId);

  for (const { name, taken } of good) {
    const lost = [...traffic.accepted].filter((id) => !taken.has(id));
    wrong.push(...lost.map((id) => `${name} never got ${id}, which was accepted`));
  }
  wrong.push(...(await findMissing(fleet, good)));
  const untold = [...provider.written].filter((id) => !notes.told.has(id));
  wrong.push(...untold.map((id) => `nobody was told of the provider's message ${id}`));
  wrong.push(...notes.toldTwice.map((each) => `told by two events: ${each}`));
  wrong.push(...notes.forged.map((each) => `a wrong signature: ${each}`));
  wrong.push(...notes.disordered.map((each) => `out of order: ${each}`));
  const strange = unexplained(notes.doubled, troubles);
  wrong.push(...strange.map((each) => `doubled, and no kill explains it: ${JSON.stringify(each)}`));
  wrong.push(...judgeSends(traffic.wishes, provider.takenTexts()));
  wrong.push(...traffic.refusals.map((each) => `refused: ${each}`));
  wrong.push(...[...traffic.faults.keys()].filter((code) => !code.startsWith("503")));
  wrong.push(...fleet.accidents);
  wrong.push(...[...watch.wrongBooks, ...books].map((each) => `the ledger ${each}`));
  wrong.push(...(await findLeftovers(fleet)));
  const trends = {
    "the steady server": trendOf(watch.samples, ({ steady }) => steady),
    PostgreSQL: trendOf(watch.samples, ({ database }) => database),
    disk: trendOf(watch.samples, ({ disk, log }) => disk - log),
  };
  for (const [name, trend] of Object.entries(trends)) {
    if (trend?.isFlat === false) wrong.push(`${name} keeps growing: ${JSON.stringify(trend)}`);
  }

  const [first] = good;
  return {
    ...{ minutes, rate, drainedInMs, trends, wrong },
    published: traffic.accepted.size,
    written: provider.written.size,
    sent: countOutcomes(traffic.wishes),
    events: first?.taken.size ?? 0,
    deliveries: customers.reduce((sum, { taken }) => sum + taken.size, 0),
    requests: customers.reduce((sum, { requests }) => sum + requests(), 0),
    providerFaults: provider.faults(),
    unanswered: traffic.unanswered(),
    faults: Object.fromEntries(traffic.faults),
    troubles: countTroubles(troubles),
    doubled: notes.doubled.length,
    looksAtTheLedger: watch.looks() + 1,
    samples: {
      at10: watch.samples.find(({ minute }) => minute >= 10) ?? null,
      end: watch.samples.at(-1) ?? null,
    },
  };
}

async function findWorkspace(fleet: Fleet): Promise<string> {
  const { rows } = await fleet.database.pool.query<{ id: string }>("select id from workspace");
  return rows[0]?.id ?? "";
}

/** Deliveries to these endpoints that have no end yet. */
async function countOpen(fleet: Fleet, customers: readonly Customer[]): Promise<number> {
  const { rows } = await fleet.database.pool.query<{ open: number }>(
    `select count(*)::int as open from event e cross join unnest(e.targets) as t (endpoint)
     left join delivery d on d.event_id = e.id and d.endpoint = t.endpoint
     where t.endpoint = any($1) and coalesce(d.state, 'pending') = 'pending'`,
    [customers.map(({ serial }) => serial)],
  );
  return rows[0]?.open ?? Number.NaN;
}

/** What the log says an endpoint must have got, and it has not. */
async function findMissing(fleet: Fleet, customers: readonly Customer[]): Promise<string[]> {
  const { rows } = await fleet.database.pool.query<{ id: string; targets: number[] }>(
    "select payload::json ->> 'id' as id, targets from event order by event.id",
  );
  return rows.flatMap(({ id, targets }) =>
    customers
      .filter(({ serial, taken }) => targets.includes(serial) && !taken.has(id))
      .map(({ name }) => `${name} never got ${id}, which is in the log`),
  );
}

/** At most once at the provider; and what is said to be sent, is there. */
function judgeSends(wishes: readonly Wish[], taken: ReadonlyMap<string, number>): string[] {
  const wrong: string[] = [];
  for (const [text, times] of taken) {
    if (times > 1) wrong.push(`the provider took a message ${times} times: ${text}`);
  }
  for (const { text, outcome } of wishes) {
    if (outcome === "sent" && !taken.has(text)) wrong.push(`said to be sent, and is not: ${text}`);
  }
  return wrong;
}

function countOutcomes(wishes: readonly Wish[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of wishes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** What must not be there when all is done. */
async function findLeftovers(fleet: Fleet): Promise<string[]> {
  const { pool } = fleet.database;
  const wrong: string[] = [];
  const dead = await pool.query("select from process where state = 'dead'");
  if (dead.rows.length > 0) wrong.push(`${dead.rows.length} dead processes are not recovered`);
  const gaps = await pool.query(
    `select conversation_id from event where conversation_id is not null group by 1
     having max(seq) - min(seq) + 1 <> count(*) or count(distinct seq) <> count(*)`,
  );
  if (gaps.rows.length > 0) wrong.push(`${gaps.rows.length} conversations have gaps in their seq`);
  const orphans = await pool.query(
    `select from retry r where owner is not null
     and not exists (select from process p where p.id = r.owner and p.state = 'living')`,
  );
  if (orphans.rows.length > 0) wrong.push(`${orphans.rows.length} waiting rows of dead owners`);
  return wrong;
}
