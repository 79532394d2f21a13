import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { systemClock } from "./clock.ts";

const NOON = Date.UTC(2026, 2, 2, 12);

function bench() {
  const machine = { wall: NOON, monotonic: 5_000 };
  const clock = systemClock({ wall: () => machine.wall, monotonic: () => machine.monotonic });
  return {
    clock,
    machine,
    pass(ms: number) {
      machine.wall += ms;
      machine.monotonic += ms;
    },
  };
}

describe("time", () => {
  test("is the machine's until the database's is known", () => {
    const { clock, pass } = bench();
    pass(250);
    expect(clock.now()).toBe(NOON + 250);
    expect(clock.offsetMs).toBe(0);
  });

  test("is the database's, carried on by the monotonic clock, after the first sample", () => {
    const { clock, machine, pass } = bench();
    clock.sync(NOON + 90_000, 10);
    expect(clock.now()).toBe(NOON + 90_005);
    machine.wall -= 3_600_000;
    pass(1_000);
    expect(clock.now(), "whoever sets the machine's clock").toBe(NOON + 91_005);
    expect(clock.offsetMs).toBe(3_600_000 + 90_005);
  });

  test("moves no further than a sample proves", () => {
    const { clock } = bench();
    clock.sync(NOON, 0);
    clock.sync(NOON - 400, 500);
    expect(clock.now(), "within the round trip nothing is proved").toBe(NOON);
    clock.sync(NOON + 300, 500);
    expect(clock.now()).toBe(NOON + 300);
  });

  test("goes at half speed while the database catches up", () => {
    const { clock, pass } = bench();
    clock.sync(NOON, 0);
    expect(clock.now()).toBe(NOON);
    clock.sync(NOON - 30_000, 0);
    expect(clock.now()).toBe(NOON);
    pass(20_000);
    expect(clock.now()).toBe(NOON + 10_000);
    pass(60_000);
    expect(clock.now(), "caught up").toBe(NOON + 50_000);
  });

  test("never goes back, whatever is sampled", () => {
    const step = fc.record({
      pass: fc.nat(120_000),
      off: fc.option(fc.integer({ min: -200_000, max: 200_000 })),
      roundTrip: fc.nat(2_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const { clock, machine, pass } = bench();
        let last = clock.now();
        for (const { pass: ms, off, roundTrip } of steps) {
          pass(ms);
          if (off !== null) clock.sync(machine.wall + off, roundTrip);
          const now = clock.now();
          expect(Number.isInteger(now)).toBe(true);
          expect(now).toBeGreaterThanOrEqual(last);
          last = now;
        }
      }),
    );
  });
});

describe("a sample more than a minute off", () => {
  test("is shown and not followed", () => {
    const { clock, pass } = bench();
    clock.sync(NOON, 0);
    clock.sync(NOON + 3_600_000, 0);
    pass(1_000);
    expect(clock.now()).toBe(NOON + 1_000);
    expect(clock.suspectOffsetMs).toBe(3_600_000);
  });

  test("is followed when the next one says the same", () => {
    const { clock, pass } = bench();
    clock.sync(NOON, 0);
    clock.sync(NOON + 3_600_000, 0);
    pass(1_000);
    clock.sync(NOON + 3_601_200, 0);
    expect(clock.now()).toBe(NOON + 3_601_200);
    expect(clock.suspectOffsetMs).toBeNull();
  });

  test("is forgotten when the next one disagrees", () => {
    const { clock, pass } = bench();
    clock.sync(NOON, 0);
    clock.sync(NOON + 3_600_000, 0);
    pass(1_000);
    clock.sync(NOON + 1_000, 0);
    expect(clock.now()).toBe(NOON + 1_000);
    expect(clock.suspectOffsetMs).toBeNull();
    clock.sync(NOON + 3_600_000, 0);
    clock.sync(NOON - 3_600_000, 0);
    expect(clock.now(), "two strange ones do not confirm each other").toBe(NOON + 1_000);
    expect(clock.suspectOffsetMs).toBe(-3_601_000);
  });
});

describe("a sleep", () => {
  const { clock } = bench();

  test("of no length ends", async () => {
    expect(await clock.sleep(0)).toBeUndefined();
    expect(await clock.sleep(-5)).toBeUndefined();
  });

  test("ends when its signal aborts, and does not fail", async () => {
    const stop = new AbortController();
    const sleeping = clock.sleep(3_600_000_000, stop.signal);
    stop.abort();
    expect(await sleeping).toBeUndefined();
    expect(await clock.sleep(3_600_000, stop.signal)).toBeUndefined();
  });
});
