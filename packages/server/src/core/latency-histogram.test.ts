import { describe, expect, test } from "vitest";
import { addLatency, bucketOf, percentileOf } from "./latency-histogram.ts";

describe("a latency histogram", () => {
  test("gives percentiles that are off by less than a fifth, over five orders of magnitude", () => {
    const buckets: number[] = [];
    const times = Array.from({ length: 10_000 }, (_, n) => 1.002 ** (n * 0.6));
    for (const ms of times) addLatency(buckets, ms);
    for (const share of [0.1, 0.5, 0.95, 0.99]) {
      const exact = times[Math.ceil(share * times.length) - 1] ?? 0;
      const told = percentileOf(buckets, share) ?? 0;
      expect(Math.abs(told - exact) / exact).toBeLessThan(0.2);
    }
    expect(buckets.length).toBeLessThan(80);
  });

  test("of nothing has no percentile", () => {
    expect(percentileOf([], 0.5)).toBeNull();
    expect(percentileOf([0, 0], 0.5)).toBeNull();
  });

  test("puts nothing below its first bucket and nothing above its last", () => {
    expect([0, 0.4, 1].map(bucketOf)).toEqual([0, 0, 0]);
    expect(bucketOf(10 ** 9)).toBe(bucketOf(10 ** 12));
    const all: number[] = [];
    addLatency(all, 10 ** 9);
    expect(percentileOf(all, 0.99)).toBeGreaterThan(200_000);
  });
});
