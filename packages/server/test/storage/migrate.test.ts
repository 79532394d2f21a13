import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { openConnections } from "../../src/storage/connections/connections.ts";
import { type MigrationStage, migrate } from "../../src/storage/migrate.ts";
import { migrations } from "../../src/storage/migrations/index.ts";
import { makeDayIndexes } from "../../src/storage/retention/day-indexes.ts";
import { ensurePartitions } from "../../src/storage/retention/partitions.ts";
import { createEmptyTestDatabase, type TestDatabase } from "../support/database/database.ts";
import { startRefusal } from "../support/database/start-refusal.ts";
import { SOME_DAY_MS } from "../support/manual-clock.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

const FIRST = { "0001-first": "create table first (id int); insert into first values (1)" };
const SECOND = {
  ...FIRST,
  "0002-second": "create table second (id int); insert into second values (2)",
};

let database: TestDatabase;
beforeEach(async () => {
  database = await createEmptyTestDatabase();
});
afterEach(() => database.drop());

describe("migrating", () => {
  test("an empty database gets every migration, each once", async () => {
    await migrate(database.connections, { known: FIRST });
    await migrate(database.connections, { known: SECOND });
    await migrate(database.connections, { known: SECOND });
    expect(await rowsOf("first")).toEqual([{ id: 1 }]);
    expect(await rowsOf("second")).toEqual([{ id: 2 }]);
  });

  test("a migration gives way to who uses a table, says who that may be, and is made when they are done", async () => {
    await migrate(database.connections, { known: FIRST });
    const other = await database.connections.lane("report", 1).connect();
    await other.query("begin");
    await other.query("lock table first in access share mode");
    const stages: MigrationStage[] = [];
    const made = migrate(database.connections, {
      known: { ...FIRST, "0002-altered": "alter table first add column colour text" },
      // The lock of the migration before may still be held for a moment.
      onStage(stage) {
        if (stage.kind !== "waits for another") stages.push(stage);
      },
    });
    // While it waits others pass: it never stands in their way for long.
    await database.connections.pool.query("set statement_timeout = 5000");
    expect(await rowsOf("first")).toEqual([{ id: 1 }]);
    await until("it says that it waits", () => stages.length > 1);
    await other.query("commit");
    other.release();
    await made;
    expect(await rowsOf("first")).toEqual([{ id: 1, colour: null }]);
    const migration = "0002-altered";
    expect(stages).toMatchObject([
      { kind: "migrates", migration, left: 1 },
      { kind: "waits for a table", migration, transactions: [{ name: "curlew test report" }] },
      { kind: "is done", migrations: 1 },
    ]);
  });

  test("the migrations that ship are in the order of their names and work", async () => {
    const names = Object.keys(migrations);
    const numbers = names.map((name) => Number(name.slice(0, 4)));
    const rising = numbers.every((number, at) => number > (numbers[at - 1] ?? 0));
    expect(rising, "each number once").toBe(true);
    expect(names.every((name) => /^\d{4}-[a-z0-9-]+$/.test(name))).toBe(true);
    await migrate(database.connections);
  });

  test("days of messages that were there are indexed as those are that come", async () => {
    const { connections } = database;
    await migrate(connections, { upTo: "0039-channel-notices" });
    await ensurePartitions(connections.pool, SOME_DAY_MS, 1);
    await migrate(connections);
    await makeDayIndexes(connections.lane("slow", 1), { onMake() {} });
    await ensurePartitions(connections.pool, SOME_DAY_MS, 2);
    const days = ["20260301", "20260302", "20260303", "20260304"];
    const { rows } = await connections.pool.query<{ name: string }>(
      `select tablename as name from pg_indexes
       where tablename like 'message%' and indexdef like '% btree (workspace_id, id)' order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([
      "message",
      ...days.map((day) => `message_${day}`),
    ]);
  });

  test("processes that start at once migrate once", async () => {
    const processes = await Promise.all(
      [1, 2, 3].map((n) =>
        openConnections({
          ...{ url: database.url, applicationName: `curlew ${n}` },
          ...{ logger: silentLogger(), clock: systemClock() },
        }),
      ),
    );
    await Promise.all(processes.map((each) => migrate(each, { known: SECOND })));
    expect(await rowsOf("first")).toEqual([{ id: 1 }]);
    await Promise.all(processes.map((each) => each.close()));
  });

  test("a process waits for another's migration, however long it takes", async () => {
    const slow = { "0001-slow": "create table slow (id int); select pg_advisory_xact_lock(1)" };
    const { pool } = database.connections;
    const holder = await pool.connect();
    await holder.query("select pg_advisory_lock(1)");
    const stages: string[] = [];
    const first = migrate(database.connections, { known: slow });
    await until("it migrates", async () => {
      const waiting = "select from pg_locks where locktype = 'advisory' and not granted";
      return (await pool.query(waiting)).rowCount === 1;
    });
    const second = migrate(database.connections, {
      known: slow,
      onStage: ({ kind }) => stages.push(kind),
    });
    await until("the other waits", () => stages.length > 0);
    await holder.query("select pg_advisory_unlock(1)");
    holder.release();
    await Promise.all([first, second]);
    expect(stages).toEqual(["waits for another"]);
    expect(await rowsOf("slow")).toEqual([]);
  });

  test("a schema that is newer than the program is refused in words, and left alone", async () => {
    await migrate(database.connections, { known: SECOND });
    const refusal = await startRefusal(migrate(database.connections, { known: FIRST }));
    expect(refusal).toMatch(/newer than this Curlew.*0002-second/);
    expect(await rowsOf("second")).toEqual([{ id: 2 }]);
  });

  test("a migration that fails leaves nothing of itself or of those before it", async () => {
    const broken = { ...FIRST, "0002-broken": "create table half (id int); select 1/0" };
    await expect(migrate(database.connections, { known: broken })).rejects.toThrow(
      "division by zero",
    );
    await expect(rowsOf("first")).rejects.toThrow("does not exist");
    await migrate(database.connections, { known: SECOND });
  });
});

async function rowsOf(table: string): Promise<object[]> {
  return (await database.connections.pool.query(`select * from ${table}`)).rows;
}
