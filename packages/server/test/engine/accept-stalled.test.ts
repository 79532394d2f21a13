import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "../../src/delivery/engine.ts";
import { openTown, type Town } from "../support/engine/town.ts";

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.end());

/** Time passes while one acceptor tries again and again, and sleeps in between. */
async function failFor3S(engine: Engine, othersSleeping: number): Promise<void> {
  for (let past = 0; past < 3_000; past += 1_000) {
    await town.clock.whenSleeping(othersSleeping + 1);
    await town.clock.advance(1_000);
    await engine.beatOnce();
  }
  await town.clock.whenSleeping(othersSleeping + 1);
}

test("while the database takes nothing, what came is tried on, and what comes is refused in words", async () => {
  const engine = await town.engine();
  let isFull = true;
  const acceptor = engine.makeAcceptor<string, string>({
    name: "stalled",
    maxUnits: 10,
    async run(recording, units) {
      await recording.tx.query("select 1");
      // As PostgreSQL says that the disk is full.
      if (isFull) throw Object.assign(new Error("could not extend file"), { code: "53100" });
      return [...units];
    },
  });
  const outcome = { settled: false };
  const sleeping = town.clock.sleeping;
  const first = acceptor.accept("first").finally(() => {
    outcome.settled = true;
  });
  const second = acceptor.accept("second");
  await failFor3S(engine, sleeping);
  expect(outcome.settled, "it is neither refused nor forgotten").toBe(false);
  await expect(acceptor.accept("late")).rejects.toMatchObject({
    code: "unavailable",
    message: "The database takes nothing at the moment: nothing of this request was kept",
    retryAfterS: 5,
  });

  isFull = false;
  await town.clock.advance(1_000);
  expect(await Promise.all([first, second])).toEqual(["first", "second"]);
  expect(await acceptor.accept("after")).toBe("after");
});

test("what nobody would bring again is taken while the database takes nothing, and kept when it does", async () => {
  const engine = await town.engine();
  let isFull = true;
  const acceptor = engine.makeAcceptor<string, string>({
    name: "patient",
    maxUnits: 10,
    refusesNone: true,
    async run(recording, units) {
      await recording.tx.query("select 1");
      // As PostgreSQL says that the disk is full.
      if (isFull) throw Object.assign(new Error("could not extend file"), { code: "53100" });
      return [...units];
    },
  });
  const sleeping = town.clock.sleeping;
  const first = acceptor.accept("first");
  await failFor3S(engine, sleeping);
  const late = acceptor.accept("late");
  isFull = false;
  await town.clock.advance(1_000);
  expect(await Promise.all([first, late])).toEqual(["first", "late"]);
});

test("who has waited long enough for a database that takes nothing is refused, and nothing of it is kept", async () => {
  const engine = await town.engine();
  let isFull = true;
  const acceptor = engine.makeAcceptor<string, string>({
    name: "hurried",
    maxUnits: 10,
    waitMs: 5_000,
    async run(recording, units) {
      await recording.append(units.map(() => town.draft({ type: "parcel.lost" })));
      // As PostgreSQL says that the disk is full.
      if (isFull) throw Object.assign(new Error("could not extend file"), { code: "53100" });
      return [...units];
    },
  });
  const ends: string[] = [];
  const asked = ["first", "second"].map((unit) =>
    acceptor.accept(unit).catch((error: Error) => void ends.push(`${unit}: ${error.message}`)),
  );
  for (let s = 0; s < 80 && ends.length < 2; s++) {
    await town.clock.advance(100);
    await engine.beatOnce();
  }
  await Promise.all(asked);
  expect(ends).toEqual([
    "first: The database takes nothing at the moment: nothing of this request was kept",
    "second: The database takes nothing at the moment: nothing of this request was kept",
  ]);
  isFull = false;
  for (let s = 0; s < 30; s++) await town.clock.advance(100);
  const kept = () => town.rows("select id from event where type = 'parcel.lost'");
  expect(await kept()).toEqual([]);
  expect(await acceptor.accept("after")).toBe("after");
  expect(await kept()).toHaveLength(1);
});

test("when the database is back and refuses what had waited, what comes is taken again", async () => {
  const engine = await town.engine();
  // As PostgreSQL says that the disk is full.
  let code = "53100";
  const acceptor = engine.makeAcceptor<string, string>({
    name: "stalled by one at fault",
    maxUnits: 10,
    async run(recording, units) {
      await recording.tx.query("select 1");
      if (units.includes("at fault")) throw Object.assign(new Error("no"), { code });
      return [...units];
    },
  });
  const sleeping = town.clock.sleeping;
  const first = acceptor.accept("at fault").catch((error: unknown) => error);
  await failFor3S(engine, sleeping);
  await expect(acceptor.accept("meanwhile")).rejects.toMatchObject({ code: "unavailable" });

  code = "22003"; // a number out of range: this unit's own fault
  await town.clock.advance(1_000);
  expect(await first).toMatchObject({ code });
  expect(await acceptor.accept("after")).toBe("after");
});
