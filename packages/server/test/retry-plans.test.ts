import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { releaseLeases } from "../src/storage/retries.ts";
import { openTown, type Town } from "./support/town.ts";

const ROWS = 30_000;
const A_BATCH = 50;
/** After five calls PostgreSQL may keep a plan for all that come. */
const CALLS = 8;

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

/** How much of `retry` was read by way of an index, or of none. */
async function readFrom(index: string): Promise<number> {
  const { pool } = town.database.connections;
  const [row] = (
    await pool.query<{ read: number }>(
      `select (i.idx_tup_read + t.seq_tup_read)::int as read from pg_stat_user_indexes i
       join pg_stat_user_tables t using (relid) where i.indexrelname = $1`,
      [index],
    )
  ).rows;
  return row?.read ?? 0;
}

describe("a queue whose statistics were made when nothing was leased", () => {
  test("gives leases back by their keys, and reads no others", async () => {
    const { serial } = await town.endpoint();
    const client = await town.database.connections.pool.connect();
    try {
      const { rows } = await client.query<{ eventId: string }>(
        `insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
         select gen_random_uuid(), $1, $2, now(), 1, 1, 1 from generate_series(1, $3::int)
         returning event_id as "eventId"`,
        [serial, town.workspaceId, ROWS],
      );
      await client.query("analyze retry");
      await client.query("update retry set owner = 1");
      const read = async () => {
        await client.query("select pg_stat_force_next_flush()");
        return readFrom("retry_owner");
      };
      const before = await read();
      for (let call = 0; call < CALLS; call++) {
        const batch = rows.slice(call * A_BATCH, (call + 1) * A_BATCH);
        const leases = batch.map(({ eventId }) => ({ eventId, endpoint: serial }));
        expect(await releaseLeases(client, 1, leases, town.clock.now())).toHaveLength(A_BATCH);
      }
      expect((await read()) - before).toBe(0);
    } finally {
      client.release();
    }
  });
});
