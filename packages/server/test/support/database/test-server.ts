import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openConnections } from "../../../src/storage/connections/connections.ts";
import {
  type EmbeddedServer,
  startEmbedded,
} from "../../../src/storage/embedded/embedded-server.ts";
import { isAlive } from "../../../src/storage/embedded/processes.ts";
import { migrate } from "../../../src/storage/migrate.ts";
import { ensurePartitions } from "../../../src/storage/retention/partitions.ts";
import { SOME_DAY_MS } from "../manual-clock.ts";
import { silentLogger } from "../silent-logger.ts";

/** What a test worker must know to make databases of its own. */
export interface TestServer {
  /** The maintenance database. */
  adminUrl: string;
  template: string;
  /** Names of this run's databases begin with it. */
  prefix: string;
  strategy: "file_copy" | "wal_log";
  /** For what tests keep in files, and databases of their own. It goes with the run. */
  scratch: string;
}

declare module "vitest" {
  interface ProvidedContext {
    testServer: TestServer;
  }
}

/**
 * Every suite makes a database of thousands of files and drops it: on a disk, looking for free inodes
 * takes more processor time than all the tests do.
 */
const MEMORY = "/dev/shm";
const ROOM_BYTES = 4 * 1024 ** 3;
const DIRECTORY_PREFIX = "curlew-test-run-";
const LEAST_LOCKS = 512;
/** The first half of an advisory lock's key; the second is the run's number. */
const RUN_LOCK_CLASS = 1_129_665_095;

/** One PostgreSQL for a whole run of tests: a given one, or an embedded one that goes with the run. */
export async function startTestServer(
  givenUrl: string | undefined,
): Promise<TestServer & { stop(): Promise<void> }> {
  const { scratch, remove } = makeScratch();
  const embedded = givenUrl ? null : await startEmbeddedForTests(scratch);
  const adminUrl = givenUrl ?? withDatabase(embedded?.url ?? "", "postgres");
  const admin = new pg.Client({ connectionString: adminUrl, application_name: "curlew tests" });
  admin.on("error", () => {});
  const end = async () => {
    await admin.end().catch(() => {});
    await embedded?.stop();
    remove();
  };
  try {
    await admin.connect();
    const run = Math.floor(Math.random() * 0x7fffffff);
    const prefix = `curlew_test_${run}_`;
    const template = `${prefix}template`;
    const strategy = await readSettings(admin);
    await admin.query("select pg_advisory_lock($1, $2)", [RUN_LOCK_CLASS, run]);
    await dropAbandonedRuns(admin);
    await createTemplate(admin, adminUrl, template);
    return {
      ...{ adminUrl, template, prefix, strategy, scratch },
      async stop() {
        if (!embedded) await dropDatabases(admin, prefix);
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function startEmbeddedForTests(scratch: string): Promise<EmbeddedServer> {
  return startEmbedded({
    ...{ dataDir: join(scratch, "server"), fsync: false, maxConnections: 200 },
    ...{ logger: silentLogger(), clock: systemClock() },
  });
}

function makeScratch(): { scratch: string; remove(): void } {
  const home = scratchHome();
  dropAbandonedDirectories(home);
  const scratch = mkdtempSync(join(home, `${DIRECTORY_PREFIX}${process.pid}-`));
  // What is in it is closed or open to others as it is made.
  chmodSync(scratch, 0o755);
  return { scratch, remove: () => rmSync(scratch, { recursive: true, force: true }) };
}

/** Memory that is used as a disk, where there is enough of it. */
function scratchHome(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** A run that was killed took its server with it, but not the server's files. */
function dropAbandonedDirectories(home: string): void {
  for (const name of readdirSync(home)) {
    if (!name.startsWith(DIRECTORY_PREFIX)) continue;
    const pid = Number(name.slice(DIRECTORY_PREFIX.length).split("-")[0]);
    if (!isAlive(pid)) rmSync(join(home, name), { recursive: true, force: true });
  }
}

/** Refuses a server that Curlew itself would refuse for its locks; the tests would fail oddly. */
async function readSettings(admin: pg.Client): Promise<TestServer["strategy"]> {
  const { rows } = await admin.query<{ locks: number; fsync: string }>(
    "select current_setting('max_locks_per_transaction')::int as locks, current_setting('fsync') as fsync",
  );
  const locks = rows[0]?.locks ?? 0;
  if (locks < LEAST_LOCKS) {
    throw new Error(
      `The server of TEST_DATABASE_URL has max_locks_per_transaction = ${locks}; Curlew needs at least ${LEAST_LOCKS}. Start it with -c max_locks_per_transaction=${LEAST_LOCKS}.`,
    );
  }
  return rows[0]?.fsync === "off" ? "file_copy" : "wal_log";
}

async function createTemplate(admin: pg.Client, adminUrl: string, template: string): Promise<void> {
  await admin.query(`create database ${template} template template0 encoding 'UTF8'`);
  const connections = await openConnections({
    url: withDatabase(adminUrl, template),
    applicationName: "curlew tests",
    logger: silentLogger(),
    clock: systemClock(),
  });
  try {
    await migrate(connections);
    // Copying the days on which most tests play is far cheaper than making them in each.
    await ensurePartitions(connections.pool, SOME_DAY_MS, 2);
  } finally {
    await connections.close();
  }
  await admin.query(`alter database ${template} with allow_connections false`);
}

/** A run that was killed no longer holds the lock of its number. */
async function dropAbandonedRuns(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query<{ run: number }>(
    `select distinct split_part(datname, '_', 3)::int as run
     from pg_database where datname ~ '^curlew_test_[0-9]+_'`,
  );
  for (const { run } of rows) {
    const { rows: taken } = await admin.query<{ free: boolean }>(
      "select pg_try_advisory_lock($1, $2) as free",
      [RUN_LOCK_CLASS, run],
    );
    if (!taken[0]?.free) continue;
    await dropDatabases(admin, `curlew_test_${run}_`);
    await admin.query("select pg_advisory_unlock($1, $2)", [RUN_LOCK_CLASS, run]);
  }
}

async function dropDatabases(admin: pg.Client, prefix: string): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    "select datname as name from pg_database where starts_with(datname, $1)",
    [prefix],
  );
  for (const { name } of rows) await admin.query(`drop database if exists ${name} with (force)`);
}

export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
