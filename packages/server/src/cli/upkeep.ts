import { type Command, Option } from "commander";
import { EnvironmentError, readConfig } from "../config/config.ts";
import type { UpkeepDeps } from "../upkeep/installation.ts";
import { EXIT } from "./failure.ts";

export interface UpkeepCommandDeps {
  version: string;
  environment: Readonly<Record<string, string | undefined>>;
  print(text: string): void;
  complain(text: string): void;
}

/** What an operator does to an installation. Each command loads what it needs when it is called. */
export function addUpkeepCommands(program: Command, o: UpkeepCommandDeps): void {
  const deps = async (): Promise<UpkeepDeps> => {
    const { upkeepDeps } = await import("../upkeep/installation.ts");
    return upkeepDeps({ config: readConfig(o.environment), version: o.version, print: o.print });
  };

  program
    .command("backup <file>")
    .description("Write everything into one file, while the server runs")
    .option("--media", "with the media directory")
    .option("--with-key", "with the master key: the file alone can then be restored, and read")
    .action(async (file: string, options: { media?: boolean; withKey?: boolean }) => {
      const { takeBackup } = await import("../upkeep/backup.ts");
      await takeBackup(await deps(), {
        file,
        withMedia: options.media ?? false,
        withKey: options.withKey ?? false,
      });
    });

  program
    .command("restore <file>")
    .description("Put a backup into an empty database; nothing leaves until curlew resume")
    .option("--check", "only read the file, and say whether it is whole")
    .option("--without-key", "although what is sealed in it can then never be opened")
    .action(async (file: string, options: { check?: boolean; withoutKey?: boolean }) => {
      const { restoreBackup } = await import("../upkeep/restore.ts");
      await restoreBackup(await deps(), {
        file,
        isCheck: options.check ?? false,
        withoutKey: options.withoutKey ?? false,
      });
    });

  program
    .command("export-key")
    .description("Print the master key, to be kept in a safe place")
    .option("--from <file>", "the one in a backup that was taken with it")
    .action(async (options: { from?: string }) => {
      const { exportKey } = await import("../upkeep/export-key.ts");
      await exportKey(await deps(), { from: options.from ?? null, explain: o.complain });
    });

  program
    .command("rotate-master-key")
    .description("Seal everything with a new master key, while servers run")
    .action(async () => {
      const { rotateMasterKey } = await import("../upkeep/rotate-master-key.ts");
      await rotateMasterKey(await deps());
    });

  program
    .command("upgrade-data")
    .description("Carry the embedded database over from an older PostgreSQL; the server is stopped")
    .option("--postgres <directory>", "where the older one is; else where Debian has it")
    .action(async (options: { postgres?: string }) => {
      const { upgradeData } = await import("../upkeep/upgrade-data.ts");
      await upgradeData(await deps(), { postgres: options.postgres ?? null });
    });

  program
    .command("doctor")
    .description("Say what is wrong with this installation and what to do; ends with 1 on a fault")
    .option("--json", "for programs")
    .action(async (options: { json?: boolean }) => {
      const { doctor, doctorOfEnvironment } = await import("../upkeep/doctor/doctor.ts");
      const means = { environment: o.environment, nodeVersion: process.version };
      const asJson = options.json ?? false;
      const given = await deps().catch(problemsOf);
      const isIll =
        "problems" in given
          ? doctorOfEnvironment(given.problems, { print: o.print, asJson })
          : await doctor({ ...given, ...means }, { asJson });
      if (isIll) process.exitCode = EXIT.failed;
    });

  program
    .command("resume")
    .description("Let leave what is held back since a restore")
    .addOption(
      new Option("--only <what>", "the rest waits on").choices(["deliveries", "messages"] as const),
    )
    .option("--cancel-messages", "cancel the messages to customers that wait")
    .action(async (options: { only?: "deliveries" | "messages"; cancelMessages?: boolean }) => {
      const { resume } = await import("../upkeep/resume.ts");
      await resume(await deps(), {
        only: options.only ?? null,
        cancelMessages: options.cancelMessages ?? false,
      });
    });
}

function problemsOf(error: unknown): EnvironmentError {
  if (error instanceof EnvironmentError) return error;
  throw error;
}
