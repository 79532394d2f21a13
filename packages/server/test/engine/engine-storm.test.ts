import fc from "fast-check";
import { expect, test } from "vitest";
import { grownFrom, seedsOf } from "../support/storm/seeds.ts";
import { calmSteps, weather, wildSteps } from "../support/storm/skies.ts";
import type { Step, Weather } from "../support/storm/steps.ts";
import { Storm } from "../support/storm/storm.ts";
import { judge } from "../support/storm/verdict/verdict.ts";

/** Of one storm. */
const LIMIT_MS = 60_000;

async function rage(steps: readonly Step[], o: Weather): Promise<string[]> {
  const storm = await Storm.open(o);
  try {
    for (const step of steps) await storm.take(step);
    await storm.end();
    return await judge(storm);
  } finally {
    await storm.close();
  }
}

test.each(seedsOf({ from: 1, count: 6 }))(
  "while database and processes are well nothing is sent twice, whatever receivers do (seed %i)",
  async (seed) => {
    const [steps, sky] = grownFrom(seed, fc.tuple(calmSteps, weather));
    expect(await rage(steps, sky)).toEqual([]);
  },
  LIMIT_MS,
);

test.each(seedsOf({ from: 1, count: 15 }))(
  "whatever is lost, late or dies, each event reaches its endpoints, in order, and is on record (seed %i)",
  async (seed) => {
    const [steps, sky] = grownFrom(seed, fc.tuple(wildSteps, weather));
    expect(await rage(steps, sky)).toEqual([]);
  },
  LIMIT_MS,
);
