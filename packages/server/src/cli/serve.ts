import type { EventEmitter } from "node:events";
import { resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { inWords } from "./failure.ts";

/** What `startApp` gives. */
export interface RunningApp {
  url: string;
  /** Only when it was just made: it is shown this once. */
  adminKey: string | null;
  close(): Promise<void>;
}

export interface ServeDeps {
  version: string;
  start(config: Config): Promise<RunningApp>;
  /** Where SIGTERM and SIGINT arrive: the process. */
  signals: Pick<EventEmitter, "on" | "off">;
  print(text: string): void;
  complain(text: string): void;
  /** Aborts when a start that was told to stop has had time enough. */
  lastPatience(): AbortSignal;
  /** Ends the process at once. */
  exit(code: number): void;
}

/**
 * Serves until it is told to stop, then finishes what is under way; told a second time it ends at
 * once. Gives the exit code.
 */
export async function serve(config: Config, deps: ServeDeps): Promise<number> {
  const { signals } = deps;
  const stop = stopSignal(deps);
  try {
    for (const warning of config.warnings) deps.complain(`Warning: ${warning}`);
    const starting = deps.start(config);
    const app = await Promise.race([starting, stop.promise.then(() => patience(starting, deps))]);
    if (!app) return 0;
    if (!stop.heard()) deps.print(banner(config, app, deps.version));
    await stop.promise;
    await app.close();
    return 0;
  } catch (error) {
    deps.complain(inWords(error, config));
    return 1;
  } finally {
    signals.off("SIGTERM", stop.listener);
    signals.off("SIGINT", stop.listener);
  }
}

/**
 * What a start comes to that was told to stop: it is waited for a little, and then given up. It may
 * be waiting for a database that never comes, and what it makes is made whole or not at all.
 */
async function patience(
  starting: Promise<RunningApp>,
  { lastPatience }: ServeDeps,
): Promise<RunningApp | null> {
  const over = lastPatience();
  const gaveUp = new Promise<null>((resolve) => {
    over.addEventListener("abort", () => resolve(null), { once: true });
  });
  return Promise.race([starting, gaveUp]);
}

function stopSignal({ signals, complain, exit }: ServeDeps) {
  let count = 0;
  let tell = (): void => {};
  const promise = new Promise<void>((told) => {
    tell = told;
  });
  const listener = (): void => {
    count++;
    if (count === 1) {
      complain("Stopping: what is under way is finished first. Once more stops at once.");
      tell();
    } else exit(1);
  };
  signals.on("SIGTERM", listener);
  signals.on("SIGINT", listener);
  return { promise, listener, heard: () => count > 0 };
}

function banner(config: Config, { url, adminKey }: RunningApp, version: string): string {
  const data = config.databaseUrl
    ? databaseName(config.databaseUrl.reveal())
    : resolve(config.dataDir);
  const lines = [
    `Curlew ${version} is running`,
    "",
    `  Dashboard  ${url}/`,
    `  API        ${url}/v1`,
    `  Docs       ${url}/docs`,
    `  Data       ${data}`,
  ];
  if (adminKey !== null) {
    lines.push(
      `  Admin key  ${adminKey}`,
      "             It was made just now and is not shown again: keep it.",
    );
  }
  return `${lines.join("\n")}\n`;
}

/** Host and database of a connection URL, without the user and the password. */
function databaseName(text: string): string {
  if (!URL.canParse(text)) return "PostgreSQL";
  const url = new URL(text);
  return `PostgreSQL at ${url.host}${url.pathname}`;
}
