import { afterEach, beforeEach, expect, test } from "vitest";
import { hold } from "../../src/storage/instance/instance-hold.ts";
import { openMeddler } from "../support/database/meddler.ts";
import { openTown, recorder, type Town } from "../support/engine/town.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

test("a heartbeat whose answer comes after that of a later one does not let held deliveries go", async () => {
  await town.endpoint();
  const { connections, once } = openMeddler(town.database.connections);
  const engine = await town.engine({ connections });
  once("control beat", async (run) => {
    const answer = await run();
    await hold(town.database.connections.pool, { now: town.clock.now(), reason: "A test" });
    await engine.beatOnce();
    expect(engine.membership.mayAttempt).toBe(false);
    await recorder(engine).accept(town.draft());
    return answer;
  });
  await engine.beatOnce();
  expect(engine.membership.mayAttempt).toBe(false);
  expect(town.posts).toEqual([]);
});

test("a heartbeat of a registration that was lost says nothing of the next one", async () => {
  const { connections, once } = openMeddler(town.database.connections);
  const engine = await town.engine({ connections });
  once("control beat", async (run) => {
    const answer = await run();
    await town.rows("update process set state = 'dead' where state = 'living'");
    await town.clock.advance(5_000);
    await engine.beatOnce();
    expect(engine.membership.isHeard).toBe(true);
    return answer;
  });
  await engine.beatOnce();
  expect(engine.membership.isHeard).toBe(true);
});
