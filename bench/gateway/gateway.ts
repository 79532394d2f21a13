import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  socketDirectory,
  socketUrl,
} from "../../packages/server/src/storage/embedded/socket-directory.ts";
import { SERVER_ENTRY } from "../built.ts";
import { startChild } from "../children/remote.ts";
import type { WardenApi } from "../children/warden.ts";
import { until, wait } from "../clock.ts";
import { mustEnd } from "../ending.ts";
import { Unusable } from "../options.ts";
import { type Backdoor, makeDatabase, openBackdoor } from "./database.ts";
import { cpuOf, cpuOfAll, descendantsOf, memoryOf } from "./processes.ts";

const START_MS = 60_000;
/** Longer than a graceful stop may take. */
const STOP_MS = 40_000;
const LOG_TAIL = 3_000;

export interface Usage {
  gatewayCpu: number;
  /** NaN when PostgreSQL runs elsewhere. */
  databaseCpu: number;
}

/** Curlew as it is shipped: the built server as a process of its own, set by its environment alone. */
export interface Gateway {
  url: string;
  pid: number;
  database: Backdoor;
  masterKey: Buffer;
  /**
   * Asks the API as the instance's admin, in the default workspace where none is named. Throws for
   * anything but a success.
   */
  api<Answer>(method: string, path: string, body?: object, workspace?: string): Promise<Answer>;
  /** A counter of `/metrics`, named with its labels. */
  metric(name: string): Promise<number>;
  usage(): Usage;
  memory(): { gateway: number | null; database: number | null };
  stop(): Promise<void>;
}

export interface GatewayOptions {
  /** A directory for its data and its log. */
  scratch: string;
  /** The server to make a database on, or null for the embedded one. */
  databaseUrl: string | null;
  /** For the node that runs it. */
  nodeFlags?: readonly string[];
  /** Settings beside those that every part has. */
  env?: Readonly<Record<string, string>>;
}

/** The flags that the server names in its first line are those that it is started with everywhere. */
function shippedFlags(): string[] {
  const [first = ""] = readFileSync(SERVER_ENTRY, "utf8").split("\n", 1);
  return first.split(" ").filter((word) => word.startsWith("--"));
}

export async function startGateway(o: GatewayOptions): Promise<Gateway> {
  const given = o.databaseUrl === null ? null : await makeDatabase(o.databaseUrl);
  const masterKey = randomBytes(32);
  const adminKey = randomBytes(24).toString("base64url");
  const dataDir = join(o.scratch, "data");
  const logPath = join(o.scratch, "gateway.log");
  mkdirSync(o.scratch, { recursive: true });
  const log = openSync(logPath, "a");
  const warden = startChild<WardenApi>("warden.ts", { detached: true });
  const child = spawn(
    process.execPath,
    [...shippedFlags(), ...(o.nodeFlags ?? []), SERVER_ENTRY, "serve"],
    {
      cwd: o.scratch,
      stdio: ["ignore", log, log],
      // Ctrl-C is for the benchmark, which stops its gateways itself.
      detached: true,
      env: {
        PATH: process.env["PATH"],
        CURLEW_SENDING_THREAD: process.env["CURLEW_SENDING_THREAD"],
        CURLEW_PORT: "0",
        CURLEW_DATA_DIR: dataDir,
        CURLEW_ADMIN_KEY: adminKey,
        CURLEW_ALLOW_TARGETS: "127.0.0.0/8",
        CURLEW_MASTER_KEY: masterKey.toString("base64"),
        ...(given === null ? {} : { DATABASE_URL: given.url }),
        ...o.env,
      },
    },
  );
  closeSync(log);
  const exited = once(child, "exit");
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const words = () => readFileSync(logPath, "utf8").slice(-LOG_TAIL);

  let database: Backdoor | null = null;
  const stop = mustEnd(async () => {
    const endedByItself = hasEnded();
    await database?.close();
    child.kill("SIGTERM");
    await wait(exited, STOP_MS);
    if (!hasEnded()) child.kill("SIGKILL");
    await exited;
    await warden.ask.forget();
    await warden.end();
    await given?.drop();
    if (endedByItself) throw new Error(`the server ended by itself:\n${words()}`);
  });

  try {
    await warden.ask.watch(child.pid ?? 0);
    const url = await until("the server to start", START_MS, 50, () => {
      if (hasEnded()) throw new Unusable(`The server did not start. Its last words:\n${words()}`);
      return /API\s+(http:\S+)\/v1/.exec(words())?.[1] ?? null;
    });
    const pid = child.pid ?? 0;
    database = await openBackdoor(given?.url ?? embeddedUrl(dataDir));
    const { postmaster } = database;
    const databasePids = () => (postmaster === null ? [] : family(postmaster));
    return {
      url,
      pid,
      database,
      masterKey,
      async api<Answer>(
        method: string,
        path: string,
        body?: object,
        workspace?: string,
      ): Promise<Answer> {
        const answer = await fetch(`${url}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${adminKey}`,
            "content-type": "application/json",
            ...(workspace === undefined ? {} : { "curlew-workspace": workspace }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
        return JSON.parse(text);
      },
      async metric(name) {
        const text = await (await fetch(`${url}/metrics`)).text();
        const line = text.split("\n").find((each) => each.startsWith(`${name} `));
        return Number(line?.slice(name.length + 1) ?? 0);
      },
      usage: () => ({
        gatewayCpu: cpuOf(pid),
        databaseCpu: postmaster === null ? Number.NaN : cpuOfAll(databasePids()),
      }),
      memory: () => ({
        gateway: memoryOf([pid]),
        database: postmaster === null ? null : memoryOf(databasePids()),
      }),
      stop,
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

function family(postmaster: number): number[] {
  return [postmaster, ...descendantsOf(postmaster)];
}

function embeddedUrl(dataDir: string): string {
  return socketUrl(socketDirectory(join(dataDir, "pg")), "curlew");
}
