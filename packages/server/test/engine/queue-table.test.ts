import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { firstIdAt } from "../../src/core/ids.ts";
import { QueueVacuum } from "../../src/delivery/retry/queue-vacuum.ts";
import { listToFallBehind } from "../../src/storage/queue/behind.ts";
import { claimDue, estimateRetries, releaseLeases } from "../../src/storage/queue/retries.ts";
import { openMeddler, unheard } from "../support/database/meddler.ts";
import { openTown, type Town } from "../support/engine/town.ts";

let town: Town;
let endpoint: number;
beforeEach(async () => {
  town = await openTown();
  ({ serial: endpoint } = await town.endpoint());
  // What is vacuumed here, the test has vacuumed.
  await town.change("alter table retry set (autovacuum_enabled = false)");
});
afterEach(() => town.end());

/** Deliveries that wait, of which every tenth is due. */
async function wait(rows: number): Promise<void> {
  await town.rows(
    `insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
     select id, $2, $3, to_timestamp($4::float8 / 1000) + case when at % 10 = 0 then interval '0' else interval '1 hour' end,
       1, 1, 1
     from unnest($1::uuid[]) with ordinality as i (id, at)`,
    [
      Array.from({ length: rows }, (_, n) => firstIdAt(town.clock.now() + n)),
      endpoint,
      town.workspaceId,
      town.clock.now() - 1_000,
    ],
  );
}

describe("a lease", () => {
  // What is under way is scattered among what waits, and there is room for its new state beside it.
  test("is taken and given back without any index being written", async () => {
    await wait(1_000);
    const process = (await town.engine()).membership.current.id;
    const client = await town.database.connections.pool.connect();
    try {
      await client.query("begin");
      const now = town.clock.now();
      const claims = [{ endpoint, slots: 100, lowerBound: 0 }];
      const claimed = await claimDue(client, process, claims, now);
      expect(claimed).toHaveLength(100);
      expect(await releaseLeases(client, process, claimed, now)).toHaveLength(100);
      const { rows } = await client.query(
        `select n_tup_upd::int as updated, n_tup_hot_upd::int as in_place
         from pg_stat_xact_user_tables where relname = 'retry'`,
      );
      expect(rows).toEqual([{ updated: 200, in_place: 200 }]);
    } finally {
      await client.query("rollback");
      client.release();
    }
  });
});

describe("the queue's table", () => {
  const estimate = () => estimateRetries(town.database.connections.pool);

  test("is vacuumed when a tenth of it has changed, since a vacuum reads the most of it", async () => {
    await wait(80_000);
    await town.rows("vacuum retry");
    expect(await estimate()).toBe(80_000);
    const vacuum = new QueueVacuum(town.database.connections);
    await town.rows("delete from retry where ctid in (select ctid from retry limit 40000)");
    vacuum.changed(7_999);
    await vacuum.runOnce();
    expect(await estimate()).toBe(80_000);
    vacuum.changed();
    await vacuum.runOnce();
    // It is one.
    expect(Math.abs((await estimate()) - 40_000)).toBeLessThan(1_000);
  });

  test("is vacuumed for as long as that takes, and in the next round where it failed", async () => {
    const { connections } = town.database;
    const hurried = {
      ...connections,
      lane: (...[name, size, options]: Parameters<typeof connections.lane>) =>
        connections.lane(name, size, { statementTimeoutMs: 1, ...options }),
    };
    const meddler = openMeddler(hurried);
    const vacuum = new QueueVacuum(meddler.connections);
    await wait(20_000);
    vacuum.changed(20_000);
    meddler.once("vacuum vacuum (analyze false, skip_locked) retry, lane", unheard);
    await expect(vacuum.runOnce()).rejects.toThrow("ECONNRESET");
    expect(await estimate()).toBe(-1);
    await vacuum.runOnce();
    expect(await estimate()).toBe(20_000);
  });

  test("tells who has too much in it by a sample", async () => {
    await town.rows(
      `insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
       select gen_random_uuid(), case when n % 10 < 3 then $1::int else 1000 + n % 140 end, $2, now(), 1, 1, 1
       from generate_series(1, 200000) as n`,
      [endpoint, town.workspaceId],
    );
    const client = await town.database.connections.pool.connect();
    try {
      await client.query("begin");
      const crowded = { serial: endpoint, workspaceId: town.workspaceId };
      expect(await listToFallBehind(client, 50_000)).toEqual([crowded]);
      const { rows } = await client.query(
        `select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read
         from pg_stat_xact_user_tables where relname = 'retry'`,
      );
      // It passes by 50,000 to see whether there are so many, and counts 50,000 of the one.
      expect(rows[0].read).toBeLessThan(150_000);
      expect(await listToFallBehind(client, 70_000)).toEqual([]);
    } finally {
      await client.query("rollback");
      client.release();
    }
  });

  test("is left alone while little has changed, however small it is", async () => {
    await wait(10);
    await town.rows("vacuum retry");
    const vacuum = new QueueVacuum(town.database.connections);
    await town.rows("delete from retry");
    vacuum.changed(4_999);
    await vacuum.runOnce();
    expect(await estimate()).toBe(10);
    vacuum.changed();
    await vacuum.runOnce();
    expect(await estimate()).toBe(0);
  });
});
