import { afterEach, beforeEach, expect, test } from "vitest";
import { openMeddler } from "../support/database/meddler.ts";
import { openTown, recorder, type Town } from "../support/engine/town.ts";
import { until } from "../support/until.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

test("what is committed while its process stops is delivered by another, once", async () => {
  await town.endpoint();
  const { connections, once } = openMeddler(town.database.connections);
  const [stopping, heir] = [await town.engine({ connections }), await town.engine()];
  const { id } = stopping.membership.current;
  let stopped: Promise<void> = Promise.resolve();
  once("accept commit", async (run) => {
    stopped = stopping.stop(1_000);
    await until("its registration ends, or waits for what is accepted under it", async () => {
      const [row] = await town.rows<{ isEnding: boolean }>(
        `select state <> 'living' or exists (select from pg_stat_activity
           where wait_event_type = 'Lock' and datname = current_database()) as "isEnding"
         from process where id = $1`,
        [id],
      );
      return row?.isEnding === true;
    });
    return run();
  });
  await recorder(stopping).accept(town.draft());
  await stopped;
  expect(await town.rows("select state from process where id = $1", [id])).toEqual([
    { state: "recovered" },
  ]);
  await heir.watchOnce();
  await heir.retries.scan();
  await heir.retries.runOnce();
  await heir.quiet();
  expect(await town.rows("select state, attempts from delivery")).toEqual([
    { state: "delivered", attempts: 1 },
  ]);
  expect(town.posts).toHaveLength(1);
});
