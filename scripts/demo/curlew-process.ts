import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DemoFailure, within } from "./failure.ts";

const ENTRY = fileURLToPath(new URL("../../packages/server/dist/cli/main.js", import.meta.url));
const START_MS = 60_000;
const KEPT_LINES = 30;
/** What it says when it serves. */
const ADDRESS = /^ {2}API +(http:\S+)\/v1$/;

/** The built server, running as a process of its own. */
export interface CurlewProcess {
  readonly url: string;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** The last lines that it printed or logged. */
  lastWords(): string;
  /** Lets it finish what is under way. Resolves when it has ended. */
  stop(): Promise<void>;
}

export interface CurlewOptions {
  dataDir: string;
  adminKey: string;
  appSecret: string;
  verifyToken: string;
  graphUrl: string;
}

/** Starts it on a port that is free, with a data directory of its own; resolves when it serves. */
export async function startCurlew(o: CurlewOptions): Promise<CurlewProcess> {
  const child = spawn(process.execPath, [ENTRY, "serve"], {
    cwd: o.dataDir,
    env: {
      ...environmentWithoutSettings(),
      CURLEW_PORT: "0",
      CURLEW_DATA_DIR: join(o.dataDir, "data"),
      CURLEW_ADMIN_KEY: o.adminKey,
      CURLEW_ALLOW_TARGETS: "127.0.0.0/8",
      CURLEW_META_APP_SECRET: o.appSecret,
      CURLEW_META_VERIFY_TOKEN: o.verifyToken,
      CURLEW_META_GRAPH_URL: o.graphUrl,
      CURLEW_LOG_LEVEL: "warn",
      CURLEW_LOG_FORMAT: "json",
    },
    stdio: ["ignore", "pipe", "pipe"],
    // Out of the terminal's group: Ctrl-C is for the demo, which stops everything in order.
    detached: true,
  });
  const kill = () => void (hasEnded(child) || child.kill("SIGKILL"));
  // Where the demo is cut short. Its PostgreSQL ends by itself.
  process.once("exit", kill);
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  }).finally(() => process.off("exit", kill));
  const words: string[] = [];
  const lastWords = () => words.join("\n");
  const stop = async () => {
    if (!hasEnded(child)) child.kill("SIGTERM");
    await ended;
  };
  try {
    const url = await within("The server starts", START_MS, addressOf(child, words, ended));
    return { url, ended, lastWords, stop };
  } catch (error) {
    kill();
    await ended;
    throw new DemoFailure(`${error instanceof Error ? error.message : error}\n${lastWords()}`);
  }
}

/** Reads what it says, for good; resolves as soon as it has said where it serves. */
function addressOf(child: ChildProcess, words: string[], ended: Promise<void>): Promise<string> {
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        words.push(line);
        if (words.length > KEPT_LINES) words.shift();
        const address = ADDRESS.exec(line)?.[1];
        if (address !== undefined) resolve(address);
      });
    }
    void ended.then(() => reject(new DemoFailure("The server ended before it served.")));
  });
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** The demo is the same whatever is set for a server that the reader runs beside it. */
function environmentWithoutSettings(): NodeJS.ProcessEnv {
  const isSetting = (name: string) => /^(CURLEW_\w+|DATABASE_URL|PG[A-Z]+)$/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isSetting(name)));
}
