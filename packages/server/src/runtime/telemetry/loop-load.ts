import {
  type EventLoopUtilityFunction,
  type EventLoopUtilization,
  performance,
} from "node:perf_hooks";

/** What this thread's event loop has done. */
export const ownLoop: EventLoopUtilityFunction = performance.eventLoopUtilization;

/**
 * How much of the time since it was last called the busiest of some event loops had something to do, 0
 * to 1.
 */
export function loopLoad(loops: readonly EventLoopUtilityFunction[]): () => number {
  const looks = loops.map((measure) => ({ measure, last: measure() }));
  return () => Math.max(0, ...looks.map(loadOf));
}

function loadOf(look: { measure: EventLoopUtilityFunction; last: EventLoopUtilization }): number {
  const now = look.measure();
  const active = now.active - look.last.active;
  const idle = now.idle - look.last.idle;
  look.last = now;
  // A thread that takes the place of one that ended begins at nothing, as one that has not begun.
  if (active < 0 || idle < 0) return now.utilization;
  return active + idle > 0 ? active / (active + idle) : 0;
}
