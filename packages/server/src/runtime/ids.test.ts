import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isUuid, timeOfId } from "../core/ids.ts";
import { createIds } from "./ids.ts";

const NOON = Date.UTC(2026, 2, 2, 12);
const FAR = 2 ** 47;

/** A uuid of any version with a given beginning, up to the last that leaves room above it. */
const anyUuid = fc
  .tuple(fc.integer({ min: 0, max: FAR }), fc.bigInt({ min: 0n, max: 2n ** 80n - 1n }))
  .map(([ms, rest]) => {
    const hex = ms.toString(16).padStart(12, "0") + rest.toString(16).padStart(20, "0");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  });

describe("an id", () => {
  test("is a UUIDv7 of its instant", () => {
    const ids = createIds({ now: () => NOON });
    const id = ids.next();
    expect(isUuid(id)).toBe(true);
    expect(id[14]).toBe("7");
    expect(timeOfId(id)).toBe(NOON);
  });

  test("is above every one before it, however the clock jumps", () => {
    const instants = fc.array(fc.nat({ max: 2 * NOON }), { minLength: 2, maxLength: 200 });
    fc.assert(
      fc.property(instants, (times) => {
        const clock = { at: NOON };
        const ids = createIds({ now: () => clock.at });
        let last = ids.last();
        for (const at of times) {
          clock.at = at;
          const id = ids.next();
          expect(id > last).toBe(true);
          expect(ids.last()).toBe(id);
          last = id;
        }
      }),
    );
  });

  test("stays distinct within one millisecond", () => {
    const ids = createIds({ now: () => NOON });
    const made = Array.from({ length: 20_000 }, () => ids.next());
    expect(new Set(made).size).toBe(made.length);
    expect(made.toSorted()).toEqual(made);
  });
});

describe("a jump", () => {
  test("puts everything after it above any id, even one far in the future", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyUuid, fc.nat({ max: 2 * NOON }))), (jumps) => {
        const clock = { at: NOON };
        const ids = createIds({ now: () => clock.at });
        let last = ids.next();
        for (const [uuid, at] of jumps) {
          clock.at = at;
          ids.jumpAbove(uuid);
          expect(ids.last() > uuid).toBe(true);
          const id = ids.next();
          expect(id > uuid).toBe(true);
          expect(id > last).toBe(true);
          last = id;
        }
      }),
    );
  });

  test("above what is below already changes nothing", () => {
    const ids = createIds({ now: () => NOON });
    const id = ids.next();
    ids.jumpAbove(id);
    ids.jumpAbove("00000000-0000-7000-8000-000000000000");
    expect(ids.last()).toBe(id);
    expect(timeOfId(ids.next())).toBe(NOON);
  });

  test("above the end of time is an error", () => {
    const ids = createIds({ now: () => NOON });
    expect(() => ids.jumpAbove("ffffffff-ffff-7fff-bfff-ffffffffffff")).toThrow(
      "no id can be above",
    );
  });
});
