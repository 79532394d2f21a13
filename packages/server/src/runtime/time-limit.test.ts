import { expect, test } from "vitest";
import { withinTime } from "./time-limit.ts";

test("work that ends in time gives what it came to, and throws what it throws", () => {
  expect(withinTime(1_000, () => ({ sum: 1 + 1 }))).toEqual({ kind: "done", value: { sum: 2 } });
  expect(withinTime(1_000, () => undefined)).toEqual({ kind: "done", value: undefined });
  expect(() =>
    withinTime(1_000, () => {
      throw new TypeError("not so");
    }),
  ).toThrow(new TypeError("not so"));
});

test.each<[string, () => unknown]>([
  ["a regular expression that tries everything", () => /^((a+))+$/.test(`${"a".repeat(60)}!`)],
  [
    "a loop without an end",
    () => {
      for (let n = 0; ; n++) if (n < 0) return n;
    },
  ],
  [
    "a call of itself without an end",
    function again(): unknown {
      return [again()];
    },
  ],
])("%s is interrupted, and what comes next is done", (_, work) => {
  expect(withinTime(20, work)).toEqual({ kind: "endless" });
  expect(withinTime(1_000, () => 7)).toEqual({ kind: "done", value: 7 });
});
