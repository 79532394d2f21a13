import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { openConnections } from "../../src/storage/connections/connections.ts";
import { createEmptyTestDatabase, type TestDatabase } from "../support/database/database.ts";
import { silentLogger } from "../support/silent-logger.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createEmptyTestDatabase();
});
afterAll(() => database.drop());

describe("statements", () => {
  test("with a name are timed, however they are asked and whether they fail; others are not", async () => {
    const names: string[] = [];
    const connections = await openConnections({
      url: database.url,
      applicationName: "timed",
      logger: silentLogger(),
      clock: systemClock(),
      onStatement: (name, ms) => {
        expect(ms).toBeGreaterThanOrEqual(0);
        names.push(name);
      },
    });
    try {
      await connections.pool.query("select 1");
      await connections.pool.query({ name: "one", text: "select $1::int", values: [1] });
      await connections.transaction((tx) => tx.query({ name: "two", text: "select 2" }));
      await expect(
        connections.pool.query({ name: "three", text: "select 1 / $1::int", values: [0] }),
      ).rejects.toThrow(/division/);
      expect(names).toEqual(["one", "two", "three"]);
    } finally {
      await connections.close();
    }
  });
});
