import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { systemClock } from "./clock.ts";
import { manualTime } from "./fixtures/manual-time.ts";
import { createTimerWheel } from "./timer-wheel.ts";

describe("a timer", () => {
  test("fires once, in the first tick at or after its time", () => {
    const { clock, wheel, advance } = manualTime();
    const fired: number[] = [];
    const start = clock.monotonic();
    wheel.add(start + 250, () => fired.push(clock.monotonic() - start));
    advance(249);
    expect(fired).toEqual([]);
    advance(1);
    expect(fired, "never between two ticks").toEqual([]);
    advance(50);
    expect(fired).toEqual([300]);
    advance(200_000);
    expect(fired).toEqual([300]);
    expect(wheel.size).toBe(0);
  });

  test("that is cancelled does not fire, and may be cancelled again", () => {
    const { clock, wheel, advance } = manualTime();
    let fired = 0;
    const timer = wheel.add(clock.monotonic() + 100, () => fired++);
    timer.cancel();
    timer.cancel();
    advance(1_000);
    expect(fired).toBe(0);
    expect(wheel.size).toBe(0);
  });

  test("whose time has passed fires in the next tick", () => {
    const { clock, wheel, advance } = manualTime();
    let fired = 0;
    wheel.add(clock.monotonic() - 5_000, () => fired++);
    advance(100);
    expect(fired).toBe(1);
  });

  test("is never early and at most a tick late, whatever the time and however ticks jump", () => {
    const delays = fc.array(fc.double({ min: 0, max: 300_000, noNaN: true }), { maxLength: 50 });
    const jumps = fc.array(fc.nat({ max: 20_000 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(delays, jumps, fc.integer({ min: 1, max: 64 }), (waits, steps, slots) => {
        const clock = { at: 12_345, monotonic: () => clock.at };
        const wheel = createTimerWheel({ clock, slots });
        const fired = new Set<number>();
        const dueAt = waits.map((wait) => clock.at + wait);
        for (const [i, at] of dueAt.entries()) wheel.add(at, () => fired.add(i));
        for (const step of steps) {
          clock.at += step;
          wheel.tick(clock.at);
          for (const [i, at] of dueAt.entries()) {
            // A tick comes at least once in 100 ms of the wheel's own time.
            const early = fired.has(i) && at > clock.at;
            const late = !fired.has(i) && at <= clock.at - 100;
            expect({ at, early, late }).toEqual({ at, early: false, late: false });
          }
          expect(wheel.size).toBe(waits.length - fired.size);
        }
      }),
    );
  });
});

describe("a tick", () => {
  test("fires what is due in the order of its time", () => {
    const { clock, wheel, advance } = manualTime();
    const fired: number[] = [];
    for (const wait of [900, 100, 103_000, 500, 100]) {
      wheel.add(clock.monotonic() + wait, () => fired.push(wait));
    }
    advance(300_000);
    expect(fired).toEqual([100, 100, 500, 900, 103_000]);
  });

  test("lets one timer cancel another that is due with it, and add a new one", () => {
    const { clock, wheel, advance } = manualTime();
    const fired: string[] = [];
    const due = clock.monotonic() + 100;
    const cancelling = wheel.add(due, () => {
      fired.push("first");
      cancelled.cancel();
      wheel.add(due, () => fired.push("added"));
    });
    const cancelled = wheel.add(due, () => fired.push("cancelled"));
    advance(100);
    expect(fired).toEqual(["first"]);
    advance(100);
    expect(fired).toEqual(["first", "added"]);
    cancelling.cancel();
    expect(wheel.size).toBe(0);
  });

  test("fires the others when one throws, and then tells", () => {
    const { clock, wheel, advance } = manualTime();
    let fired = 0;
    const due = clock.monotonic() + 100;
    wheel.add(due, () => {
      throw new Error("mistake");
    });
    wheel.add(due, () => fired++);
    expect(() => advance(100)).toThrow("mistake");
    expect(fired).toBe(1);
  });

  test("back in time changes nothing", () => {
    const { clock, wheel } = manualTime();
    let fired = 0;
    wheel.add(clock.monotonic() + 100, () => fired++);
    wheel.tick(clock.monotonic() - 60_000);
    wheel.tick(clock.monotonic() + 100);
    expect(fired).toBe(1);
  });
});

test("a started wheel turns by itself until it is stopped", async () => {
  const clock = systemClock();
  const wheel = createTimerWheel({ clock, tickMs: 1 });
  wheel.start();
  wheel.start();
  await new Promise<void>((resolve) => wheel.add(clock.monotonic() + 2, resolve));
  wheel.stop();
  wheel.stop();
  expect(wheel.size).toBe(0);
});
