#!/usr/bin/env -S node --max-semi-space-size=32 --heap-growing-percent=80
import { createRequire } from "node:module";
import { Command } from "commander";
import { readConfig } from "../config/config.ts";
import { isStartError } from "./failure.ts";
import { addListenCommand } from "./listen.ts";
import { serve } from "./serve.ts";
import { addUpkeepCommands } from "./upkeep.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string }; // ours

/** How long a start is still waited for after it was told to stop. */
const LAST_PATIENCE_MS = 5_000;

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const complain = (text: string): void => void process.stderr.write(`${text}\n`);

const program = new Command("curlew")
  .description("A self-hosted gateway for business messaging: events out, messages in.")
  .version(version)
  .addHelpText(
    "after",
    "\nEverything is configured by environment variables: see `curlew config`.",
  );

program
  .command("serve")
  .description("Start the server; also what curlew does without a command")
  .action(async () => {
    const { startApp } = await import("../app.ts");
    const config = readConfig(process.env);
    const start = (each: typeof config) => startApp(each, { version });
    const exit = (code: number): void => process.exit(code);
    const lastPatience = () => AbortSignal.timeout(LAST_PATIENCE_MS);
    const means = { version, start, signals: process, print, complain, lastPatience, exit };
    process.exit(await serve(config, means));
  });

program
  .command("migrate")
  .description("Bring the database to this version's schema, and end")
  .action(async () => {
    const { migrateDatabase } = await import("../app/ground.ts");
    await migrateDatabase(readConfig(process.env));
    print("The database has this version's schema.");
  });

addUpkeepCommands(program, { version, environment: process.env, print, complain });

addListenCommand(program, {
  ...{ environment: process.env, print, complain },
  stopped() {
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
    return stop.signal;
  },
});

program
  .command("config")
  .description("Show what the environment makes of the configuration, secrets masked")
  .action(() => {
    const { warnings, ...config } = readConfig(process.env);
    print(JSON.stringify(config, null, 2));
    for (const warning of warnings) complain(`Warning: ${warning}`);
  });

program
  .command("version")
  .description("Print the version")
  .action(() => print(version));

try {
  // Not commander's own default: with one, a slip in a command's name is an argument too many.
  await program.parseAsync(process.argv.length > 2 ? process.argv : [...process.argv, "serve"]);
} catch (error) {
  if (!(error instanceof Error && isStartError(error))) throw error;
  complain(error.message);
  process.exitCode = 1;
}
