import { chmodSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { systemClock } from "../../../src/runtime/clock.ts";
import { startEmbedded } from "../../../src/storage/embedded/embedded-server.ts";
import { silentLogger } from "../silent-logger.ts";

/** What PostgreSQL demands of its directory. */
const MODE = 0o700;

/** A directory that only we may enter, and that goes when the test has ended. */
export function dataDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "curlew-data-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/**
 * Called at the top of a file, gives a function that makes data directories with an empty database:
 * copies of one, because making a database takes most of a second.
 */
export function usedDataDirectories(): () => string {
  let original = "";
  beforeAll(async () => {
    original = mkdtempSync(join(tmpdir(), "curlew-data-"));
    const options = { dataDir: original, fsync: false };
    const server = await startEmbedded({
      ...options,
      logger: silentLogger(),
      clock: systemClock(),
    });
    await server.stop();
  });
  afterAll(() => rmSync(original, { recursive: true, force: true }));
  return () => {
    const directory = dataDirectory();
    const copy = join(directory, "pg");
    cpSync(join(original, "pg"), copy, { recursive: true });
    // Newer Nodes give a copied folder the mode of a new one.
    chmodSync(copy, MODE);
    return directory;
  };
}
