import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import type { LoadApi } from "../children/load.ts";
import type { RawApi, RawRun } from "../children/raw.ts";
import { type Child, startChild } from "../children/remote.ts";
import { sleep } from "../clock.ts";
import { median } from "../figures/statistics.ts";
import { startGateway } from "../gateway/gateway.ts";
import { GROUPS, makeEndpoints, type Receiver, setStage, urlOf } from "../gateway/stage.ts";
import type { Options } from "../options.ts";
import { type Cast, measureWindow, type Window } from "../windows/window.ts";

/** The size of a published event's request, and of what the limit is measured with. */
export const EVENT_BYTES = 600;
/** As many as an endpoint has at the most. */
const RAW_CONNECTIONS = 64;
/** Of the rate that was reached: where latency is looked at. */
const SHARES = [0.05, 0.5];
/** What was attempted last is recorded within this. */
const SETTLE_MS = 1_000;
/** No endpoint has this number. */
const RAW_ENDPOINT = 65_535;

export interface Pair {
  /** Null when the limit is not measured. */
  raw: RawRun | null;
  whole: Window;
}

export interface EndToEnd {
  fanOut: number;
  pairs: Pair[];
  /** Medians of the pairs. */
  rawPerSecond: number;
  deliveriesPerSecond: number;
  ratio: number;
  /** Windows at a share of the rate that was reached. */
  calm: { share: number; window: Window }[];
  atRest: { gateway: number | null; database: number | null };
  /** Deliveries that went through the retry queue, of all. */
  queued: number;
  /** Requests that the receiver saw, and attempts that the database knows of. */
  received: number;
  attemptsRecorded: number;
  signatures: { verified: number; forged: number };
}

/** A gateway with its endpoints, conversations and a loaded load generator. */
export async function openCast(o: {
  receiver: Receiver;
  port: number;
  fanOut: number;
  scratch: string;
  databaseUrl: string | null;
  nodeFlags?: readonly string[];
}): Promise<Cast & { close(): Promise<void> }> {
  mkdirSync(o.scratch, { recursive: true });
  const gateway = await startGateway(o);
  const load = startChild<LoadApi>("load.ts");
  const close = async (): Promise<void> => {
    await load.end();
    await gateway.stop();
  };
  try {
    const stage = await setStage(gateway);
    const urls = Array.from({ length: GROUPS * o.fanOut }, (_, at) => urlOf(o.port, at));
    const groupOf = (at: number) => Math.floor(at / o.fanOut);
    const endpoints = await makeEndpoints(gateway, urls, groupOf);
    await o.receiver.ask.expect({
      isRecording: true,
      secrets: endpoints.map(({ secret }) => secret),
    });
    await load.ask.prepare({ ...stage, url: gateway.url, groups: GROUPS, bytes: EVENT_BYTES });
    return { ...o, gateway, load, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Windows of the limit and of the gateway in turns, then calm ones at shares of what was reached. */
export async function measureEndToEnd(o: {
  options: Options;
  receiver: Receiver;
  port: number;
  fanOut: number;
  scratch: string;
  databaseUrl: string | null;
  raw: Child<RawApi> | null;
  say(text: string): void;
}): Promise<EndToEnd> {
  const { options, receiver, fanOut, say } = o;
  const ms = options.seconds * 1000;
  const cast = await openCast(o);
  try {
    const atRest = cast.gateway.memory();
    const before = await receivedBy(cast);
    const busy = { ms, connections: options.connections, perSecond: null };
    await measureWindow(cast, { ...busy, ms: options.warmUpSeconds * 1000 });
    const pairs: Pair[] = [];
    for (let i = 0; i < options.pairs; i++) {
      const raw = o.raw && (await runRaw(o.raw, o.port, options));
      await receiver.ask.forget();
      const whole = await measureWindow(cast, busy);
      pairs.push({ raw, whole });
      const beside = raw ? `, the limit ${Math.round(raw.perSecond)}` : "";
      say(`fan-out ${fanOut}: ${Math.round(whole.deliveriesPerSecond)} deliveries/s${beside}`);
    }
    const deliveriesPerSecond = median(pairs.map(({ whole }) => whole.deliveriesPerSecond));
    const calm: EndToEnd["calm"] = [];
    for (const share of SHARES) {
      const perSecond = (deliveriesPerSecond / fanOut) * share;
      const window = await measureWindow(cast, { ...busy, perSecond });
      calm.push({ share, window });
    }
    return {
      fanOut,
      pairs,
      rawPerSecond: median(pairs.map(({ raw }) => raw?.perSecond ?? Number.NaN)),
      deliveriesPerSecond,
      ratio: median(
        pairs.map(({ raw, whole }) => whole.deliveriesPerSecond / (raw?.perSecond ?? Number.NaN)),
      ),
      calm,
      atRest,
      ...(await lookBack(cast)),
      received: (await receivedBy(cast)) - before,
    };
  } finally {
    await cast.close();
  }
}

/** What the database says in the end of everything that it has seen. */
async function lookBack({ gateway, receiver }: Cast) {
  await sleep(SETTLE_MS);
  const { rows } = await gateway.database.pool.query<{ attempts: number; queued: number }>(
    `select (select count(*) from attempt)::float8 as attempts,
      (select n_tup_ins from pg_stat_user_tables where relname = 'retry')::float8 as queued`,
  );
  const { verified, forged } = await receiver.ask.count();
  return {
    attemptsRecorded: rows[0]?.attempts ?? Number.NaN,
    queued: rows[0]?.queued ?? Number.NaN,
    signatures: { verified, forged },
  };
}

async function receivedBy({ receiver, fanOut }: Cast): Promise<number> {
  const { counts } = await receiver.ask.countEach(GROUPS * fanOut);
  return counts.reduce((sum, each) => sum + each, 0);
}

/** The limit, on a path that is no endpoint's. */
export function runRaw(raw: Child<RawApi>, port: number, options: Options): Promise<RawRun> {
  return raw.ask.run({
    url: urlOf(port, RAW_ENDPOINT),
    secret: `whsec_${randomBytes(32).toString("base64")}`,
    bytes: EVENT_BYTES,
    connections: RAW_CONNECTIONS,
    ms: options.seconds * 1000,
  });
}
