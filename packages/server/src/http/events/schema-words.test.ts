import { expect, test } from "vitest";
import { heldSchema, misfitOf } from "./held-schema.ts";

const LINES = { properties: { lines: { items: { type: "integer", minimum: 3 } } } };

test.each([
  [{ required: ["a"] }, {}, "/a", "is missing"],
  [{ required: ["b/c"] }, {}, "/b~1c", "is missing"],
  [{ type: "object" }, [], "", "must be an object"],
  [LINES, { lines: ["x"] }, "/lines/0", "must be a whole number"],
  [LINES, { lines: [1] }, "/lines/0", "does not fit: 1 is less than 3"],
  [
    { type: ["string", "null"] },
    5,
    "",
    'does not fit: Instance type "number" is invalid. Expected "string", "null"',
  ],
  [
    { properties: { tier: { enum: ["gold", "silver"] } } },
    { tier: "tin" },
    "/tier",
    'must be one of "gold", "silver"',
  ],
  [{ additionalProperties: false }, { tears: 1 }, "/tears", "is not known here"],
])("by the schema %j it is said of %j: %j %s", (schema, value, place, words) => {
  expect(misfitOf(heldSchema(schema), value)).toEqual({ place, words });
});
