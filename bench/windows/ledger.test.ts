import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Records } from "../figures/records.ts";
import { compareRecords } from "./ledger.ts";

const idOf = (n: number) => String(n).padStart(26, "0");

/** Events as [number, group, sent at, answered at] and webhooks as [number, endpoint, at]. */
function compare(fanOut: number, events: number[][], webhooks: number[][]) {
  const folder = mkdtempSync(join(tmpdir(), "curlew-ledger-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, rows: number[][]) => {
    const records = new Records();
    for (const [n = 0, tag = 0, first = 0, second = 0] of rows) {
      records.add(Buffer.from(`xx${idOf(n)}xx`), 2, tag, first, second);
    }
    records.flush(join(folder, name));
    return join(folder, name);
  };
  return compareRecords(write("published", events), write("received", webhooks), fanOut);
}

test("every event that reached each endpoint of its group once is delivered", () => {
  const ledger = compare(
    2,
    [
      [1, 0, 10, 12],
      [2, 300, 20, 23],
    ],
    [
      [1, 0, 13],
      [2, 601, 25],
      [1, 1, 15],
      [2, 600, 22],
    ],
  );
  expect(ledger).toMatchObject({ accepted: 2, deliveries: 4, lost: 0, doubled: 0, strays: 0 });
  expect(ledger.fromRequest).toEqual({ count: 4, p50: 3, p95: 5, p99: 5, most: 5 });
  expect(ledger.fromAnswer).toEqual({ count: 4, p50: 1, p95: 3, p99: 3, most: 3 });
  expect(ledger.answer).toMatchObject({ count: 2, p50: 2, most: 3 });
});

test("what did not come is lost, and what came twice is doubled and makes up for nothing", () => {
  const webhooks = [
    [1, 0, 13],
    [1, 0, 14],
  ];
  const ledger = compare(2, [[1, 0, 10, 12]], webhooks);
  expect(ledger).toMatchObject({ deliveries: 1, lost: 1, doubled: 1, strays: 0 });
});

test("what came for nobody's event, or to another group's endpoint, is a stray", () => {
  const webhooks = [
    [9, 0, 13],
    [1, 1, 14],
  ];
  expect(compare(1, [[1, 0, 10, 12]], webhooks)).toMatchObject({ lost: 1, strays: 2 });
});

test("more records than fit into one piece of memory are all kept", () => {
  const many = Array.from({ length: 40_000 }, (_, n) => [n, 0, 1, 2]);
  const ledger = compare(1, many, many);
  expect(ledger).toMatchObject({ accepted: 40_000, deliveries: 40_000, lost: 0 });
});
