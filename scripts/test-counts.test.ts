import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { countTests, failedFiles, inWords, readCounts, readFailedFiles } from "./test-counts.mjs";

/** A module as vitest reports it: its own state and those of its tests. */
const module = (state: string, ...tests: string[]) => ({
  moduleId: `/tests/${state}.test.ts`,
  state: () => state,
  children: { allTests: () => tests.map((each) => ({ result: () => ({ state: each }) })) },
});

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "curlew-counts-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe("a run's numbers", () => {
  test("are those of its tests", () => {
    const modules = [
      module("passed", "passed", "skipped", "passed"),
      module("failed", "failed", "passed"),
    ];
    expect(countTests(modules, [])).toEqual({ passed: 3, failed: 1, skipped: 1 });
  });

  test("count a file that does not load, and an error that belongs to no test", () => {
    expect(countTests([module("failed")], [])).toMatchObject({ failed: 1 });
    expect(countTests([module("failed", "skipped")], [])).toMatchObject({ failed: 1, skipped: 1 });
    expect(countTests([module("passed", "passed")], [new Error()])).toMatchObject({ failed: 1 });
  });
});

test("the files that failed are named, for them to be run again", () => {
  const files = failedFiles([
    module("passed", "passed"),
    module("failed", "failed"),
    module("skipped"),
  ]);
  expect(files).toEqual(["/tests/failed.test.ts"]);
  const path = join(makeFolder(), "counts.json");
  expect(readFailedFiles(path)).toEqual([]);
  writeFileSync(path, JSON.stringify({ passed: 1, failed: 1, skipped: 0, files }));
  expect(readFailedFiles(path)).toEqual(files);
});

test.each([
  ["all passed", { passed: 3, failed: 0, skipped: 0 }, 0, "3 passed, 0 failed"],
  ["some were skipped", { passed: 3, failed: 0, skipped: 2 }, 0, "3 passed, 0 failed, 2 skipped"],
  ["some failed", { passed: 3, failed: 2, skipped: 0 }, 1, "3 passed, 2 failed"],
  ["it failed without saying why", { passed: 3, failed: 0, skipped: 0 }, 1, "3 passed, 1 failed"],
  ["nothing ran", { passed: 0, failed: 0, skipped: 4 }, 0, "0 passed, 1 failed, 4 skipped"],
  ["it died before its end", null, 137, "0 passed, 1 failed"],
])("when %s, the last line says so", (_, counts, exitCode, words) => {
  const path = join(makeFolder(), "counts.json");
  if (counts) writeFileSync(path, JSON.stringify(counts));
  expect(inWords(readCounts(path, exitCode))).toBe(words);
});
