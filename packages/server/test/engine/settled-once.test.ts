import { afterEach, beforeEach, expect, test } from "vitest";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import type { Engine } from "../../src/delivery/engine.ts";
import { openMeddler, unheard } from "../support/database/meddler.ts";
import { ok, openTown, recorder, type Town } from "../support/engine/town.ts";
import { silentMetrics } from "../support/silent-metrics.ts";
import { until } from "../support/until.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

/** It registers anew. */
async function takeForDead(engine: Engine): Promise<void> {
  await town.rows("update process set state = 'dead' where id = $1", [
    engine.membership.current.id,
  ]);
  await engine.beatOnce();
}

test("memory lets go of an outcome once, although what was written with it had to be written again", async () => {
  const { url } = await town.endpoint();
  const { connections, once } = openMeddler(town.database.connections);
  const settled: string[] = [];
  const engine = await town.engine({
    connections,
    metrics: { ...silentMetrics, settled: (outcome) => settled.push(outcome) },
  });
  const answers: ((result: PostResult) => void)[] = [];
  town.answers.set(url, () => new Promise((answer) => answers.push(answer)));
  const accept = recorder(engine);
  await accept.accept(town.draft());
  await takeForDead(engine);
  await accept.accept(town.draft());
  // Outcomes of both registrations leave together; the later one's finds no database at first.
  once("settle settle_plain", async (run) => {
    once("settle settle_plain", unheard);
    return run();
  });
  const sleeping = town.clock.sleeping;
  for (const answer of answers.splice(0)) answer(ok);
  await town.clock.whenSleeping(sleeping + 1);
  await town.clock.advance(1_000);
  await until("both are written", () => settled.length >= 2);

  // Goes the way of the first one, behind whatever is there of it.
  await accept.accept(town.draft());
  await takeForDead(engine);
  for (const answer of answers) answer(ok);
  await until(
    "so is the third",
    async () => (await town.rows("select from delivery")).length === 3,
  );
  await until("memory is empty", () => engine.sender.carried <= 0);
  expect(engine.sender.carried).toBe(0);
  expect(settled).toEqual(["delivered", "delivered", "delivered"]);
});
