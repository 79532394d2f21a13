import fc from "fast-check";
import { expect, test } from "vitest";
import { calmSteps, type Step, type Weather, weather, wildSteps } from "../support/storm/steps.ts";
import { Storm } from "../support/storm/storm.ts";
import { judge } from "../support/storm/verdict.ts";

const CALM_RUNS = 8;
const WILD_RUNS = 24;
/** What really happens at once may come otherwise the next time, so that a smaller storm proves little. */
const AS_IT_IS = { endOnFailure: true };

async function rage(steps: readonly Step[], o: Weather): Promise<void> {
  const storm = await Storm.open(o);
  try {
    for (const step of steps) await storm.take(step);
    await storm.end();
    expect(await judge(storm)).toEqual([]);
  } finally {
    await storm.close();
  }
}

test("while database and processes are well nothing is sent twice, whatever receivers do", async () => {
  const storms = fc.asyncProperty(calmSteps, weather, rage);
  await fc.assert(storms, { ...AS_IT_IS, numRuns: CALM_RUNS });
}, 120_000);

test("whatever is lost, late or dies, each event reaches its endpoints, in order, and is on record", async () => {
  const storms = fc.asyncProperty(wildSteps, weather, rage);
  await fc.assert(storms, { ...AS_IT_IS, numRuns: WILD_RUNS });
}, 240_000);
