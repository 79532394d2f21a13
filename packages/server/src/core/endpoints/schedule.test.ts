import { describe, expect, test } from "vitest";
import { nextAttemptAt } from "./schedule.ts";

const SCHEDULE = [5, 300, 1800];

describe("the retry schedule", () => {
  test.each([
    [1, 0, 5_000],
    [2, 0, 300_000],
    [3, 0, 1_800_000],
    [1, 0.5, 5_250],
    [2, 0.999_999, 330_000],
  ])("after failure %i with a spread of %d it waits %i ms", (failures, spread, wait) => {
    expect(nextAttemptAt(SCHEDULE, failures, 1_000_000, spread)).toBe(1_000_000 + wait);
  });

  test("a spent schedule has no next time", () => {
    expect(nextAttemptAt(SCHEDULE, 4, 0, 0)).toBeNull();
    expect(nextAttemptAt([], 1, 0, 0)).toBeNull();
  });
});
