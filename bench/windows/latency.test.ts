import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { Records } from "../figures/records.ts";
import { spreadOf } from "../figures/statistics.ts";
import { answerTimesOf, countWatched, latenciesOf } from "./latency.ts";
import { costOf } from "./pairs.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curlew-latency-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

/** Rows of [number, group or endpoint, first time, second time]. */
function write(name: string, rows: number[][]): string {
  const records = new Records();
  for (const [n = 0, tag = 0, first = 0, second = 0] of rows) {
    records.add(Buffer.from(String(n).padStart(26, "0")), 0, tag, first, second);
  }
  records.flush(join(folder, name));
  return join(folder, name);
}

test("only the first groups are looked at, and only what was sent from a moment on", () => {
  const published = write("published", [
    [1, 0, 5, 6],
    [2, 0, 10, 11],
    [3, 1, 20, 21],
    [4, 2, 30, 31],
  ]);
  const received = write("received", [
    [1, 0, 9],
    [2, 0, 13],
    [3, 1, 27],
    [4, 2, 99],
  ]);
  const { fromRequest, missing } = latenciesOf(published, received, { groups: 2, from: 10 });
  expect(fromRequest).toMatchObject({ count: 2, p50: 3, most: 7 });
  expect(missing).toBe(0);
  expect(countWatched(published, 2)).toBe(3);
});

test("what came twice counts once, and what came to another endpoint is still missing", () => {
  const published = write("published", [
    [1, 0, 10, 11],
    [2, 1, 10, 11],
  ]);
  const received = write("received", [
    [1, 0, 13],
    [1, 0, 50],
    [2, 0, 14],
  ]);
  const { fromRequest, missing } = latenciesOf(published, received, { groups: 2, from: 0 });
  expect(fromRequest).toMatchObject({ count: 1, most: 3 });
  expect(missing).toBe(1);
});

test("an answer's time runs from the request", () => {
  const answered = write("answered", [
    [0, 0, 5, 100],
    [0, 0, 10, 14],
  ]);
  expect(answerTimesOf(answered, 10)).toMatchObject({ count: 1, p95: 4 });
});

test("a cost is the median of the pairs' ratios, so one disturbed window does not decide it", () => {
  const pair = (without: number, beside: number) => ({
    without: spreadOf(Float64Array.of(without)),
    beside: spreadOf(Float64Array.of(beside)),
    cpu: { without: 0, beside: 0 },
  });
  expect(costOf([pair(10, 11), pair(10, 90), pair(20, 20)])).toBeCloseTo(1.1);
});
