import type { EngineMetrics } from "../../src/delivery/engine.ts";

/** Counts nothing. */
export const silentMetrics: EngineMetrics = {
  accepted() {},
  settled() {},
  attempt() {},
  dropped() {},
  fenced() {},
  dead() {},
  refused() {},
};
