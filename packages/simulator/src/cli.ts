#!/usr/bin/env node
import { readFile } from "node:fs/promises";
import { runCli } from "./command-line.ts";

// The exit code is set and not forced: `serve` goes on until it is interrupted.
process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
  readFile: (path) => readFile(path === "-" ? "/dev/stdin" : path, "utf8"),
  untilInterrupted: () =>
    new Promise((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    }),
});
