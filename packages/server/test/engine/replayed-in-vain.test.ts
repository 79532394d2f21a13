import { afterEach, beforeEach, expect, test } from "vitest";
import { deliveryId } from "../../src/core/ids.ts";
import { openDesk } from "../support/engine/desk.ts";
import { openTown, recorder, refused, type Town } from "../support/engine/town.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

test("a replay that fails of what was delivered is no dead letter, and nobody is told of one", async () => {
  const { url, serial } = await town.endpoint({ schedule: [] });
  const desk = await openDesk(town);
  const { id } = await recorder(desk.engine).accept(town.draft());
  await desk.engine.quiet();
  expect(await desk.call("POST", `/deliveries/${deliveryId(id, serial)}/replay`)).toMatchObject({
    status: 202,
  });
  town.answers.set(url, () => refused(500));
  await desk.engine.retries.scan();
  await desk.engine.retries.runOnce();
  await desk.engine.quiet();
  expect(town.posts).toHaveLength(2);
  expect(await town.rows("select state from delivery")).toEqual([{ state: "delivered" }]);
  expect(await town.rows("select event_id from untold_dead_letter")).toEqual([]);
});
