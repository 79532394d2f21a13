import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SERVER_ENTRY } from "../bench/built.ts";
import { endAll } from "../bench/ending.ts";
import { HELP, readOptions } from "./options.ts";
import { printReport } from "./report.ts";
import { runSoak } from "./soak.ts";

let scratch: string | null = null;
let isOver = false;

async function end(code: number): Promise<never> {
  if (!isOver) {
    isOver = true;
    await endAll();
    // What went wrong can be looked at.
    if (scratch !== null && code === 0) rmSync(scratch, { recursive: true, force: true });
    else if (scratch !== null) console.error(`Logs and data: ${scratch}`);
  }
  process.exit(code);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => void end(130));
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    console.log(HELP);
    process.exit(0);
  }
  if (!existsSync(SERVER_ENTRY)) throw new Error("The server is not built: npm run build.");
  scratch = mkdtempSync(join(realpathSync(tmpdir()), "curlew-soak-"));
  const since = performance.now();
  const say = (text: string) => {
    console.error(`${((performance.now() - since) / 60_000).toFixed(1).padStart(6)} min  ${text}`);
  };
  const report = await runSoak({ options, scratch, say });
  console.log(`\n${printReport(report)}`);
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  await end(report.wrong.length === 0 ? 0 : 1);
} catch (error) {
  if (!isOver) {
    console.error(error);
    await end(1);
  }
}
