import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { databaseUserFor } from "../../../src/storage/embedded/database-user.ts";
import { until } from "../until.ts";
import { askOnce } from "./embedded-home.ts";

/** Where Debian keeps the oldest PostgreSQL that Curlew takes. */
const BINARIES = "/usr/lib/postgresql/15/bin";
export const hasPostgres15 = existsSync(join(BINARIES, "initdb"));

/** A PostgreSQL 15 of the test's own, whose files can be looked at. Goes with the test. */
export interface LocalPostgres {
  url: string;
  /** Its data directory, with the write-ahead log. */
  directory: string;
  start(): Promise<void>;
  /** `fast` ends it in order, `crash` kills everything of it. */
  stop(how: "fast" | "crash"): Promise<void>;
}

export async function startPostgres15(): Promise<LocalPostgres> {
  const directory = mkdtempSync(join(tmpdir(), "curlew-pg15-"));
  // PostgreSQL does not run as root: it lends somebody else the directory.
  const user = databaseUserFor(directory);
  if (user) chownSync(directory, user.uid, user.gid);
  const as = { cwd: directory, ...user, env: { LC_ALL: "C", TZ: "UTC" } };
  const made = spawnSync(
    join(BINARIES, "initdb"),
    ["-D", directory, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"],
    as,
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  let child: ChildProcess | null = null;
  const settings = {
    ...{ port, listen_addresses: "127.0.0.1", unix_socket_directories: "" },
    ...{ max_locks_per_transaction: 512, logging_collector: "off" },
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const postgres: LocalPostgres = {
    ...{ url, directory },
    async start() {
      child = spawn(join(BINARIES, "postgres"), ["-D", directory, ...args], {
        ...{ ...as, stdio: "ignore" },
      });
      await until("PostgreSQL 15 answers", () =>
        askOnce(url, "select 1").then(
          () => true,
          () => false,
        ),
      );
    },
    async stop(how) {
      if (child === null) return;
      const ended = once(child, "close");
      // SIGQUIT is PostgreSQL's own crash: every process ends at once, and nothing is written.
      child.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
      await ended;
      child = null;
    },
  };
  onTestFinished(async () => {
    await postgres.stop("crash");
    rmSync(directory, { recursive: true, force: true });
  });
  await postgres.start();
  return postgres;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
