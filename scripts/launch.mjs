import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "./prepare/child.mjs";
import { Refusal } from "./prepare/refusal.mjs";
import { prepare, ROOT } from "./prepare.mjs";

/** Runs a TypeScript program of this checkout, given as its path, with our arguments; answers its exit code. */
export async function launch(program) {
  await prepare();
  const path = join(ROOT, program);
  if (!existsSync(path)) throw new Refusal(`${path} is missing: is this checkout complete?`);
  return run(process.execPath, ["--import", "tsx", path, ...process.argv.slice(2)], { cwd: ROOT });
}
