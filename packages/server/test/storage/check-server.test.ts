import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StartError } from "../../src/core/start-error.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { checkServer } from "../../src/storage/check-server.ts";
import { type Connections, openConnections } from "../../src/storage/connections/connections.ts";
import { createEmptyTestDatabase, type TestDatabase } from "../support/database/database.ts";
import { withDatabase } from "../support/database/test-server.ts";
import { startTransactionPooler } from "../support/database/transaction-pooler.ts";
import { silentLogger } from "../support/silent-logger.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await createEmptyTestDatabase();
});
afterEach(() => database.drop());

describe("checking a server that is given", () => {
  test("a direct connection is not taken for a pooled one", async () => {
    expect(await whatIsSaidOf(database.connections)).not.toContain("pooler");
  });

  test("a pooler that lends sessions for a transaction is refused", async () => {
    const pooler = await startTransactionPooler(database.url);
    const pooled = await open(pooler.url);
    try {
      expect(await whatIsSaidOf(pooled)).toContain("pooler");
    } finally {
      await pooled.close();
      await pooler.close();
    }
  });

  test("all that is wrong with a database is said at once", async () => {
    const name = `${new URL(database.url).pathname.slice(1)}_ascii`;
    await database.connections.pool.query(
      `create database ${name} template template0 encoding 'SQL_ASCII' locale_provider libc locale 'C'`,
    );
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(`alter database ${name} set default_transaction_read_only = on`);
    const ascii = await open(withDatabase(database.url, name));
    try {
      const said = await whatIsSaidOf(ascii);
      expect(said).toContain("encoding is SQL_ASCII");
      expect(said).toContain("read-only");
    } finally {
      await ascii.close();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    }
  });
});

/** The test server may have faults of its own: it is there to be fast. */
async function whatIsSaidOf(connections: Connections): Promise<string> {
  const error = await checkServer(connections).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error === null) return "";
  expect(error).toBeInstanceOf(StartError);
  return String(error);
}

function open(url: string): Promise<Connections> {
  const [logger, clock] = [silentLogger(), systemClock()];
  return openConnections({ url, applicationName: "curlew checked", logger, clock });
}
