import { writeFileSync } from "node:fs";
import { countTests, failedFiles } from "./test-counts.mjs";

/**
 * Leaves the numbers of a run, and the files that failed, where the script that started it will look.
 * Vitest wants a default export.
 */
export default class CountingReporter {
  onTestRunEnd(modules, errors) {
    const path = process.env.TEST_COUNTS_FILE;
    if (!path) return;
    const counts = { ...countTests(modules, errors), files: failedFiles(modules) };
    writeFileSync(path, JSON.stringify(counts));
  }
}
