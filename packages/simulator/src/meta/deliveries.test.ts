import { expect, test } from "vitest";
import { nextRetryAt } from "./deliveries.ts";

test("a refused webhook is repeated ever more rarely for seven days, then given up", () => {
  const waits: number[] = [];
  let now = 0;
  for (let attempts = 1; ; attempts += 1) {
    const next = nextRetryAt(attempts, 0, now);
    if (next === null) break;
    waits.push(next - now);
    now = next;
  }
  const week = 7 * 86_400_000;
  expect(waits.slice(0, 3)).toEqual([5_000, 30_000, 120_000]);
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect(now).toBeLessThanOrEqual(week);
  expect(now).toBeGreaterThan(week - 86_400_000);
});
