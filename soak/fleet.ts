import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { SERVER_ENTRY } from "../bench/built.ts";
import { sharedNow, until } from "../bench/clock.ts";
import { mustEnd } from "../bench/ending.ts";
import { type Backdoor, openBackdoor } from "../bench/gateway/database.ts";
import { systemClock } from "../packages/server/src/runtime/clock.ts";
import { createLogger } from "../packages/server/src/runtime/telemetry/logger.ts";
import { startEmbedded } from "../packages/server/src/storage/embedded/embedded-server.ts";
import { postmasterPid } from "../packages/server/src/storage/embedded/processes.ts";
import { type Balancer, startBalancer } from "./balancer.ts";

const START_MS = 90_000;
const STOP_MS = 60_000;
const MAX_CONNECTIONS = 100;
const CALL_MS = 20_000;
const RETENTION_DAYS = 3;

/**
 * The servers ask the database for the time, by a function that they name without its schema. So the
 * time is moved where it comes from, and the servers are as they are shipped.
 */
const MOVABLE_CLOCK = [
  "create schema soak",
  "create table soak.clock (ahead interval not null)",
  "insert into soak.clock values ('0')",
  `create function public.clock_timestamp() returns timestamptz language sql volatile
     as 'select pg_catalog.clock_timestamp() + ahead from soak.clock'`,
  "alter database curlew set search_path = public, pg_catalog",
];

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whoever asks knows what is answered
  body: any;
}

/** One of the servers: the built one, as a process of its own, that keeps its port. */
export interface Member {
  readonly name: string;
  /** 0 while it is not there. */
  pid(): number;
  start(): Promise<void>;
  /** Asks it to stop, and waits; its exit code. */
  stop(): Promise<number | null>;
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  log(): string;
}

export interface Fleet {
  /** Lives as long as it can. */
  steady: Member;
  /** Is killed, frozen and replaced. */
  unlucky: Member;
  balancer: Balancer;
  database: Backdoor;
  dataDir: string;
  postmaster(): number;
  /** Asks the API as the instance's admin, through the balancer; rejects when no answer comes. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** All servers, which are told by their database. */
  moveClock(days: number): Promise<void>;
  /** What ended without having been told to. */
  readonly accidents: readonly string[];
  close(): Promise<void>;
}

export async function startFleet(o: {
  scratch: string;
  env: Readonly<Record<string, string>>;
}): Promise<Fleet> {
  const dataDir = join(o.scratch, "data");
  const accidents: string[] = [];
  const postgres = await startEmbedded({
    ...{ dataDir, maxConnections: MAX_CONNECTIONS },
    ...{ logger: createLogger({ level: "silent" }), clock: systemClock() },
  });
  const stopPostgres = mustEnd(() => postgres.stop());
  let database = await openBackdoor(postgres.url);
  for (const statement of MOVABLE_CLOCK) await database.pool.query(statement);
  await database.close();
  database = await openBackdoor(postgres.url);

  const ports = [await freePort(), await freePort()];
  const balancer = await startBalancer(ports);
  const adminKey = randomBytes(24).toString("base64url");
  const env = {
    PATH: process.env["PATH"] ?? "",
    DATABASE_URL: postgres.url,
    CURLEW_ADMIN_KEY: adminKey,
    CURLEW_ALLOW_TARGETS: "127.0.0.0/8",
    CURLEW_MASTER_KEY: randomBytes(32).toString("base64"),
    CURLEW_LOG_FORMAT: "json",
    CURLEW_LOG_LEVEL: "warn",
    CURLEW_RETENTION_DAYS: String(RETENTION_DAYS),
    CURLEW_DISABLE_AFTER_DAYS: "3",
    ...o.env,
  };
  const member = (name: string, port = 0) =>
    createMember({ name, port, scratch: o.scratch, env, accidents });
  const [steady, unlucky] = [member("steady", ports[0]), member("unlucky", ports[1])];
  await steady.start();
  await unlucky.start();

  return {
    ...{ steady, unlucky, balancer, database, dataDir, accidents },
    postmaster: () => postmasterPid(postgres.cluster) ?? 0,
    async call(method, path, body) {
      const response = await fetch(`${balancer.url}/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(CALL_MS),
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? null : JSON.parse(text) };
    },
    async moveClock(days) {
      await database.pool.query("update soak.clock set ahead = ahead + $1 * interval '1 day'", [
        days,
      ]);
    },
    async close() {
      await steady.stop();
      await unlucky.stop();
      await balancer.close();
      await database.close();
      await stopPostgres();
    },
  };
}

function createMember(o: {
  name: string;
  port: number;
  scratch: string;
  env: Record<string, string>;
  accidents: string[];
}): Member {
  const logPath = join(o.scratch, `${o.name}.log`);
  let child: ChildProcess | null = null;
  let isMeant = false;

  async function start(): Promise<void> {
    isMeant = false;
    const log = openSync(logPath, "a");
    const started = spawn(process.execPath, [...shippedFlags(), SERVER_ENTRY, "serve"], {
      cwd: o.scratch,
      stdio: ["ignore", log, log],
      detached: true,
      env: {
        ...o.env,
        CURLEW_PORT: String(o.port),
        CURLEW_DATA_DIR: join(o.scratch, `${o.name}-data`),
      },
    });
    closeSync(log);
    child = started;
    started.once("exit", (code, signal) => {
      if (!isMeant) o.accidents.push(`${o.name} ended by itself: ${signal ?? code}`);
    });
    mustEnd(() => kill());
    await until(`${o.name} to be ready`, START_MS, 50, async () => {
      if (hasEnded(started)) throw new Error(`${o.name} did not start:\n${words(logPath)}`);
      const answer = await fetch(`http://127.0.0.1:${o.port}/readyz`).catch(() => null);
      return answer?.ok ? true : null;
    });
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    isMeant = true;
    if (child === null || hasEnded(child)) return null;
    const ending = child;
    const exited = once(ending, "exit");
    ending.kill(signal);
    const late = setTimeout(() => {
      o.accidents.push(`${o.name} did not stop in ${STOP_MS / 1000} s`);
      ending.kill("SIGKILL");
    }, STOP_MS);
    await exited;
    clearTimeout(late);
    return ending.exitCode;
  }
  const kill = async () => void (await end("SIGKILL"));

  return {
    name: o.name,
    pid: () => (child === null || hasEnded(child) ? 0 : (child.pid ?? 0)),
    ...{ start, kill },
    stop: () => end("SIGTERM"),
    signal: (signal) => void child?.kill(signal),
    log: () => words(logPath, Number.POSITIVE_INFINITY),
  };
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

function words(path: string, last = 3_000): string {
  return readFileSync(path, "utf8").slice(-last);
}

/** The flags that the server names in its first line are those that it is started with everywhere. */
function shippedFlags(): string[] {
  const [first = ""] = readFileSync(SERVER_ENTRY, "utf8").split("\n", 1);
  return first.split(" ").filter((word) => word.startsWith("--"));
}

/** One that nobody listens on now; it is asked for before the servers start, and they keep it. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

/** How long something took, in ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = sharedNow();
  await work();
  return sharedNow() - since;
}
