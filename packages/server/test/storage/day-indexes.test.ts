import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { firstIdAt } from "../../src/core/ids.ts";
import { indexDaysOnce } from "../../src/delivery/rounds/day-indexes.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { makeDayIndexes } from "../../src/storage/retention/day-indexes.ts";
import { createTestDatabase, type TestDatabase } from "../support/database/database.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

/** The days that are there. */
const NEWEST_FIRST = ["20260304", "20260303", "20260302", "20260301"].map(
  (day) => `unroutable_${day}`,
);
const NEWEST_DAY_MS = Date.UTC(2026, 2, 4);

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await query("create index unroutable_reason on only unroutable (reason) where reason <> ''");
});
afterEach(() => database.drop());

describe("an index that a migration gives to a table of days", () => {
  test("is made for the days that were there, the newest first", async () => {
    const made: string[] = [];
    const onMake = ({ day }: { day: string }, left: number) => void made.push(`${day} ${left}`);
    await makeDayIndexes(slow(), { onMake });
    expect(made).toEqual(NEWEST_FIRST.map((day, at) => `${day} ${NEWEST_FIRST.length - at}`));
    expect(await indexed()).toEqual(NEWEST_FIRST.toReversed());
    expect(await query("select indisvalid from pg_index where indexrelid = $1::regclass", INDEX))
      // The table has it whole, as if it had been there first.
      .toEqual([{ indisvalid: true }]);
    expect(await makeDayIndexes(slow(), { onMake })).toEqual({ made: [], postponed: [] });
  });

  test("keeps nobody from writing while it is made", async () => {
    const writer = await openWriter();
    const making = makeDayIndexes(slow(), { onMake() {} });
    await until("it waits for who was there first", isWaiting);
    await write(await impatient());
    await writer.commit();
    expect((await making).made).toHaveLength(NEWEST_FIRST.length);
  });

  test("is made anew where who made it was killed", async () => {
    const writer = await openWriter();
    const logger = silentLogger();
    const round = () => indexDaysOnce({ slow: slow(), clock: systemClock(), logger });
    const making = round();
    await until("it waits for who was there first", isWaiting);
    await query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like 'create index%'",
    );
    expect((await making).made).toEqual([]);
    await writer.commit();
    expect(logger.lines.some(({ message }) => message.includes("next round"))).toBe(true);
    expect((await round()).made).toHaveLength(NEWEST_FIRST.length);
    expect(await indexed()).toEqual(NEWEST_FIRST.toReversed());
  });

  test("is made by one of many processes", async () => {
    const rounds = await Promise.all([1, 2, 3].map(() => makeDayIndexes(slow(), { onMake() {} })));
    const made = rounds.flatMap((each) => each.made.map(({ day }) => day));
    expect(made.toSorted()).toEqual(NEWEST_FIRST.toReversed());
  });

  test("is left to the next start by who is told to stop", async () => {
    const writer = await openWriter();
    const stop = new AbortController();
    const making = makeDayIndexes(slow(), { onMake() {}, signal: stop.signal });
    await until("it waits for who was there first", isWaiting);
    stop.abort();
    expect(await making).toEqual({ made: [], postponed: [] });
    await writer.commit();
  });
});

const INDEX = ["unroutable_reason"];
const slow = () => database.connections.lane("slow", 1, { statementTimeoutMs: 0 });

async function query(text: string, values: unknown[] = []): Promise<object[]> {
  return (await database.connections.pool.query<object>(text, values)).rows;
}

/** The days that have it as part of the table's. */
async function indexed(): Promise<string[]> {
  const { rows } = await database.connections.pool.query<{ day: string }>(
    `select d.indrelid::regclass::text as day from pg_inherits i join pg_index d on d.indexrelid = i.inhrelid
     where i.inhparent = 'unroutable_reason'::regclass and d.indisvalid order by 1`,
  );
  return rows.map(({ day }) => day);
}

/** A client that waits for nobody. */
async function impatient() {
  const lane = database.connections.lane("impatient", 1);
  await lane.query("set lock_timeout = 100");
  return lane;
}

async function isWaiting(): Promise<boolean> {
  const rows = await query(
    "select from pg_stat_activity where query like 'create index concurrently%' and wait_event_type = 'Lock'",
  );
  return rows.length > 0;
}

/** Somebody who has written to the newest day, and has not committed. */
async function openWriter(): Promise<{ commit(): Promise<void> }> {
  const client = await database.connections.lane("writer", 1).connect();
  await client.query("begin");
  await write(client);
  return {
    async commit() {
      await client.query("commit");
      client.release();
    },
  };
}

let written = 0;
async function write(db: { query(text: string, values: unknown[]): Promise<unknown> }) {
  await db.query(
    `insert into unroutable (id, provider, reason, payload, received_at)
     values ($1, 'meta', 'no_channel', '{}', now())`,
    [firstIdAt(NEWEST_DAY_MS + written++)],
  );
}
