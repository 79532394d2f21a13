import { describe, expect, test } from "vitest";
import { findJsonFault } from "./json-fault.ts";

describe("a text that is not JSON", () => {
  test.each([
    ["", 1, 1, null, "a value"],
    ['{"name":', 1, 9, null, "a value"],
    ['{"name":}', 1, 9, "}", "a value"],
    ["{'name':1}", 1, 2, "'", 'a name in double quotes or "}"'],
    ['{\n  "a": 1,\n  "b": [1, 2,]\n}', 3, 14, "]", "a value"],
    ['{\r\n"a":1,}', 2, 7, "}", "a name in double quotes"],
    ['{"a" 1}', 1, 6, "1", '":"'],
    ['{"a":1 "b":2}', 1, 8, '"', '"," or "}"'],
    ["[1 2]", 1, 4, "2", '"," or "]"'],
    ["[", 1, 2, null, 'a value or "]"'],
    ["{} {}", 1, 4, "{", "the end"],
    ["[tru]", 1, 2, "t", 'a value or "]"'],
    ["[NaN]", 1, 2, "N", 'a value or "]"'],
    ['{"a": undefined}', 1, 7, "u", "a value"],
    ["01", 1, 2, "1", "the end"],
    ["[-]", 1, 3, "]", "a digit"],
    ["1.", 1, 3, null, "a digit"],
    ["1e+", 1, 4, null, "a digit"],
    ['"a', 1, 3, null, "the closing quote of a string"],
    ['"a\nb"', 1, 3, "\n", "an escape as \\n"],
    ['"\\x"', 1, 3, "x", 'one of "\\/bfnrtu after a backslash'],
    ['"\\u12g4"', 1, 6, "g", "a hexadecimal digit"],
    ["[\u00a01]", 1, 2, "\u00a0", 'a value or "]"'],
    ["[😀]", 1, 2, "😀", 'a value or "]"'],
  ])("stops being it at one place: %j", (text, line, column, found, expected) => {
    expect(findJsonFault(text)).toEqual({ line, column, found, expected });
  });

  test("is told from one that is, as the runtime tells them, wherever a character is put or missing", () => {
    const whole = '{"a":[1,-2.5e+3,"x\\n\\u00e9\\\\",{"b":{},"c":[]}],"d":true,\n"e" : null}';
    const letters = [
      '"',
      "\\",
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "0",
      "-",
      ".",
      "e",
      "u",
      " ",
      "\n",
      "t",
    ];
    for (let at = 0; at <= whole.length; at++) {
      const before = whole.slice(0, at);
      const after = whole.slice(at);
      const texts = [before, after, before + after.slice(1)];
      for (const letter of letters)
        texts.push(before + letter + after, before + letter + after.slice(1));
      for (const text of texts) expect(findJsonFault(text) === null, text).toBe(isJson(text));
    }
  });

  test("may be as deep as it likes", () => {
    const deep = "[".repeat(1_000_000);
    expect(findJsonFault(deep)).toMatchObject({ line: 1, column: 1_000_001, found: null });
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
