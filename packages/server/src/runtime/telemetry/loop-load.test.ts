import type { EventLoopUtilization } from "node:perf_hooks";
import { expect, test } from "vitest";
import { loopLoad, ownLoop } from "./loop-load.ts";

/** A loop that has done so much each time that it is asked: milliseconds of work and of nothing to do. */
function loopOf(...measured: readonly [active: number, idle: number][]) {
  const left = [...measured];
  return (): EventLoopUtilization => {
    const [active, idle] = left.shift() ?? [0, 0];
    return { active, idle, utilization: active + idle === 0 ? 0 : active / (active + idle) };
  };
}

test("a process is as busy as the busiest of its loops, since it was last asked", () => {
  const load = loopLoad([
    loopOf([10, 90], [20, 180], [110, 190]),
    loopOf([0, 0], [60, 40], [60, 140]),
  ]);
  expect(load()).toBe(0.6);
  expect(load()).toBe(0.9);
});

test("a thread that has not begun, or takes the place of another, counts with what it has done", () => {
  const load = loopLoad([loopOf([0, 0], [0, 0], [50, 50], [3, 9], [6, 18])]);
  expect([load(), load(), load(), load()]).toEqual([0, 0.5, 0.25, 0.25]);
});

test("this thread's own loop tells of the time that a test takes", () => {
  const { active, idle } = ownLoop();
  expect(active + idle).toBeGreaterThan(0);
});
