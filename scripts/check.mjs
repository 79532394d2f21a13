import "./prepare/node-version.mjs";
import { run, wasInterrupted } from "./prepare/child.mjs";
import { npmCommand } from "./prepare/install.mjs";
import { main, Refusal } from "./prepare/refusal.mjs";
import { prepare, ROOT } from "./prepare.mjs";

const STEPS = ["types", "lint", "knip", "test"];

// npm run check: everything that a change must pass. All of it runs, so that one look shows all that is wrong.
await main(async () => {
  if (process.argv.length > 2) throw new Refusal("npm run check takes no arguments.");
  await prepare();
  const { command, args, shell } = npmCommand();
  const failed = [];
  for (const step of STEPS) {
    const code = await run(command, [...args, "run", "--silent", step], { cwd: ROOT, shell });
    if (wasInterrupted(code)) return code;
    if (code !== 0) failed.push(step);
    console.log(`${code === 0 ? "passed" : "FAILED"}: ${step}`);
  }
  if (failed.length > 0) throw new Refusal(`Failed: ${failed.join(", ")}.`);
  console.log("All checks passed.");
  return 0;
});
