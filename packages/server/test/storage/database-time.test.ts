import { afterAll, beforeAll, expect, test } from "vitest";
import type { Queryable } from "../../src/core/events/recording.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { followDatabase } from "../../src/storage/connections/database-time.ts";
import { createTestDatabase, type TestDatabase } from "../support/database/database.ts";

const YEAR_MS = 365 * 86_400_000;

let database: TestDatabase;
let databaseMs = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  const { rows } = await database.connections.pool.query<{ ms: number }>(
    "select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as ms",
  );
  databaseMs = rows[0]?.ms ?? 0;
});
afterAll(() => database.drop());

/** A clock of a machine that is off by so much, on which no time passes but while it is asked. */
function clockOff(byMs: number, roundTripMs = 0) {
  let monotonic = 5_000;
  const clock = systemClock({ wall: () => databaseMs + byMs, monotonic: () => monotonic });
  const db: Queryable = {
    async query(config, values) {
      const answer = await database.connections.pool.query(config as string, values);
      monotonic += roundTripMs;
      return answer;
    },
  };
  return { clock, db };
}

test.each([
  ["ahead", YEAR_MS],
  ["behind", -YEAR_MS],
])("a machine whose clock is a year %s goes by the database's from its start", async (_, offMs) => {
  const { clock, db } = clockOff(offMs);
  await followDatabase(clock, db);
  const offBy = clock.now() - databaseMs;
  expect(offBy).toBeGreaterThanOrEqual(0);
  expect(offBy, "what has passed since the test began").toBeLessThan(600_000);
  expect(clock.suspectOffsetMs, "and is not doubted").toBeNull();
});

test("a database that answers late is taken to have looked at its clock halfway", async () => {
  const prompt = clockOff(0);
  await followDatabase(prompt.clock, prompt.db);
  const late = clockOff(0, 40_000);
  await followDatabase(late.clock, late.db);
  const between = late.clock.now() - prompt.clock.now();
  expect(between).toBeGreaterThanOrEqual(20_000);
  expect(between).toBeLessThan(40_000);
});

test("a machine does not start by a clock that the database does not tell", async () => {
  const { clock } = clockOff(YEAR_MS);
  const silent: Queryable = { query: async () => ({ rows: [], rowCount: 0 }) };
  await expect(followDatabase(clock, silent)).rejects.toThrow("did not say what time it is");
  expect(clock.offsetMs).toBe(0);
});
