import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { dataDirectoryArgument, POSTGRES_ENVIRONMENT } from "./create-cluster.ts";
import type { DatabaseUser } from "./database-user.ts";

const FAST_STOP_MS = 10_000;
const QUICK_STOP_MS = 5_000;
const KEPT_LINES = 40;
const LAST_WORDS_MS = 200;
/** What it says at every start and stop, also to who asks too early whether it is there. */
const ORDINARY =
  /^(LOG:|FATAL: {2}(the database system is (starting up|shutting down|not yet accepting connections)|terminating connection due to administrator command)$)/;

/**
 * Runs PostgreSQL and passes on the signals that it is told over descriptor 3. When that ends, this
 * process has died, however it died, and PostgreSQL must go too. An ignored signal is inherited,
 * so the reader can only be ended by KILL.
 */
const WATCHDOG = `
ulimit -c 0
trap '' HUP INT QUIT TERM
"$@" 3<&- &
server=$!
{
  while read -r signal; do kill -"$signal" "$server"; done <&3
  kill -INT "$server"
} >/dev/null 2>&1 &
reader=$!
exec 3<&-
wait "$server"
code=$?
kill -KILL "$reader"
exit "$code"
`;

/** Given as arguments, not in a file: an update of Curlew changes them for old clusters too. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "",
  unix_socket_directories: ".",
  unix_socket_permissions: "0700",
  shared_buffers: "64MB",
  // Joins over months of daily partitions lock each of them.
  max_locks_per_transaction: "512",
  jit: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
  min_wal_size: "32MB",
  // Each page is logged whole when it is first touched after a checkpoint: more of them cost a large queue
  // a tenth of its time. What a killed server must read again grows with it.
  max_wal_size: "512MB",
  max_parallel_workers_per_gather: "0",
  io_method: "sync",
  // A fast stop while PostgreSQL restarts itself after a crash hangs for good: we restart it.
  restart_after_crash: "off",
  // Its log is ours, and ours never carries what customers write: no values, no statements.
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_parameter_max_length: "0",
  log_parameter_max_length_on_error: "0",
  log_checkpoints: "off",
  log_line_prefix: "",
};

/** The major version that a setting came with. */
const SINCE: Readonly<Record<string, number>> = { io_method: 18 };

export interface Exit {
  /** In words: "signal SIGKILL", "exit code 1". */
  how: string;
  /** The last lines of its log. */
  log: string;
}

export interface Postmaster {
  readonly exited: Promise<Exit>;
  /** Aborts when it has ended. */
  readonly gone: AbortSignal;
  /** Gives connections up and ends, the hard way if it must. Resolves when it has. */
  stop(): Promise<void>;
}

export interface PostmasterOptions {
  runtime: string;
  /** Of PostgreSQL: an older one does not know every setting. */
  major: string;
  cluster: string;
  user: DatabaseUser | null;
  settings: Readonly<Record<string, string>>;
  clock: Clock;
  logger: Logger;
}

/** Before 16, PostgreSQL leaves the directory that it stands in to find itself. */
function dataDirectory({ cluster, major }: PostmasterOptions): string {
  return Number(major) < 16 ? cluster : dataDirectoryArgument(cluster);
}

export function spawnPostmaster(o: PostmasterOptions): Postmaster {
  const settings = Object.entries({ ...SETTINGS, ...o.settings }).filter(
    ([name]) => Number(o.major) >= (SINCE[name] ?? 0),
  );
  const child = spawn(
    "/bin/sh",
    [
      ...["-c", WATCHDOG, "curlew-postgres"],
      ...[join(o.runtime, "bin", "postgres"), "-D", dataDirectory(o)],
      ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    {
      cwd: o.cluster,
      // A postmaster.pid that is left over may by chance name our own process: then it is stale.
      env: { ...POSTGRES_ENVIRONMENT, PG_GRANDPARENT_PID: String(process.pid) },
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      // Out of our process group: Ctrl-C in a terminal is for us, and we end PostgreSQL last.
      detached: true,
      ...o.user,
    },
  );

  // Asked for as pipes above; the types know only that there may be some.
  const { stderr, stdio } = child;
  const pipe = stdio[3];
  if (!stderr || !(pipe instanceof Writable)) throw new Error("The watchdog has no pipes");
  const orders = pipe;
  orders.on("error", () => {});

  const lines: string[] = [];
  const log = createInterface({ input: stderr });
  log.on("line", (line) => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    if (ORDINARY.test(line)) o.logger.debug({}, `PostgreSQL: ${line}`);
    else o.logger.warn({}, `PostgreSQL: ${line}`);
  });

  const gone = new AbortController();
  const exited = new Promise<Exit>((resolve) => {
    child.once("error", (error) => settle(error.message));
    child.once("exit", (code, signal) => settle(howItEnded(code, signal)));
    function settle(how: string): void {
      // Should only the watchdog have been killed, this is what ends PostgreSQL.
      orders.destroy();
      gone.abort();
      // What it wrote last may still be in the pipe.
      void Promise.race([once(log, "close"), o.clock.sleep(LAST_WORDS_MS)]).then(() =>
        resolve({ how, log: lines.join("\n") }),
      );
    }
  });

  return {
    exited,
    gone: gone.signal,
    async stop() {
      // Never TERM: it waits until every client has gone by itself.
      for (const [signal, waitMs] of [
        ["INT", FAST_STOP_MS],
        ["QUIT", QUICK_STOP_MS],
      ] as const) {
        if (gone.signal.aborted) break;
        orders.write(`${signal}\n`);
        await o.clock.sleep(waitMs, gone.signal);
      }
      if (!gone.signal.aborted) {
        o.logger.warn({}, "PostgreSQL did not stop: killing it");
        orders.write("KILL\n");
      }
      await exited;
    },
  };
}

/** The shell reports a signal as 128 and its number. */
function howItEnded(code: number | null, signal: string | null): string {
  if (signal !== null) return `signal ${signal}`;
  if (code !== null && code > 128) return `signal ${code - 128}`;
  return `exit code ${code}`;
}
