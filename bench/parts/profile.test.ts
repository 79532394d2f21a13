import { expect, test } from "vitest";
import { type CpuProfile, digest } from "./profile.ts";

const frame = (id: number, functionName: string, url = "", children: number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
  children,
});

/** Samples of 1 ms, from 100 ms on. */
const profile = (samples: number[]): CpuProfile => ({
  nodes: [
    frame(1, "(idle)"),
    frame(2, "writev"),
    frame(3, "parse", "file:///x/node_modules/@scope/lib/dist/a.js"),
    frame(4, "send", "file:///x/packages/server/dist/delivery/attempt/sender.js"),
    frame(5, "send", "file:///x/packages/server/dist/delivery/attempt/sender.js"),
    frame(6, "request", "file:///x/node_modules/undici/lib/pool.js", [7]),
    frame(7, "write", "node:net", [8]),
    frame(8, "writev"),
  ],
  startTime: 100_000,
  samples,
  timeDeltas: samples.map(() => 1_000),
});

test("busy time is summed up by function, however it was called, and by place", () => {
  const { busy, functions, places } = digest(profile([1, 4, 1, 5, 3, 1, 2, 1]), 0, 1_000);
  expect(busy).toBe(0.5);
  expect(functions[0]).toEqual({ name: "send curlew/delivery/attempt/sender.js:10", share: 0.5 });
  expect(functions.map(({ name }) => name)).toContain("parse @scope/lib/dist/a.js:10");
  expect(places.map(({ name }) => name)).toEqual(["curlew delivery", "@scope/lib", "writev"]);
});

test("what a library has Node and the system do is the library's time", () => {
  const { functions, places } = digest(profile([7, 8, 8, 4]), 0, 1_000);
  expect(functions[0]).toEqual({ name: "writev", share: 0.5 });
  expect(places[0]).toEqual({ name: "undici", share: 0.75 });
});

test("what was sampled before or after the window does not count", () => {
  const { functions } = digest(profile([4, 4, 2, 2, 3]), 102.5, 104.5);
  expect(functions).toEqual([{ name: "writev", share: 1 }]);
});
