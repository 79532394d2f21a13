import { afterEach, beforeEach, expect, test } from "vitest";
import type { PostResult } from "../../src/delivery/attempt/attempt.ts";
import { openMeddler } from "../support/database/meddler.ts";
import { ok, openTown, recorder, refused, type Town } from "../support/engine/town.ts";
import { until } from "../support/until.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

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
