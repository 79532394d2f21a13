import { describe, expect, test } from "vitest";
import { createPairLimiter, createRateLimiter } from "./limits.ts";

describe("the pair limit", () => {
  const rate = { everyMs: 6_000, burst: 45 };

  test("lends a burst of 45, then lets one message through every six seconds", () => {
    const limiter = createPairLimiter();
    const at = (now: number) => limiter.take("a", now, rate);
    expect(Array.from({ length: 45 }, () => at(0)).every(Boolean)).toBe(true);
    expect(at(0)).toBe(false);
    expect(at(5_999)).toBe(false);
    expect(at(6_000)).toBe(true);
    expect(at(6_000)).toBe(false);
    expect(at(18_000), "two places have come free").toBe(true);
    expect(at(18_000)).toBe(true);
    expect(at(18_000)).toBe(false);
  });

  test("is one of its own for every pair, and can be lifted", () => {
    const limiter = createPairLimiter();
    const one = { everyMs: 6_000, burst: 1 };
    expect(limiter.take("a", 0, one)).toBe(true);
    expect(limiter.take("a", 0, one)).toBe(false);
    expect(limiter.take("b", 0, one)).toBe(true);
    expect(limiter.take("a", 0, { everyMs: 0, burst: 1 })).toBe(true);
  });
});

describe("the throughput limit", () => {
  test("counts over any stretch of a second, not from second to second", () => {
    const limiter = createRateLimiter(1_000);
    expect([0, 900, 950].map((now) => limiter.take("n", now, 3))).toEqual([true, true, true]);
    expect(limiter.take("n", 999, 3)).toBe(false);
    expect(limiter.take("n", 1_001, 3), "the first has left the window").toBe(true);
    expect(limiter.take("n", 1_001, 3)).toBe(false);
    expect(limiter.take("n", 1_001, 0), "0 lifts the limit").toBe(true);
  });
});
