import { describe, expect, test } from "vitest";
import { csvLine } from "./csv.ts";

describe("a line of CSV", () => {
  const cases: readonly (readonly [string, (string | number | null)[], string])[] = [
    ["holds texts and numbers, and nothing for null", ["a", 1, null, -2], "a,1,,-2\r\n"],
    ["quotes what would end a field", ['a "b"', "c,d", "e\nf"], '"a ""b""","c,d","e\nf"\r\n'],
    ["lets no name become a formula", ["=1+1", "@A1", "-x"], "'=1+1,'@A1,'-x\r\n"],
  ];
  test.each(cases)("%s", (_, values, line) => {
    expect(csvLine(values)).toBe(line);
  });
});
