import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileFilter, FILTER_LIMITS, type Filter } from "./event-filter.ts";

const body = {
  type: "order.shipped",
  occurred_at: "2026-11-21T10:00:00.000Z",
  account: null,
  channel: { kind: "whatsapp" },
  contact: { name: "Ana", custom_fields: { vip: true, score: 0 } },
  data: {
    total: 100,
    note: "",
    void: null,
    tags: ["urgent", "gift"],
    items: [
      { sku: "a-1", n: 1 },
      { sku: "b-2", n: 5 },
    ],
  },
};

function matches(filter: Filter, of: object = body): boolean {
  const compiled = compileFilter(filter);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.matches(of);
}

describe("a content filter", () => {
  test.each<[Filter, boolean]>([
    [{ type: "order.shipped" }, true],
    [{ type: "order" }, false],
    [{ "data.total": 100 }, true],
    [{ "data.total": "100" }, false],
    [{ "contact.custom_fields.vip": true }, true],
    [{ "contact.custom_fields.score": 0 }, true],
    [{ "data.total": { equals: 100 } }, true],
    [{ "channel.kind": ["sms", "whatsapp"] }, true],
    [{ "channel.kind": { any_of: ["sms", "email"] } }, false],
    [{ "data.note": { exists: true } }, true],
    [{ "data.void": { exists: true } }, false],
    [{ "data.void": null }, true],
    [{ "data.absent": null }, false],
    [{ "data.absent": { exists: false } }, true],
    [{ "account.id": { exists: false } }, true],
    [{ "data.absent.deeper": { exists: false } }, true],
    [{ "contact.name": { prefix: "An" } }, true],
    [{ "contact.name": { prefix: "an" } }, false],
    [{ "data.total": { prefix: "1" } }, false],
    [{ "data.total": { range: { gte: 100, lt: 101 } } }, true],
    [{ "data.total": { range: { gt: 100 } } }, false],
    [{ "data.total": { range: { lte: 99.5 } } }, false],
    [{ occurred_at: { range: { gte: "2026-11-21", lt: "2026-11-22" } } }, true],
    [{ occurred_at: { range: { gte: 0 } } }, false],
    [{ "data.tags": "gift" }, true],
    [{ "data.items.sku": { prefix: "b-" } }, true],
    [{ "data.items.n": { range: { gt: 5 } } }, false],
    [{ "data.tags": { not: "gift" } }, false],
    [{ "data.tags": { not: "blue" } }, true],
    [{ "data.absent": { not: { equals: 1 } } }, true],
    [{ "data.total": 100, "contact.name": "Bob" }, false],
    [{ "data.total": { exists: true, not: { range: { gt: 100 } } } }, true],
    [{ any: [{ "data.total": 1 }, { "contact.name": "Ana" }] }, true],
    [{ any: [{ "data.total": 1 }], "contact.name": "Ana" }, false],
    [{ all: [{ "data.tags": "urgent" }, { "data.tags": "gift" }] }, true],
    [{ not: { "data.total": 100, "contact.name": "Bob" } }, true],
    [{ not: { any: [{ "data.total": 100 }, { "contact.name": "Bob" }] } }, false],
    [{ "data.toString": { exists: true } }, false],
    [{ "data.__proto__.polluted": { exists: true } }, false],
  ])("%j: %s", (filter, wanted) => {
    expect(matches(filter)).toBe(wanted);
  });

  test.each<[string, Filter, (string | number)[], RegExp]>([
    ["without conditions", {}, [], /no condition/],
    ["with an empty group", { any: [] }, ["any"], /a list/],
    ["with a group that is no list", { all: { type: "x" } }, ["all"], /a list/],
    ["with a group of values", { any: ["x"] }, ["any", 0], /an object/],
    ["of an unknown root", { order: 1 }, ["order"], /begins with none of id, type/],
    ["with a broken path", { "data..x": 1 }, ["data..x"], /not a path/],
    ["with an unknown operator", { "data.x": { like: 1 } }, ["data.x", "like"], /none of equals/],
    ["with a prefix that is no text", { "data.x": { prefix: 1 } }, ["data.x", "prefix"], /a text/],
    ["with an unclear exists", { "data.x": { exists: 1 } }, ["data.x", "exists"], /true or false/],
    ["with an empty range", { "data.x": { range: {} } }, ["data.x", "range"], /gt, gte/],
    [
      "with a bound that is none",
      { "data.x": { range: { min: 1 } } },
      ["data.x", "range", "min"],
      /none of gt/,
    ],
    [
      "with a bound that has no order",
      { "data.x": { range: { gt: true } } },
      ["data.x", "range", "gt"],
      /number or a text/,
    ],
    [
      "with a bound beyond all numbers",
      { "data.x": { range: { lt: Number.POSITIVE_INFINITY } } },
      ["data.x", "range", "lt"],
      /number or a text/,
    ],
    ["that compares with an object", { "data.x": { equals: {} } }, ["data.x", "equals"], /a text/],
    ["with an object among values", { "data.x": [1, {}] }, ["data.x", 1], /a text/],
    ["with no values", { "data.x": [] }, ["data.x"], /1 to 100/],
    ["with nothing asked", { "data.x": {} }, ["data.x"], /a value/],
    ["with a wrong not", { "data.x": { not: {} } }, ["data.x", "not"], /a value/],
  ])("%s is refused where it is wrong", (_, filter, path, detail) => {
    const compiled = compileFilter(filter);
    expect(compiled).toEqual({
      ok: false,
      problems: [{ path, detail: expect.stringMatching(detail) }],
    });
  });

  test.each<[Filter, string | null]>([
    [{ "data.x": { range: { gte: 1, lt: "9" } } }, "one bound is a number and another a text"],
    [{ "data.x": { range: { gte: 20, lt: 10 } } }, "no value is gte 20 and lt 10"],
    [{ "data.x": { range: { gt: 10, lte: 10 } } }, "no value is gt 10 and lte 10"],
    [{ "data.x": { range: { gte: 10, lte: 10 } } }, null],
    [{ "data.x": { range: { gt: "b", lt: "a" } } }, "no value is gt b and lt a"],
    [{ "data.x": { range: { gt: "a", gte: "b", lt: "c" } } }, null],
  ])("with a range that never holds is told so: %j", (filter, why) => {
    const compiled = compileFilter(filter);
    // What was taken once is read on as it was meant to the letter: nothing passes.
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
    const detail = expect.stringContaining(`never holds: ${why}`);
    expect(compiled.vain).toEqual(why === null ? [] : [{ path: ["data.x", "range"], detail }]);
    if (why !== null) {
      for (const x of [1, 10, 15, "9", "b"]) expect(compiled.matches({ data: { x } })).toBe(false);
    }
  });

  test("has no more conditions and levels than are worth evaluating", () => {
    const wide = Object.fromEntries(
      Array.from({ length: FILTER_LIMITS.conditions + 1 }, (_, i) => [`data.n${i}`, i]),
    );
    expect(compileFilter(wide).ok).toBe(false);
    let deep: Record<string, unknown> = { type: "x" };
    for (let level = 0; level < FILTER_LIMITS.depth; level++) deep = { not: deep };
    expect(compileFilter(deep).ok).toBe(false);
  });
});

describe("of a long list", () => {
  const of = (length: number) => ({ data: { t: Array.from({ length }, (_, n) => ({ n })) } });

  test("the first thousand entries are looked at", () => {
    expect(matches({ "data.t.n": FILTER_LIMITS.found - 1 }, of(2_000))).toBe(true);
    expect(matches({ "data.t.n": FILTER_LIMITS.found }, of(2_000))).toBe(false);
    const nested = {
      data: { t: [{ n: Array(900).fill(1) }, { n: [...Array(99).fill(1), 2, 3] }] },
    };
    expect(matches({ "data.t.n": 2 }, nested)).toBe(true);
    expect(matches({ "data.t.n": 3 }, nested)).toBe(false);
  });

  test("no more is looked at however long it is", () => {
    let seen = 0;
    const counting = new Proxy(of(100_000).data.t, {
      get(target, name, receiver) {
        if (/^\d+$/.test(String(name))) seen++;
        return Reflect.get(target, name, receiver);
      },
    });
    const any = Array.from({ length: FILTER_LIMITS.conditions }, () => ({ "data.t.n": -1 }));
    expect(matches({ any }, { data: { t: counting } })).toBe(false);
    expect(seen).toBeLessThanOrEqual(2 * FILTER_LIMITS.conditions * FILTER_LIMITS.found);
  });
});

const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom("a", "ab", "b", ""),
  fc.boolean(),
  fc.constant(null),
);
const operator = fc.oneof(
  scalar,
  fc.array(scalar, { minLength: 1, maxLength: 3 }),
  scalar.map((equals) => ({ equals })),
  fc.boolean().map((exists) => ({ exists })),
  fc.constantFrom("", "a", "ab").map((prefix) => ({ prefix })),
  fc.integer({ min: -3, max: 3 }).map((gte) => ({ range: { gte } })),
);
const anyCondition: fc.Arbitrary<Record<string, unknown>> = fc.dictionary(
  fc.constantFrom("data.x", "data.y", "data.x.z", "contact.name"),
  operator,
  { minKeys: 1, maxKeys: 3 },
);
const anyBody = fc.record({
  contact: fc.option(fc.record({ name: scalar })),
  data: fc.dictionary(
    fc.constantFrom("x", "y"),
    fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.record({ z: scalar })),
  ),
});

describe("for any filter and body", () => {
  test("not is the opposite, and twice not changes nothing", () => {
    fc.assert(
      fc.property(anyCondition, anyBody, (filter, of) => {
        expect(matches({ not: filter }, of)).toBe(!matches(filter, of));
        expect(matches({ not: { not: filter } }, of)).toBe(matches(filter, of));
      }),
    );
  });

  test("all needs every one of its filters, any needs one", () => {
    fc.assert(
      fc.property(fc.array(anyCondition, { minLength: 1, maxLength: 4 }), anyBody, (list, of) => {
        const each = list.map((filter) => matches(filter, of));
        expect(matches({ all: list }, of)).toBe(each.every(Boolean));
        expect(matches({ any: list }, of)).toBe(each.some(Boolean));
      }),
    );
  });

  test("the frozen text matches as the event did when it was accepted", () => {
    fc.assert(
      fc.property(anyCondition, anyBody, (filter, of) => {
        expect(matches(filter, JSON.parse(JSON.stringify(of)) as object)).toBe(matches(filter, of));
      }),
    );
  });

  test("any JSON is a filter or is refused with a reason", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), anyBody, (filter, of) => {
        const compiled = compileFilter(filter);
        if (compiled.ok) expect(typeof compiled.matches(of)).toBe("boolean");
        else expect(compiled.problems.length).toBeGreaterThan(0);
      }),
    );
  });
});
