import { readFileSync } from "node:fs";

/** The three numbers of a run that ended as vitest reports it. A file that does not load is one failure. */
export function countTests(modules, errors) {
  const counts = { passed: 0, failed: errors.length, skipped: 0 };
  for (const module of modules) {
    const states = [...module.children.allTests()].map((each) => each.result().state);
    counts.passed += states.filter((state) => state === "passed").length;
    counts.failed += states.filter((state) => state === "failed").length;
    counts.skipped += states.filter((state) => state === "skipped").length;
    if (module.state() === "failed" && !states.includes("failed")) counts.failed += 1;
  }
  return counts;
}

/** The files that something failed in. */
export function failedFiles(modules) {
  return modules.filter((module) => module.state() === "failed").map((module) => module.moduleId);
}

/** The numbers that a run left at `path`. One that failed without naming a failure, or ran nothing, failed once. */
export function readCounts(path, exitCode) {
  const counts = parse(path);
  const unnamed = counts.failed === 0 && (exitCode !== 0 || counts.passed === 0);
  return unnamed ? { ...counts, failed: 1 } : counts;
}

/** `12 passed, 0 failed`, and the skipped where there are any. */
export function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Those of the run that left its numbers at `path`; none where it did not get as far. */
export function readFailedFiles(path) {
  return parse(path).files ?? [];
}

function parse(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }; // the run did not get as far
  }
}
