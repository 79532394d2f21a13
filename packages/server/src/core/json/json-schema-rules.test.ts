import { describe, expect, test } from "vitest";
import { schemaProblems } from "./json-schema-rules.ts";

describe("a JSON Schema", () => {
  test("that says what an order is can be used", () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      required: ["total"],
      properties: {
        total: { type: "number", minimum: 0 },
        lines: { type: "array", items: { $ref: "#/$defs/line" } },
        code: { type: ["string", "null"], pattern: "^[A-Z]{2}-\\d+$" },
      },
      $defs: { line: { type: "object", properties: { sku: { type: "string" } } } },
    };
    expect(schemaProblems(schema)).toEqual([]);
    expect(schemaProblems(true)).toEqual([]);
  });

  test.each<[string, unknown, (string | number)[], RegExp]>([
    ["with a slip", { propertys: {} }, ["propertys"], /no keyword/],
    ["with an unknown type", { type: "text" }, ["type"], /none of object/],
    ["that refers outside", { $ref: "https://example.com/x" }, ["$ref"], /leads to nothing/],
    ["that refers nowhere", { $ref: "#/$defs/x" }, ["$ref"], /leads to nothing/],
    ["with a broken pattern", { pattern: "(" }, ["pattern"], /no regular/],
    ["with a pattern that explodes", { pattern: "^(a+)+$" }, ["pattern"], /too long/],
    ["with alternatives that explode", { pattern: "^(a|aa)*$" }, ["pattern"], /too long/],
    ["with what is no schema inside", { items: 3 }, ["items"], /no schema/],
    ["with an empty choice", { anyOf: [] }, ["anyOf"], /no list/],
    [
      "deep inside",
      { properties: { a: { items: { typ: "x" } } } },
      ["properties", "a", "items", "typ"],
      /no keyword/,
    ],
  ])("%s is refused where it is wrong", (_, schema, path, detail) => {
    expect(schemaProblems(schema)).toEqual([{ path, detail: expect.stringMatching(detail) }]);
  });

  test("has a size that is worth checking on every publish", () => {
    expect(schemaProblems({ description: "x".repeat(40_000) })).toHaveLength(1);
  });
});
