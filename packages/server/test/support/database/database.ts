import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import type { Clock } from "../../../src/core/outside/clock.ts";
import type { Logger } from "../../../src/core/outside/log.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { type Connections, openConnections } from "../../../src/storage/connections/connections.ts";
import { silentLogger } from "../silent-logger.ts";
import { seeBustle } from "./bustle.ts";
import { askOnce } from "./embedded-home.ts";
import { withDatabase } from "./test-server.ts";

export interface TestDatabase {
  url: string;
  connections: Connections;
  /** Resolves when its connections have nothing under way but what a lock holds up. */
  rest(): Promise<void>;
  /** Closes the connections and drops the database, whoever else is still in it. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** For the connections; the real one unless the test owns time. */
  clock?: Clock;
  logger?: Logger;
}

/** A database of its own with every migration in it. */
export function createTestDatabase(options?: TestDatabaseOptions): Promise<TestDatabase> {
  const { template, strategy } = inject("testServer");
  return create(`template ${template} strategy ${strategy}`, options);
}

/** A database of its own with nothing in it: for migrations. */
export function createEmptyTestDatabase(options?: TestDatabaseOptions): Promise<TestDatabase> {
  const { strategy } = inject("testServer");
  return create(`template template0 encoding 'UTF8' strategy ${strategy}`, options);
}

async function create(how: string, o: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { adminUrl, prefix } = inject("testServer");
  const name = `${prefix}${randomBytes(6).toString("hex")}`;
  await asAdmin(adminUrl, `create database ${name} ${how}`);
  const url = withDatabase(adminUrl, name);
  const opened = await openConnections({
    url,
    applicationName: "curlew test",
    logger: o.logger ?? silentLogger(),
    clock: o.clock ?? systemClock(),
  });
  const { connections, rest } = seeBustle(opened, () => countLocked(url));
  return {
    url,
    connections,
    rest,
    async drop() {
      await connections.close();
      await asAdmin(adminUrl, `drop database if exists ${name} with (force)`);
    },
  };
}

async function countLocked(url: string): Promise<number> {
  const [row] = await askOnce<{ count: number }>(
    url,
    `select count(*)::int from pg_stat_activity
     where datname = current_database() and state = 'active' and wait_event_type = 'Lock'`,
  );
  return row?.count ?? 0;
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
