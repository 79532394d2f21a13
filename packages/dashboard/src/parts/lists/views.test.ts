import { describe, expect, test } from "vitest";
import { isSame, parseViews, withView } from "./views.ts";

const dead = { name: "Dead today", filters: { state: "dead", range: "24h" } };

describe("saved views", () => {
  test("stand by name, and one takes the place of what had its name", () => {
    const orders = { name: "Orders", filters: { type: "order.*" } };
    const week = { name: "Dead today", filters: { state: "dead", range: "7d" } };
    expect(withView(withView([orders], dead), week)).toEqual([week, orders]);
  });

  test("are the same when they narrow a list in the same way, in whatever order", () => {
    expect(isSame(dead.filters, { range: "24h", state: "dead" })).toBe(true);
    expect(isSame(dead.filters, { state: "dead" })).toBe(false);
    expect(isSame({ state: "dead" }, dead.filters)).toBe(false);
    expect(isSame({ state: "dead" }, { range: "dead" })).toBe(false);
  });

  test.each([
    [null, []],
    ["no JSON", []],
    ["{}", []],
    [JSON.stringify([dead, 7, null, { name: "x" }, { name: "x", filters: { a: 1 } }]), [dead]],
  ])("that are kept as %s are read as far as they can be", (kept, views) => {
    expect(parseViews(kept)).toEqual(views);
  });
});
