import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { firstIdAt } from "../../src/core/ids.ts";
import { dropExpired, ensurePartitions } from "../../src/storage/retention/partitions.ts";
import { createTestDatabase, type TestDatabase } from "../support/database/database.ts";

const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 0, 2, 12);
const NOBODY = "00000000-0000-7000-8000-000000000000";

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

describe("days of events", () => {
  test("rows of yesterday and of the days ahead find a place, those beyond do not", async () => {
    await ensurePartitions(database.connections.pool, NOON, 2);

    await expect(put(NOON - 1.5 * DAY_MS), "the first instant of yesterday").resolves.toBe(1);
    await expect(put(NOON + 2.5 * DAY_MS - 1), "the last of the day after next").resolves.toBe(1);
    await expect(put(NOON + 2.5 * DAY_MS)).rejects.toThrow("no partition of relation");
    await expect(put(NOON - 1.5 * DAY_MS - 1)).rejects.toThrow("no partition of relation");
  });

  test("making them again changes nothing", async () => {
    const { pool } = database.connections;
    expect(await ensurePartitions(pool, NOON, 0)).toBe(12);
    expect(await ensurePartitions(pool, NOON, 0)).toBe(0);
    expect(await partitions()).toHaveLength(12);
  });

  test("a day has every index of its table", async () => {
    await ensurePartitions(database.connections.pool, NOON, 0);
    const { rows } = await database.connections.pool.query<{ table: string; indexes: number }>(
      `select tablename as table, count(*) as indexes from pg_indexes
       where tablename in ('delivery', 'delivery_20260102') group by tablename`,
    );
    expect(new Set(rows.map(({ indexes }) => indexes)).size).toBe(1);
    expect(rows).toHaveLength(2);
  });

  test("processes that make them at once do not get in each other's way", async () => {
    const { connections } = database;
    const lane = connections.lane("other", 4);
    await Promise.all(
      [connections.pool, lane, lane, connections.pool].map((each) => ensurePartitions(each, NOON)),
    );
    expect(await partitions()).toHaveLength(54);
  });

  test("they are made while a transaction that writes the table is open", async () => {
    const { pool, transaction } = database.connections;
    await ensurePartitions(pool, NOON, 0);
    await transaction(async (tx) => {
      await tx.query({ text: INSERT, values: [firstIdAt(NOON), NOBODY, new Date(NOON)] });
      expect(await ensurePartitions(pool, NOON, 1)).toBe(6);
    });
  });
});

describe("days that have expired", () => {
  test("a day goes when it is wholly older than the retention, and no sooner", async () => {
    const { pool } = database.connections;
    await ensurePartitions(pool, NOON, 0);
    const endOfYesterday = NOON - DAY_MS / 2;

    const early = await dropExpired(pool, { now: endOfYesterday + 89, retentionMs: 90 });
    expect(early).toEqual({ dropped: [], postponed: [] });
    const due = await dropExpired(pool, { now: endOfYesterday + 90, retentionMs: 90 });
    expect(due.postponed).toEqual([]);
    expect(due.dropped.sort()).toEqual([
      "attempt_20260101",
      "delivery_20260101",
      "event_20260101",
      "media_20260101",
      "message_20260101",
      "unroutable_20260101",
    ]);
    expect(await partitions()).toHaveLength(6);
  });

  test("a day that is being read is left for later, then finished, and the others go", async () => {
    const { pool, lane, transaction } = database.connections;
    await ensurePartitions(pool, NOON, 0);
    await put(NOON - DAY_MS);
    const hasty = lane("hasty", 1, { statementTimeoutMs: 300 });
    const expired = { now: NOON + 90 * DAY_MS, retentionMs: 90 * DAY_MS };

    await transaction(async (tx) => {
      await tx.query("select count(*) from event");
      const { dropped, postponed } = await dropExpired(hasty, expired);
      expect(postponed.map(({ table }) => table)).toEqual(["event"]);
      expect(dropped).toHaveLength(5);
    });

    const { rows } = await pool.query("select from event");
    expect(rows, "a day that is half detached is read no more").toHaveLength(0);
    expect(await dropExpired(pool, expired)).toEqual({
      dropped: ["event_20260101"],
      postponed: [],
    });
  });

  test("a detach that was cut short stands in no other day's way", async () => {
    const { pool, lane, transaction } = database.connections;
    await ensurePartitions(pool, NOON, 0);
    await put(NOON);
    const hasty = lane("hasty", 1, { statementTimeoutMs: 300 });
    await transaction(async (tx) => {
      await tx.query("select count(*) from event");
      const detaching = hasty.query(
        "alter table event detach partition event_20260102 concurrently",
      );
      await expect(detaching).rejects.toThrow("statement timeout");
    });
    const { dropped, postponed } = await dropExpired(pool, { now: NOON, retentionMs: 0 });
    expect(postponed).toEqual([]);
    expect(dropped, "today has not ended").toContain("event_20260101");
    expect(dropped).not.toContain("event_20260102");
  });

  test("a day that was detached by a process which died is dropped by the next", async () => {
    const { pool } = database.connections;
    await ensurePartitions(pool, NOON, 0);
    await pool.query("alter table event detach partition event_20260101");
    const { dropped } = await dropExpired(pool, { now: NOON + 2 * DAY_MS, retentionMs: DAY_MS });
    expect(dropped).toContain("event_20260101");
  });

  test("only one process at a time drops them", async () => {
    const { pool, transaction } = database.connections;
    await ensurePartitions(pool, NOON, 0);
    await transaction(async (tx) => {
      await tx.query("select pg_advisory_xact_lock(4841190532)");
      const { dropped } = await dropExpired(pool, { now: NOON + 9 * DAY_MS, retentionMs: DAY_MS });
      expect(dropped).toEqual([]);
    });
  });
});

const INSERT = `
  insert into event (id, workspace_id, type, occurred_at, payload, targets, config_version, owner)
  values ($1, $2, 'test.happened', $3, '{}', '{}', 1, 1)`;

async function put(at: number): Promise<number | null> {
  const values = [firstIdAt(at), NOBODY, new Date(at)];
  return (await database.connections.pool.query(INSERT, values)).rowCount;
}

/** Of this test's own month: the template has some of another. */
async function partitions(): Promise<string[]> {
  const { rows } = await database.connections.pool.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits
     join pg_class on pg_class.oid = inhrelid
     where relkind = 'r' and relname like '%\\_202601__'`,
  );
  return rows.map(({ name }) => name);
}
