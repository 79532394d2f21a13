#!/usr/bin/env -S node --max-semi-space-size=32 --heap-growing-percent=80 --no-allocation-site-pretenuring
import { createRequire } from "node:module";
import { CommanderError } from "commander";
import { EXIT, isStartError, onNoSpace, WrongUse } from "./failure.ts";
import { createProgram } from "./program.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string }; // ours

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const complain = (text: string): void => void process.stderr.write(`${text}\n`);

// What is piped into a program that has read enough (`| head`) is nobody's fault.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

const program = createProgram({
  ...{ version, environment: process.env, print, complain },
  stopped() {
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
    process.stdout.once("error", () => stop.abort());
    return stop.signal;
  },
});

try {
  // Not commander's own default: with one, a slip in a command's name is an argument too many.
  await program.parseAsync(process.argv.length > 2 ? process.argv : [...process.argv, "serve"]);
} catch (error) {
  if (error instanceof CommanderError) {
    // It has said already why it goes no further; help and the version are no mistake.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.wrongUse;
  } else {
    const words = error instanceof Error && isStartError(error) ? error.message : onNoSpace(error);
    if (words === null) throw error;
    complain(words);
    process.exitCode = error instanceof WrongUse ? EXIT.wrongUse : EXIT.failed;
  }
}
