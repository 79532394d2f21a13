import { chmodSync, cpSync, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, inject, onTestFinished } from "vitest";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openConnections } from "../../../src/storage/connections/connections.ts";
import { startEmbedded } from "../../../src/storage/embedded/embedded-server.ts";
import { migrate } from "../../../src/storage/migrate.ts";
import { ensurePartitions } from "../../../src/storage/retention/partitions.ts";
import { silentLogger } from "../silent-logger.ts";
import type { TestServer } from "./test-server.ts";

/** What PostgreSQL demands of its directory. */
const MODE = 0o700;

/** A directory that only we may enter, and that goes when the test has ended. */
export function dataDirectory(): string {
  const directory = scratchDirectory();
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/**
 * The same with a database that nobody has used, this version's schema in it, which takes a start some
 * seconds to make.
 */
export async function usedDataDirectory(): Promise<string> {
  const directory = dataDirectory();
  await putDatabase(directory);
  return directory;
}

/** Called at the top of a file, gives a function that makes such directories. */
export function usedDataDirectories(): () => string {
  let original = "";
  beforeAll(async () => {
    original = await madeDatabase();
  });
  return () => {
    const directory = dataDirectory();
    copyDatabase(original, directory);
    return directory;
  };
}

/** Puts such a database into a directory. */
export async function putDatabase(directory: string): Promise<void> {
  copyDatabase(await madeDatabase(), directory);
}

/** A directory that only we may enter, and that goes when the run has ended. */
export function scratchDirectory(): string {
  const { scratch }: TestServer = inject("testServer");
  return mkdtempSync(join(scratch, "data-"));
}

function copyDatabase(original: string, directory: string): void {
  const copy = join(directory, "pg");
  cpSync(join(original, "pg"), copy, { recursive: true });
  // Newer Nodes give a copied folder the mode of a new one.
  chmodSync(copy, MODE);
}

let made: Promise<string> | undefined;

/** The one that all of a run are copies of, made by whoever needs it first. */
function madeDatabase(): Promise<string> {
  made ??= makeDatabase();
  return made;
}

async function makeDatabase(): Promise<string> {
  const { scratch }: TestServer = inject("testServer");
  const shared = join(scratch, "made");
  if (existsSync(shared)) return shared;
  const own = scratchDirectory();
  const [logger, clock] = [silentLogger(), systemClock()];
  const server = await startEmbedded({ dataDir: own, fsync: false, logger, clock });
  const connections = await openConnections({
    ...{ url: server.url, applicationName: "curlew tests", logger, clock },
  });
  await migrate(connections);
  await ensurePartitions(connections.pool, clock.now());
  await connections.close();
  await server.stop();
  try {
    renameSync(own, shared);
  } catch {
    // Another worker was faster: one directory never takes the place of another that holds something.
    rmSync(own, { recursive: true, force: true });
  }
  return shared;
}
