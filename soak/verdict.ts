import type { Doubled } from "./customers.ts";
import type { Trouble } from "./troubles.ts";
import type { Sample } from "./watch.ts";

/** What was in flight when a process was killed may have been taken and not been recorded. */
const IN_FLIGHT_MS = 3_000;
const BREATH_MS = 5_000;
/** Memory and disk are let grow so much between a run's first sixth and its end. */
const GROWTH_SHARE = 0.3;
const GROWTH_MB = 60;
/** A trend in less than this is none. */
const LEAST_MINUTES = 10;

/**
 * Doubled webhooks that no kill explains. Where the attempt is a later one, the server had recorded a
 * failure: the answer came too late for it, as on a busy machine.
 */
export function unexplained(doubled: readonly Doubled[], troubles: readonly Trouble[]): Doubled[] {
  const spans = troubles.flatMap(({ what, from, until }) => {
    if (what === "a server is killed") return [{ from: from - IN_FLIGHT_MS, until: from + 100 }];
    if (what !== "a server stands still") return [];
    return [{ from: from - IN_FLIGHT_MS, until: until + BREATH_MS }];
  });
  return doubled.filter(
    ({ first, attempts: [one, other] }) =>
      other <= one && !spans.some(({ from, until }) => first >= from && first <= until),
  );
}

export interface Trend {
  /** Medians of the first sixth after the first, and of the last sixth, in MB. */
  early: number;
  late: number;
  isFlat: boolean;
}

/** How a figure went on after it had warmed up; null where there is too little to say. */
export function trendOf(
  samples: readonly Sample[],
  pick: (sample: Sample) => number | null,
): Trend | null {
  const last = samples.at(-1)?.minute ?? 0;
  if (last < LEAST_MINUTES) return null;
  const between = (from: number, to: number) =>
    median(
      samples
        .filter(({ minute }) => minute >= from * last && minute <= to * last)
        .map(pick)
        .filter((each) => each !== null),
    );
  const [early, late] = [between(1 / 6, 1 / 3), between(5 / 6, 1)];
  if (early === null || late === null) return null;
  return { early, late, isFlat: late <= early * (1 + GROWTH_SHARE) || late - early <= GROWTH_MB };
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
