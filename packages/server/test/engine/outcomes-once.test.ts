import { afterEach, beforeEach, expect, test } from "vitest";
import { deliveryId } from "../../src/core/ids.ts";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import type { Engine } from "../../src/delivery/engine.ts";
import { openMeddler, unheard } from "../support/database/meddler.ts";
import { openDesk } from "../support/engine/desk.ts";
import { ok, openTown, recorder, refused, type Town } from "../support/engine/town.ts";
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

test("a lease that was taken anew while strays are given back is kept", async () => {
  const { url } = await town.endpoint({ schedule: [1, 1, 1] });
  const { connections, once } = openMeddler(town.database.connections);
  const engine = await town.engine({ connections });
  const answers: ((result: PostResult) => void)[] = [];
  town.answers.set(url, () => new Promise((answer) => answers.push(answer)));
  await recorder(engine).accept(town.draft());
  answers[0]?.(refused(500));
  await engine.quiet();
  await town.clock.advance(1_000);
  await engine.beatOnce();
  expect(await engine.retries.runOnce()).toBe(1);
  once("queue list_leases", async (run) => {
    const leases = await run();
    // What was seen leased is settled before its answer comes, and is no lease of ours any more.
    answers[1]?.(refused(500));
    await until("it is settled", () => engine.sender.carried === 0);
    return leases;
  });
  let taking: Promise<unknown> = Promise.resolve();
  once("queue release_leases", async (run) => {
    await town.clock.advance(1_000);
    await engine.beatOnce();
    let claiming: Promise<unknown> = Promise.resolve();
    once("queue claim_due", (claim) => {
      claiming = claim();
      return claiming;
    });
    taking = engine.retries.runOnce();
    // By then a claim has left, or waits until these are given back.
    await town.clock.advance(0);
    await claiming;
    return run();
  });
  await engine.retries.tidy();
  await taking;
  expect(engine.sender.inFlight).toBe(1);
  expect(await town.rows("select from retry where owner is not null")).toHaveLength(1);
  answers[2]?.(ok);
  await engine.quiet();
  expect(town.posts).toHaveLength(3);
});

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
