import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { isAlive, postmasterPid } from "../../../src/storage/embedded/processes.ts";
import { until } from "../until.ts";
import { collect, inherited } from "./command.ts";

const ROOT = fileURLToPath(new URL("../../../../../", import.meta.url));
const MAIN = join(ROOT, "packages/server/dist/cli/main.js");
/** Two cores that others use too, and a database to be made: far more than it takes. */
const READY_LIMIT_MS = 30_000;

const ADMIN_KEY = "an-admin-key-for-real-processes";
export const MASTER_KEY = Buffer.alloc(32, 7).toString("base64");

/** Where a server keeps its data. */
export type Place = { dataDir: string } | { databaseUrl: string };

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
  body: any;
}

export interface CallOptions {
  key?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** A process of its own that runs the built server. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  readonly adminKey: string;
  /** Resolves when the process has ended. */
  readonly exited: Promise<Exit>;
  /** What it has printed and logged so far. */
  output(): string;
  /** A request with the admin's key, or another; rejects when it gets no answer. */
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer>;
  signal(signal: NodeJS.Signals): void;
  /** Kills it and waits until it, and an embedded database of its own, are gone. */
  kill(): Promise<void>;
  /** Asks it to stop, once, and waits until it has. */
  stop(): Promise<Exit>;
}

/** Starts the built server on a port of its own and waits until it is ready; it ends with the test, or when told. */
export async function startServer(
  place: Place,
  env: Readonly<Record<string, string>> = {},
  onEnd: (end: () => Promise<void>) => void = onTestFinished,
  main = MAIN,
): Promise<ServerProcess> {
  const child = await spawnCurlew(["serve"], { ...environmentFor(place), ...env }, main);
  const cluster = "dataDir" in place ? join(place.dataDir, "pg") : null;
  onEnd(() => endHard(child, cluster));
  const url = await child.says(/^ {2}API +(http:\S+)\/v1$/m, READY_LIMIT_MS);
  await until(
    "the server is ready",
    async () => {
      if (child.hasExited()) throw new Error(`It ended before it was ready:\n${child.output()}`);
      return (await fetch(`${url}/readyz`)).ok;
    },
    READY_LIMIT_MS,
  );
  return {
    url,
    pid: child.pid,
    adminKey: ADMIN_KEY,
    exited: child.exited,
    output: child.output,
    call: (method, path, body, options) => call(`${url}/v1${path}`, method, body, options),
    signal: (signal) => void process.kill(child.pid, signal),
    kill: () => endHard(child, cluster),
    async stop() {
      process.kill(child.pid, "SIGTERM");
      return child.exited;
    },
  };
}

/** Runs the command line to its end. */
export async function runCurlew(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = await spawnCurlew(args, env);
  onTestFinished(() => endHard(child, null));
  const { code } = await child.exited;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

/** Begins a command and leaves it to the test to end it. */
export async function beginCurlew(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  main = MAIN,
): Promise<{ kill(): Promise<void>; output(): string }> {
  const child = await spawnCurlew(args, env, main);
  const kill = () => endHard(child, null);
  onTestFinished(kill);
  return { kill, output: child.output };
}

/** What a server needs to be told to keep its data there and to be found by the test. */
export function environmentFor(place: Place): Record<string, string> {
  return {
    CURLEW_PORT: "0",
    CURLEW_ADMIN_KEY: ADMIN_KEY,
    CURLEW_ALLOW_TARGETS: "127.0.0.0/8",
    CURLEW_MASTER_KEY: MASTER_KEY,
    CURLEW_LOG_FORMAT: "json",
    ...("dataDir" in place
      ? { CURLEW_DATA_DIR: place.dataDir }
      : { DATABASE_URL: place.databaseUrl }),
  };
}

interface Spawned {
  pid: number;
  exited: Promise<Exit>;
  hasExited(): boolean;
  stdout(): string;
  stderr(): string;
  output(): string;
  /** The first group of the pattern, as soon as the output holds it. */
  says(pattern: RegExp, limitMs: number): Promise<string>;
}

async function spawnCurlew(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  main = MAIN,
): Promise<Spawned> {
  await built();
  // An empty directory: whatever is written to a relative path goes with it.
  const cwd = mkdtempSync(join(tmpdir(), "curlew-cwd-"));
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...inherited(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once("close", (code, signal) => {
      rmSync(cwd, { recursive: true, force: true });
      resolve({ code, signal });
    });
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const output = () => `${stdout()}\n${stderr()}`;
  const pid = child.pid ?? 0;
  return {
    ...{ pid, exited, stdout, stderr, output },
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    says: (pattern, limitMs) => untilSaid(child, output, pattern, limitMs),
  };
}

async function untilSaid(
  child: ChildProcess,
  output: () => string,
  pattern: RegExp,
  limitMs: number,
): Promise<string> {
  let said: string | undefined;
  await until(
    `the server says ${pattern}`,
    () => {
      said = pattern.exec(output())?.[1];
      if (said === undefined && child.exitCode !== null) {
        throw new Error(`It ended (${child.exitCode}) without saying ${pattern}:\n${output()}`);
      }
      return said !== undefined;
    },
    limitMs,
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${output()}`);
  });
  return said ?? "";
}

/**
 * The built server as a release to come, with migrations that this one does not know; answers its
 * entry. Goes with the test.
 */
export async function buildNextRelease(added: Readonly<Record<string, string>>): Promise<string> {
  await built();
  const release = mkdtempSync(join(tmpdir(), "curlew-next-"));
  onTestFinished(() => rmSync(release, { recursive: true, force: true }));
  const from = join(ROOT, "packages/server");
  for (const part of ["package.json", "dist"]) {
    cpSync(join(from, part), join(release, part), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(release, "node_modules"));
  const more = `\nObject.assign(migrations, ${JSON.stringify(added)});\n`;
  appendFileSync(join(release, "dist/storage/migrations/index.js"), more);
  return join(release, "dist/cli/main.js");
}

let building: Promise<void> | undefined;

/** The build that the sources have now. Costs a tenth of a second when it is there already. */
function built(): Promise<void> {
  building ??= (async () => {
    const child = spawn(process.execPath, [join(ROOT, "scripts/build.mjs")], {
      env: inherited(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    const words = collect(child.stderr);
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`The server could not be built:\n${words()}`);
  })();
  return building;
}

async function endHard(child: Spawned, cluster: string | null): Promise<void> {
  const postmaster = cluster === null ? null : postmasterPid(cluster);
  if (!child.hasExited()) process.kill(child.pid, "SIGKILL");
  await child.exited;
  if (postmaster !== null) {
    await until("its PostgreSQL is gone", () => !isAlive(postmaster));
  }
}

async function call(
  url: string,
  method: string,
  body: unknown,
  { key = ADMIN_KEY, headers = {}, signal }: CallOptions = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers,
    body: isJson && text !== "" ? JSON.parse(text) : text,
  };
}
