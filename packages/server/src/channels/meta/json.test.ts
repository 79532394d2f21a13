import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson, writeJson } from "./json.ts";

describe("reading a provider's JSON", () => {
  test.each([
    ['{"id":9007199254740993}', { id: "9007199254740993" }],
    ['{"id":-9007199254740993}', { id: "-9007199254740993" }],
    ["9007199254740993", "9007199254740993"],
    ["[12345678901234567890,1]", ["12345678901234567890", 1]],
    ['{"id":9007199254740991}', { id: 9_007_199_254_740_991 }],
    ['{"a":"\\\\",  "id":  98765432109876543210 }', { a: "\\", id: "98765432109876543210" }],
    ['{"a":"\\"1,","id":98765432109876543210}', { a: '"1,', id: "98765432109876543210" }],
    [
      '{"12345678901234567890":"12345678901234567890"}',
      { "12345678901234567890": "12345678901234567890" },
    ],
    [
      '{"text":"1, 12345678901234567890","n":0.1234567890123456789}',
      { text: "1, 12345678901234567890", n: 0.12345678901234568 },
    ],
    ['{"n":1.5e3,"m":1234567890123456789e2}', { n: 1500, m: 123_456_789_012_345_680_000 }],
  ])("%s keeps every digit of its ids", (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test.each(["", "{", "{12345678901234567890:1}", "[1,]", "nope"])("%j is not JSON", (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  test("everything else is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text, bigAsDigits));
      }),
    );
  });

  test("what a big number stands beside is not touched", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (value, key) => {
        const text = JSON.stringify({ value, [`k${key}`]: "BIG" }).replace(
          /"BIG"}$/,
          "18446744073709551615}",
        );
        expect(parseJson(text)).toEqual({
          value: JSON.parse(JSON.stringify(value), bigAsDigits),
          [`k${key}`]: "18446744073709551615",
        });
      }),
    );
  });

  test("what is too deep for JSON.stringify is written all the same", () => {
    const depth = 200_000;
    const text = `${'{"a":[1,'.repeat(depth)}{}${"]}".repeat(depth)}`;
    expect(() => JSON.stringify(JSON.parse(text))).toThrow(RangeError);
    expect(writeJson(parseJson(text))).toBe(text);
  });
});

/** The one difference, said in another way: these are numbers that JSON writes with all their digits. */
function bigAsDigits(_: string, value: unknown): unknown {
  const isBig = Number.isInteger(value) && !Number.isSafeInteger(value);
  return isBig && /^-?\d+$/.test(String(value)) ? String(value) : value;
}
