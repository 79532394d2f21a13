import fc from "fast-check";
import { expect, test } from "vitest";
import { differencesOf } from "./json-difference.ts";

test.each([
  [{ a: 1 }, { a: 1 }, []],
  [{ a: 1 }, { a: 2 }, [{ pointer: "/a", kind: "changed", here: 1, there: 2 }]],
  [{ a: 1 }, {}, [{ pointer: "/a", kind: "only_here", here: 1 }]],
  [{}, { a: null }, [{ pointer: "/a", kind: "only_there", there: null }]],
  [{ a: null }, { a: {} }, [{ pointer: "/a", kind: "changed", here: null, there: {} }]],
  [{ a: [] }, { a: {} }, [{ pointer: "/a", kind: "changed", here: [], there: {} }]],
  [
    { a: [1, { b: 2 }] },
    { a: [1, { b: 3 }, 4] },
    [
      { pointer: "/a/1/b", kind: "changed", here: 2, there: 3 },
      { pointer: "/a/2", kind: "only_there", there: 4 },
    ],
  ],
  [
    { "a/b": 1, "~": 1 },
    { "a/b": 2, "~": 2 },
    [
      { pointer: "/a~1b", kind: "changed", here: 1, there: 2 },
      { pointer: "/~0", kind: "changed", here: 1, there: 2 },
    ],
  ],
  [1, "1", [{ pointer: "", kind: "changed", here: 1, there: "1" }]],
])("%j and %j differ in %j", (here, there, differences) => {
  expect(differencesOf(here, there, 100)).toEqual(differences);
});

test("a value differs from itself in nothing, and from another in something", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (here, there) => {
      expect(differencesOf(here, JSON.parse(JSON.stringify(here)), 100)).toEqual([]);
      const isSame = JSON.stringify(sorted(here)) === JSON.stringify(sorted(there));
      expect(differencesOf(here, there, 100).length === 0).toBe(isSame);
    }),
  );
});

/** Two values with the same members in another order are the same. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? 0 : value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

test("no more differences are told than were asked for", () => {
  expect(differencesOf(Array(50).fill(1), Array(50).fill(2), 10)).toHaveLength(10);
});
