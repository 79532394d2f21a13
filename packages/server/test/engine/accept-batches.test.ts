import { afterAll, beforeAll, expect, test } from "vitest";
import { openTown, type Town } from "../support/engine/town.ts";

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.end());

test("a transaction takes units up to a weight, and one that is heavier alone", async () => {
  const engine = await town.engine();
  const batches: number[][] = [];
  const acceptor = engine.makeAcceptor<number, number>({
    name: "weighed",
    maxUnits: 10,
    weightOf: (weight) => weight,
    maxWeight: 5,
    async run(recording, units) {
      await recording.tx.query("select 1");
      batches.push([...units]);
      return [...units];
    },
  });
  const weights = [3, 3, 1, 7, 1];
  expect(await Promise.all(weights.map((weight) => acceptor.accept(weight)))).toEqual(weights);
  expect(batches).toEqual([[3, 1, 1], [3], [7]]);
});

test("what is still under way beside a statement that failed writes nothing after the rollback", async () => {
  const engine = await town.engine();
  let refused = () => {};
  const isRefused = new Promise<void>((resolve) => {
    refused = resolve;
  });
  let straggler: Promise<unknown> = Promise.resolve();
  const acceptor = engine.makeAcceptor<string, string>({
    name: "straggling",
    maxUnits: 1,
    async run({ tx }, units) {
      straggler = isRefused.then(() =>
        tx.query(
          "insert into tally_delta (workspace_id, endpoint, day, from_state, to_state, n) values ($1, 0, '2026-01-01', 'a', 'b', 1)",
          [town.workspaceId],
        ),
      );
      straggler.catch(() => {});
      await tx.query("select 1 / 0");
      return [...units];
    },
  });
  await expect(acceptor.accept("unit")).rejects.toThrow("division by zero");
  refused();
  await expect(straggler).rejects.toThrow("This transaction has already ended");
  expect(await town.rows("select from tally_delta where day = '2026-01-01'")).toEqual([]);
});
