import { median, type Spread } from "../figures/statistics.ts";
import { two } from "../figures/wording.ts";
import type { Calm } from "./calm.ts";

/** The same thing looked at twice, one look right after the other: what drifts disturbs both alike. */
export interface Pair {
  without: Spread;
  beside: Spread;
  /** Processor seconds a second, of the gateway and of PostgreSQL together. */
  cpu: { without: number; beside: number };
}

export function pairOf(without: Calm, beside: Calm, of: "fromRequest" | "answer"): Pair {
  return {
    ...{ without: without[of], beside: beside[of] },
    cpu: { without: without.cpu, beside: beside.cpu },
  };
}

/** How many times as long something takes beside what may disturb it: the median of the pairs' p95. */
export function costOf(pairs: readonly Pair[]): number {
  return median(pairs.map(({ without, beside }) => beside.p95 / without.p95));
}

/** What two kinds of windows came to, in words; `beside` says what was the matter in the second. */
export function inWords(pairs: readonly Pair[], beside: string): string {
  const p95 = (of: "without" | "beside") => two(median(pairs.map((pair) => pair[of].p95)));
  const cpu = (of: "without" | "beside") => two(median(pairs.map((pair) => pair.cpu[of])));
  return `${p95("without")} ms without, ${p95("beside")} ms ${beside}, ratio ${two(costOf(pairs))}; processor s a second ${cpu("without")} and ${cpu("beside")}`;
}
