#!/usr/bin/env -S node --max-semi-space-size=32 --heap-growing-percent=80 --no-allocation-site-pretenuring
// npm links what is there when it installs: this is, also in a clone that has not been built.
import { existsSync } from "node:fs";

const built = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  process.stderr.write("Curlew is not built yet: npm run build, or npm start.\n");
  process.exitCode = 1;
}
