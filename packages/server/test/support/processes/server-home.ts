import { onTestFinished } from "vitest";
import { systemClock } from "../../../src/runtime/clock.ts";
import { startEmbedded } from "../../../src/storage/embedded/embedded-server.ts";
import { usedDataDirectory } from "../database/data-directory.ts";
import { createEmptyTestDatabase } from "../database/database.ts";
import { askOnce, createEmbeddedHome, holdAt } from "../database/embedded-home.ts";
import { silentLogger } from "../silent-logger.ts";
import type { Place } from "./server-process.ts";

/** Where servers keep what they know, and a look into it. Goes with the test. */
export interface ServerHome {
  readonly place: Place;
  query<R extends object>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** Runs a statement in a transaction that stays open, with its locks, until it is let go. */
  hold(text: string, values?: readonly unknown[]): Promise<() => Promise<void>>;
}

/** Whether this run has a PostgreSQL of its own to try, not the embedded one. */
const isOnGivenServer = (process.env["TEST_DATABASE_URL"] ?? "") !== "";

/** For one server: a data directory of its own, or a database on the server that this run was given. */
export async function createHome(): Promise<ServerHome> {
  return isOnGivenServer ? createSharedHome() : createEmbeddedHome(await usedDataDirectory());
}

/** A database that several servers may share. */
export async function createSharedHome(): Promise<ServerHome> {
  if (isOnGivenServer) {
    const database = await createEmptyTestDatabase();
    onTestFinished(() => database.drop());
    const { pool } = database.connections;
    return {
      place: { databaseUrl: database.url },
      async query<R extends object>(text: string, values: readonly unknown[] = []) {
        return (await pool.query<R>(text, [...values])).rows;
      },
      hold: (text, values) => holdAt(database.url, text, values),
    };
  }
  // Not the one of the test run: that does without fsync, and servers refuse such.
  const server = await startEmbedded({
    ...{ dataDir: await usedDataDirectory(), maxConnections: 100 },
    ...{ logger: silentLogger(), clock: systemClock() },
  });
  onTestFinished(() => server.stop());
  const { url } = server;
  return {
    place: { databaseUrl: url },
    query: (text, values) => askOnce(url, text, values),
    hold: (text, values) => holdAt(url, text, values),
  };
}
