import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonLines } from "./json-lines.ts";

test("what fits stands on one line, and the rest on its own", () => {
  const value = { id: "evt_1", channel: null, list: [1, 2], data: { text: "Hello", to: {} } };
  expect(jsonLines(value, 100)).toEqual([
    '{ "id": "evt_1", "channel": null, "list": [1, 2], "data": { "text": "Hello", "to": {} } }',
  ]);
  expect(jsonLines(value, 30)).toEqual([
    "{",
    '  "id": "evt_1",',
    '  "channel": null,',
    '  "list": [1, 2],',
    '  "data": {',
    '    "text": "Hello",',
    '    "to": {}',
    "  }",
    "}",
  ]);
});

test("it stays the same JSON, whatever the width", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 120 }), (value, width) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(JSON.parse(jsonLines(value, width).join("\n")))).toBe(text);
    }),
  );
});
