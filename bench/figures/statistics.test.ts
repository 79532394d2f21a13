import { expect, test } from "vitest";
import { typicalRatio } from "./statistics.ts";

test("a typical ratio is that of pairs which differ as much in either direction", () => {
  const { ratio, from, to } = typicalRatio([
    [10, 20],
    [10, 5],
    [3, 3],
  ]);
  expect(ratio).toBeCloseTo(1);
  expect(from).toBeLessThan(0.8);
  expect(to).toBeCloseTo(1 / from);
});

test("it is the surer the more pairs say the same", () => {
  const pairs: [number, number][] = [
    [4, 5],
    [5, 5],
    [5, 6],
  ];
  const few = typicalRatio(pairs);
  const many = typicalRatio([...pairs, ...pairs, ...pairs, ...pairs]);
  expect(many.ratio).toBeCloseTo(few.ratio);
  expect(many.to - many.from).toBeLessThan((few.to - few.from) / 2);
});
