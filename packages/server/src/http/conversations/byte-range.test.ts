import { expect, test } from "vitest";
import { readRange } from "./byte-range.ts";

test.each([
  [undefined, null],
  ["bytes=0-9", { start: 0, end: 9 }],
  ["bytes=10-", { start: 10, end: 99 }],
  ["bytes=90-200", { start: 90, end: 99 }],
  ["bytes=-10", { start: 90, end: 99 }],
  ["bytes=-1000", { start: 0, end: 99 }],
  ["bytes=99-99", { start: 99, end: 99 }],
  ["bytes=100-", "none"],
  ["bytes=-0", "none"],
  ["bytes=9-3", null],
  ["bytes=0-1,4-5", null],
  ["bytes=-", null],
  ["lines=0-9", null],
  ["bytes=a-b", null],
] as const)("of a hundred bytes, %s asks for %o", (header, part) => {
  expect(readRange(header, 100)).toEqual(part);
});
