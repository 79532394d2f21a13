import { expect, test } from "vitest";
import { PageSize } from "./page-size.ts";

test("a page that took too long is tried with half as much, down to one row", () => {
  const size = new PageSize();
  const tried: number[] = [];
  do tried.push(size.of(20));
  while (size.halve(0));
  expect(tried).toEqual([20, 10, 5, 2, 1]);
});

test("one row that takes too long is left alone for a minute", () => {
  const size = new PageSize();
  while (size.of(4) > 1) size.halve(0);
  expect(size.isResting(5_000)).toBe(false);
  expect(size.halve(5_000)).toBe(false);
  expect([5_000, 64_999, 65_000].map((now) => size.isResting(now))).toEqual([true, true, false]);
});

test("what has no rows is no smaller for it", () => {
  const size = new PageSize();
  expect(size.halve(0)).toBe(false);
  expect(size.of(20)).toBe(20);
});

test("pages grow again while they fit, and never beyond what is usual", () => {
  const size = new PageSize();
  for (let n = 0; n < 3; n++) {
    size.of(1_000);
    size.halve(0);
  }
  const sizes = Array.from({ length: 60 }, () => {
    const most = size.of(1_000);
    size.fits();
    return most;
  });
  expect(sizes[0]).toBe(125);
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  expect(sizes.at(-1)).toBe(1_000);
});
