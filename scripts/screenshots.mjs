import "./prepare/node-version.mjs";
import { join } from "node:path";
import { run } from "./prepare/child.mjs";
import { main, Refusal } from "./prepare/refusal.mjs";
import { prepare, ROOT } from "./prepare.mjs";

// npm run screenshots: a picture of every page of the dashboard, in both themes and at a phone's
// width, from a server that is filled for it.
await main(async () => {
  if (process.argv.length > 2) throw new Refusal("npm run screenshots takes no arguments.");
  await prepare();
  const folder = join(ROOT, ".cache/screenshots");
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const code = await run(
    process.execPath,
    [
      vitest,
      "run",
      "packages/dashboard/test/every-page.test.ts",
      "packages/dashboard/test/first-run.test.ts",
    ],
    { cwd: ROOT, env: { ...process.env, SCREENSHOTS: folder } },
  );
  console.log(`The pictures are in ${folder}.`);
  return code;
});
