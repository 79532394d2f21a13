import { describe, expect, test } from "vitest";
import { Floors } from "./floors.ts";

describe("the floors of a process", () => {
  test("the insert floor does not pass an id whose outcome is unknown", () => {
    const floors = new Floors("00");
    const first = floors.begin("10");
    const second = floors.begin("20");
    expect(floors.insertFloor("30")).toBe("10");
    floors.end(first);
    expect(floors.insertFloor("30")).toBe("20");
    floors.end(second);
    expect(floors.insertFloor("30")).toBe("30");
  });

  test("the settled floor stands below the first event that has an open delivery", () => {
    const floors = new Floors("00");
    const [a, b, c] = ["11", "12", "13"].map((id) => floors.track(id)) as [
      ReturnType<Floors["track"]>,
      ReturnType<Floors["track"]>,
      ReturnType<Floors["track"]>,
    ];
    expect(floors.settledFloor("30")).toBe("00");
    a.open = 0;
    b.open = 2;
    c.open = 0;
    expect(floors.settledFloor("30")).toBe("11");
    b.open = 0;
    expect(floors.settledFloor("30")).toBe("30");
  });

  test("the settled floor never passes the insert floor", () => {
    const floors = new Floors("00");
    const open = floors.begin("05");
    const tracked = floors.track("06");
    tracked.open = 0;
    expect(floors.settledFloor(floors.insertFloor("06"))).toBe("05");
    floors.end(open);
  });

  test("an event that is still being inserted holds the settled floor", () => {
    const floors = new Floors("00");
    floors.track("11");
    expect(floors.settledFloor("30")).toBe("00");
  });
});
