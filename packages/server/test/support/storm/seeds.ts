import fc from "fast-check";

/**
 * The seeds of the storms of a run: always the same, or those that are asked for, as in
 * `STORM_SEEDS=500-599`.
 */
export function seedsOf(usual: { from: number; count: number }): number[] {
  const asked = process.env["STORM_SEEDS"];
  const [from = usual.from, to = asked ? from : from + usual.count - 1] =
    (asked || undefined)?.split("-").map(Number) ?? [];
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

/** What a seed makes of it. What really happens at once may come otherwise the next time all the same. */
export function grownFrom<T>(seed: number, arbitrary: fc.Arbitrary<T>): T {
  const [grown] = fc.sample(arbitrary, { seed, numRuns: 1, unbiased: true });
  if (grown === undefined) throw new Error("a seed made nothing");
  return grown;
}
