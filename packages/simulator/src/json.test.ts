import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapedJson } from "./json.ts";

describe("JSON as Meta writes it", () => {
  test.each([
    ["äöå", String.raw`"\u00e4\u00f6\u00e5"`],
    ["😀", String.raw`"\ud83d\ude00"`],
    ["https://example.com/a?b=1&c=2", String.raw`"https:\/\/example.com\/a?b=1&c=2"`],
    ["\u0000\u001f", String.raw`"\u0000\u001f"`],
    ["\ud83d alone", String.raw`"\ud83d alone"`],
    ["<%@>\u007f", '"<%@>\u007f"'],
    ['back\\slash / and "quote"', String.raw`"back\\slash \/ and \"quote\""`],
  ])("%j becomes %s", (text, expected) => {
    expect(escapedJson(text)).toBe(expected);
  });

  test("any value is plain ASCII, has no bare slash, and reads back as it was", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
        const text = escapedJson(value);
        expect(text).not.toMatch(/[\u0080-\uffff]|(?<!\\)\//);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
