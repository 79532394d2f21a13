import { Command } from "commander";
import { readConfig } from "../config/config.ts";
import { addListenCommand } from "./listen.ts";
import { addReplayCommand } from "./replay.ts";
import { serve } from "./serve.ts";
import type { RemoteCommandDeps } from "./server-options.ts";
import { addTriggerCommand } from "./trigger.ts";
import { addUpkeepCommands } from "./upkeep.ts";

/** How long a start is still waited for after it was told to stop. */
const LAST_PATIENCE_MS = 5_000;

export interface ProgramDeps extends RemoteCommandDeps {
  version: string;
}

/** Everything that can be typed after `curlew`. Each command loads what it needs when it is called. */
export function createProgram(deps: ProgramDeps): Command {
  const program = new Command("curlew")
    .description("A self-hosted gateway for business messaging: events out, messages in.")
    .version(deps.version, "-v, --version")
    .exitOverride()
    .addHelpText(
      "after",
      "\nA server is configured by environment variables: see `curlew config`.",
    );
  program.commandsGroup("Run a server:");
  addServerCommands(program, deps);
  program.commandsGroup("Develop against one, over its API:");
  addListenCommand(program, deps);
  addTriggerCommand(program, deps);
  addReplayCommand(program, deps);
  program.commandsGroup("Look after an installation:");
  addUpkeepCommands(program, deps);
  return program;
}

function addServerCommands(
  program: Command,
  { version, environment, print, complain }: ProgramDeps,
): void {
  program
    .command("serve")
    .description("Start the server; also what curlew does without a command")
    .action(async () => {
      const { startApp } = await import("../app.ts");
      const config = readConfig(environment);
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
      await migrateDatabase(readConfig(environment));
      print("The database has this version's schema.");
    });

  program
    .command("config")
    .description("Show what the environment makes of the configuration, secrets masked")
    .action(() => {
      const { warnings, ...config } = readConfig(environment);
      print(JSON.stringify(config, null, 2));
      for (const warning of warnings) complain(`Warning: ${warning}`);
    });

  program
    .command("version")
    .description("Print the version")
    .action(() => print(version));
}
