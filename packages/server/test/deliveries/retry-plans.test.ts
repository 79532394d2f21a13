import type { PoolClient } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Queryable } from "../../src/core/events/recording.ts";
import { firstIdAt } from "../../src/core/ids.ts";
import { type Settlement, settleRetries } from "../../src/storage/deliveries/deliveries.ts";
import { replayDeliveries } from "../../src/storage/deliveries/replays.ts";
import { dropRetries, releaseLeases } from "../../src/storage/queue/retries.ts";
import { openTown, type Town } from "../support/engine/town.ts";

const OWNER = 1;
/** So many waited when statistics were made, and so many do now. */
const FEW = 100;
const ROWS = 30_000;
/** After five calls PostgreSQL may keep a plan for all that come. */
const CALLS = 8;

let town: Town;
let endpoint: number;
beforeEach(async () => {
  town = await openTown();
  ({ serial: endpoint } = await town.endpoint());
  const { pool } = town.database.connections;
  // Statistics are made when the test says so.
  await pool.query("alter table retry set (autovacuum_enabled = false)");
  await wait(0, FEW);
  await pool.query("update retry set owner = null");
  await pool.query("analyze retry, delivery");
  await wait(FEW, ROWS);
  await pool.query("update retry set owner = $1 where owner is null", [OWNER]);
});
afterEach(() => town.end());

const idOf = (n: number) => firstIdAt(town.clock.now() + n);

/** Deliveries that wait for their second attempt, under a lease. */
async function wait(from: number, to: number): Promise<void> {
  const ids = Array.from({ length: to - from }, (_, n) => idOf(from + n));
  const { pool } = town.database.connections;
  await pool.query(
    `insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n, owner)
     select id, $2, $3, now(), 2, 1, 1, $4 from unnest($1::uuid[]) as i (id)`,
    [ids, endpoint, town.workspaceId, OWNER],
  );
  await pool.query(
    `insert into delivery (event_id, endpoint, workspace_id, state, first_state, attempts, last_at, renderer)
     select id, $2, $3, 'pending', 'pending', 1, now(), 1 from unnest($1::uuid[]) as i (id)`,
    [ids, endpoint, town.workspaceId],
  );
}

const delivered = (n: number): Settlement => ({
  process: OWNER,
  eventId: idOf(n),
  endpoint,
  workspaceId: town.workspaceId,
  n: 2,
  round: 1,
  roundN: 1,
  conversationId: null,
  seq: null,
  state: "delivered",
  nextAt: null,
  attempt: null,
  endedAt: town.clock.now(),
  reason: null,
  renderer: 1,
  body: null,
});

/**
 * Calls with some rows at a time, spread over all that wait, and answers how many rows each statement
 * has read for each that it was called with.
 */
async function readPerRow(
  rows: number,
  call: (db: Queryable, rows: Settlement[]) => Promise<unknown>,
): Promise<Record<string, number>> {
  const client = await town.database.connections.pool.connect();
  const perRow: Record<string, number> = {};
  try {
    const db = counting(client, (name, read) => {
      perRow[name] = (perRow[name] ?? 0) + read / (rows * CALLS);
    });
    for (let calls = 1; calls <= CALLS; calls++) {
      const batch = Array.from({ length: rows }, (_, n) => delivered(ROWS - calls - n * CALLS));
      await client.query("begin");
      await call(db, batch);
      await client.query("commit");
    }
  } finally {
    client.release();
  }
  return perRow;
}

/** Tells of each statement how many rows of our tables it read, with an index or without. */
function counting(client: PoolClient, tell: (name: string, read: number) => void): Queryable {
  async function readSoFar(): Promise<number> {
    const { rows } = await client.query<{ read: number }>(
      `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_xact_user_tables`,
    );
    return rows[0]?.read ?? 0;
  }
  return {
    async query(statement: { name?: string; text: string; values: unknown[] }) {
      const before = await readSoFar();
      const result = await client.query(statement);
      tell(statement.name ?? statement.text, (await readSoFar()) - before);
      return result;
    },
  } as Queryable; // of its forms, the one that is used here
}

describe("a queue that has grown since its statistics were made, when nothing was leased", () => {
  test("gives leases back by their keys", async () => {
    const read = await readPerRow(50, async (db, rows) => {
      expect(await releaseLeases(db, OWNER, rows, town.clock.now())).toHaveLength(50);
    });
    expect(read["release_leases"]).toBeLessThan(3);
  });

  test("drops what leads nowhere by its keys", async () => {
    const read = await readPerRow(50, (db, rows) => dropRetries(db, OWNER, rows, town.clock.now()));
    expect(read["drop_retries"]).toBeLessThan(3);
    expect(await town.rows("select count(*)::int as left from retry")).toEqual([
      { left: ROWS - 50 * CALLS },
    ]);
  });

  test("settles what it and the log hold by their keys, however far apart these are", async () => {
    const read = await readPerRow(512, (db, rows) => settleRetries(db, rows, town.clock.now()));
    expect(Object.keys(read)).toEqual(["lock_deliveries", "lock_retries", "settle_retries"]);
    for (const [name, each] of Object.entries(read)) expect(each, name).toBeLessThan(3);
    expect(
      await town.rows("select state, count(*)::int from delivery group by 1 order by 1"),
    ).toEqual([
      { state: "delivered", count: 512 * CALLS },
      { state: "pending", count: ROWS - 512 * CALLS },
    ]);
  });

  test("replays what the log holds by its keys, however far apart these are", async () => {
    await town.change("delete from retry");
    await town.change("update delivery set state = 'dead'");
    const read = await readPerRow(500, (db, rows) => replayDeliveries(db, rows, town.clock.now()));
    for (const [text, each] of Object.entries(read)) expect(each, text).toBeLessThan(3);
    expect(await town.rows("select count(*)::int as waiting from retry")).toEqual([
      { waiting: 500 * CALLS },
    ]);
  });
});
