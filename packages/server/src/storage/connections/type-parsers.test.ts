import { describe, expect, test } from "vitest";
import { typeParsers } from "./type-parsers.ts";

const INT8: number = 20;
const INT8_ARRAY: number = 1016;
const TIMESTAMPTZ: number = 1184;
const TIMESTAMPTZ_ARRAY: number = 1185;

describe("what a column becomes", () => {
  test.each([
    ["1970-01-01 00:00:00+00", 0],
    ["2026-03-02 09:30:15.123+00", Date.UTC(2026, 2, 2, 9, 30, 15, 123)],
    ["2026-03-02 09:30:15.1239+00", Date.UTC(2026, 2, 2, 9, 30, 15, 123)],
    ["2026-03-02 09:30:15.5+05:30", Date.UTC(2026, 2, 2, 4, 0, 15, 500)],
    ["2026-03-02 09:30:15-03", Date.UTC(2026, 2, 2, 12, 30, 15)],
    ["1969-12-31 23:59:59.999+00", -1],
    ["12026-03-02 00:00:00+00", Date.UTC(12026, 2, 2)],
  ])("the instant %s is %d ms", (text, ms) => {
    expect(typeParsers.getTypeParser(TIMESTAMPTZ)(text)).toBe(ms);
  });

  test.each(["infinity", "-infinity", "0044-03-15 00:00:00+00 BC"])(
    "%s is no instant that can be counted",
    (text) => expect(() => typeParsers.getTypeParser(TIMESTAMPTZ)(text)).toThrow(RangeError),
  );

  test("a bigint is a number, and refused when it would lose its last digits", () => {
    const parse = typeParsers.getTypeParser(INT8);
    expect(parse("-9007199254740991")).toBe(-9007199254740991);
    expect(() => parse("9007199254740993")).toThrow(RangeError);
  });

  test("arrays of both are read alike", () => {
    expect(typeParsers.getTypeParser(INT8_ARRAY)("{1,NULL,3}")).toEqual([1, null, 3]);
    expect(typeParsers.getTypeParser(INT8_ARRAY)("{}")).toEqual([]);
    expect(typeParsers.getTypeParser(TIMESTAMPTZ_ARRAY)('{"1970-01-01 00:00:01+00",NULL}')).toEqual(
      [1_000, null],
    );
  });
});
