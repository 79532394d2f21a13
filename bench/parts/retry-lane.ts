import { mkdirSync } from "node:fs";
import { sharedNow, sleep, until } from "../clock.ts";
import type { Backdoor } from "../gateway/database.ts";
import { type Gateway, startGateway, type Usage } from "../gateway/gateway.ts";
import { plantEndpoints, type Receiver, setState, urlOf } from "../gateway/stage.ts";
import { makeWaitingRows, type WaitingRows } from "../gateway/waiting-rows.ts";
import type { Options } from "../options.ts";

const ENDPOINTS = 1_000;
const FEW = 10_000;
/** What waits at the beginning became due within so many seconds, what is added later at once. */
const SPREAD_S = 3_600;
const RAMP_MS = 3_000;
/** The gateway looks for what it may have overlooked every half minute. */
const START_MS = 60_000;
const FEED_MS = 50;
/** As many at once as keep a feeding short. */
const MOST_FED = 20_000;
const QUIET_MS = 60_000;
/** Two heartbeats. */
const HEARD_MS = 2_000;
const SETTLED = 'curlew_deliveries_settled_total{outcome="delivered"}';

/** One stretch of time in the lane. */
export interface Stretch {
  seconds: number;
  /** By the clock that processes share, ms. */
  from: number;
  to: number;
  settledPerSecond: number;
  /** Processor seconds for 1,000 deliveries, of the gateway and of PostgreSQL. */
  gatewayCpu: number;
  databaseCpu: number;
}

export interface Lane {
  waiting: number;
  hasReader: boolean;
  stretches: Stretch[];
}

/**
 * How fast what waits is claimed, delivered and settled: few and many rows, then many beside a
 * transaction that stays open. What is settled is replaced at once, so that as many wait all the time.
 */
export async function measureRetryLane(o: {
  options: Options;
  receiver: Receiver;
  port: number;
  scratch: string;
  databaseUrl: string | null;
  nodeFlags?: readonly string[];
  say(text: string): void;
}): Promise<Lane[]> {
  const { options, receiver, say } = o;
  mkdirSync(o.scratch, { recursive: true });
  const gateway = await startGateway(o);
  try {
    const urls = Array.from({ length: ENDPOINTS }, (_, at) => urlOf(o.port, at));
    const endpoints = await plantEndpoints(gateway, urls);
    // Not paused: what pauses falls behind, and a thousand that catch up are another measurement.
    await setState(gateway.database, "enabled");
    await holdDeliveries(gateway.database, true);
    await receiver.ask.expect({
      isRecording: false,
      secrets: endpoints.map((each) => each.secret),
    });
    say(`the retry lane: making ${options.waiting} events`);
    const rows = await makeWaitingRows(gateway.database, {
      events: options.waiting,
      serials: endpoints.map(({ serial }) => serial),
      startAt: Date.now(),
    });
    const lane = {
      ...o,
      gateway,
      rows,
      serials: endpoints.map(({ serial }) => serial),
      next: { value: 0 },
    };
    const short = [options.seconds];
    const long = stretchesOf(options.readerSeconds);
    return [
      await measureLane(lane, { waiting: FEW, hasReader: false, stretches: short }),
      await measureLane(lane, { waiting: options.waiting, hasReader: false, stretches: short }),
      await measureLane(lane, { waiting: options.waiting, hasReader: true, stretches: long }),
    ];
  } finally {
    await gateway.stop();
  }
}

/** Minutes, and what is left of one. */
function stretchesOf(seconds: number): number[] {
  const whole = Array.from({ length: Math.floor(seconds / 60) }, () => 60);
  return seconds % 60 > 0 ? [...whole, seconds % 60] : whole;
}

interface LaneDeps {
  gateway: Gateway;
  receiver: Receiver;
  rows: WaitingRows;
  serials: readonly number[];
  /** The number of the next delivery that is added. */
  next: { value: number };
  say(text: string): void;
}

async function measureLane(
  deps: LaneDeps,
  o: { waiting: number; hasReader: boolean; stretches: readonly number[] },
): Promise<Lane> {
  const { gateway, receiver, rows, next } = deps;
  const { database } = gateway;
  await emptyQueue(database);
  await rows.add(next.value, next.value + o.waiting, SPREAD_S);
  next.value += o.waiting;
  await database.pool.query("vacuum (analyze) retry");
  const reader = o.hasReader ? await openReader(database) : null;
  const { total } = await receiver.ask.count();
  await holdDeliveries(database, false);
  await until("the lane to move", START_MS, FEED_MS, async () =>
    (await receiver.ask.count()).total > total + o.waiting / 100 ? true : null,
  );
  const feeder = startFeeder(deps, o.waiting, total);
  const stretches: Stretch[] = [];
  try {
    await sleep(RAMP_MS);
    for (const seconds of o.stretches) {
      stretches.push(await measureStretch(gateway, seconds));
      deps.say(inWords(o, stretches.at(-1)));
    }
  } finally {
    await feeder.stop();
    await reader?.close();
    await holdDeliveries(database, true);
  }
  return { waiting: o.waiting, hasReader: o.hasReader, stretches };
}

async function measureStretch(gateway: Gateway, seconds: number): Promise<Stretch> {
  const look = async () => {
    const usage: Usage = gateway.usage();
    return { at: sharedNow(), settled: await gateway.metric(SETTLED), ...usage };
  };
  const from = await look();
  await sleep(seconds * 1000);
  const to = await look();
  const settled = to.settled - from.settled;
  return {
    seconds,
    from: from.at,
    to: to.at,
    settledPerSecond: (settled * 1000) / (to.at - from.at),
    gatewayCpu: ((to.gatewayCpu - from.gatewayCpu) * 1000) / settled,
    databaseCpu: ((to.databaseCpu - from.databaseCpu) * 1000) / settled,
  };
}

/** Keeps as many waiting as there were, and tells the gateway, as a replay would. */
function startFeeder(
  { rows, receiver, gateway, serials, next }: LaneDeps,
  waiting: number,
  receivedBefore: number,
) {
  let isRunning = true;
  const first = next.value;

  async function feed(): Promise<void> {
    while (isRunning) {
      const received = (await receiver.ask.count()).total - receivedBefore;
      const missing = Math.min(received - (next.value - first), MOST_FED, rows.most - next.value);
      if (missing > waiting / 100) {
        await rows.add(next.value, next.value + missing, 0);
        next.value += missing;
        await gateway.database.pool.query("select pg_notify('curlew_wake', $1)", [
          serials.join(","),
        ]);
      }
      await sleep(FEED_MS);
    }
  }

  const fed = feed();
  // Whoever stops it hears of a failure; until then it must not end the process.
  fed.catch(() => {});
  return {
    async stop() {
      isRunning = false;
      await fed;
    },
  };
}

/** A report that somebody began and left open: PostgreSQL keeps every dead row for it. */
async function openReader({ pool }: Backdoor) {
  const client = await pool.connect();
  await client.query("set idle_in_transaction_session_timeout = 0");
  await client.query("begin isolation level repeatable read read only");
  await client.query("select count(*) from retry");
  return {
    async close() {
      await client.query("rollback");
      client.release(true);
    },
  };
}

/** Holds all deliveries back, or lets them go: a process hears of it with its next heartbeat. */
async function holdDeliveries({ pool }: Backdoor, isHeld: boolean): Promise<void> {
  await pool.query("update instance set deliveries_held_at = case when $1 then now() end", [
    isHeld,
  ]);
  if (isHeld) await sleep(HEARD_MS);
}

/** Waits until nothing is under way any more, and empties the table. */
async function emptyQueue({ pool }: Backdoor): Promise<void> {
  await until("the lane to stand still", QUIET_MS, 200, async () => {
    const { rows } = await pool.query<{ leased: number }>(
      "select count(*)::int as leased from retry where owner is not null",
    );
    return rows[0]?.leased === 0 ? true : null;
  });
  await pool.query("truncate retry");
}

function inWords(o: { waiting: number; hasReader: boolean }, stretch: Stretch | undefined): string {
  const beside = o.hasReader ? " beside a reader" : "";
  return `the retry lane, ${o.waiting} waiting${beside}: ${Math.round(stretch?.settledPerSecond ?? 0)} settled/s`;
}
