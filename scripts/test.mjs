import "./prepare/node-version.mjs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, wasInterrupted } from "./prepare/child.mjs";
import { main } from "./prepare/refusal.mjs";
import { prepare, ROOT } from "./prepare.mjs";
import { inWords, readCounts } from "./test-counts.mjs";

// npm test [-- paths and options of vitest]: all suites on an embedded PostgreSQL, or on the
// server that TEST_DATABASE_URL names. The last line is `N passed, N failed[, N skipped]`; the same
// numbers are left in the file that TEST_COUNTS_FILE names, if it does.
await main(async () => {
  await prepare();
  const args = process.argv.slice(2);
  const reporters = [`--reporter=${join(ROOT, "scripts/counting-reporter.mjs")}`];
  if (!args.some((arg) => arg.startsWith("--reporter"))) reporters.unshift("--reporter=default");
  const scratch = mkdtempSync(join(tmpdir(), "curlew-test-"));
  try {
    const counts = process.env.TEST_COUNTS_FILE ?? join(scratch, "counts.json");
    const code = await run(
      process.execPath,
      [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", ...reporters, ...args],
      { cwd: ROOT, env: { ...process.env, TEST_COUNTS_FILE: counts } },
    );
    if (wasInterrupted(code)) return code;
    const numbers = readCounts(counts, code);
    console.log(`\n${inWords(numbers)}`);
    return code === 0 && numbers.failed > 0 ? 1 : code;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});
