import { resolve } from "node:path";
import { Transform } from "node:stream";
import { StartError } from "../core/start-error.ts";
import { amount, bytes } from "../core/wording.ts";
import { BackupReader, BackupWriter } from "../storage/backup/file-format.ts";
import { finishRestore, requireRestorable, restoreTables } from "../storage/backup/restore.ts";
import { writeTables } from "../storage/backup/take.ts";
import { type Connections, openConnections } from "../storage/connections/connections.ts";
import { startEmbedded } from "../storage/embedded/embedded-server.ts";
import {
  clearUpgrade,
  isBetweenRenamings,
  majorsOf,
  startOlder,
  swapDatabases,
  upgradeDirectory,
} from "../storage/embedded/older-server.ts";
import { hasDatabase } from "../storage/embedded/visit-embedded.ts";
import { sayHowFar } from "./how-far.ts";
import type { UpkeepDeps } from "./installation.ts";

/**
 * Carries the embedded database over from an older major version of PostgreSQL. The old files stay;
 * until the new ones are whole they are not touched.
 */
export async function upgradeData(deps: UpkeepDeps, o: { postgres: string | null }): Promise<void> {
  const { config, print } = deps;
  if (config.databaseUrl !== null) {
    throw new StartError(
      "DATABASE_URL is set: that server is upgraded by its own means. Only the embedded database is carried over here.",
    );
  }
  const dataDir = resolve(config.dataDir);
  if (isBetweenRenamings(dataDir)) {
    swapDatabases(dataDir, "");
    print("An earlier upgrade has come to its end.");
    return;
  }
  if (!hasDatabase(dataDir)) throw new StartError(`There is no database in ${dataDir}.`);
  const { found, own } = majorsOf(dataDir);
  if (found === own) {
    print(`The database in ${dataDir} is PostgreSQL ${own}'s already: there is nothing to do.`);
    return;
  }
  const rows = await copyOver(deps, dataDir, o.postgres);
  const kept = swapDatabases(dataDir, found ?? "old");
  print(
    `Carried over from PostgreSQL ${found} to ${own}: ${amount(rows.get("event") ?? 0, "event")} and ${amount(rows.get("message") ?? 0, "message")}, in ${amount(rows.size, "table")}.`,
  );
  print(`The old files are in ${kept}: delete them when you are content.`);
}

/** From the old server straight into a new one, beside it. */
async function copyOver(
  deps: UpkeepDeps,
  dataDir: string,
  postgres: string | null,
): Promise<Map<string, number>> {
  const { clock, logger } = deps;
  const means = { clock, logger };
  const connect = (url: string) =>
    openConnections({ ...means, url, applicationName: `curlew ${process.pid} upgrade` });
  const old = await startOlder({ ...means, dataDir, directory: postgres });
  try {
    clearUpgrade(dataDir);
    const made = await startEmbedded({ ...means, dataDir: upgradeDirectory(dataDir) });
    try {
      const from = await connect(old.url);
      try {
        const to = await connect(made.url);
        try {
          return await carry(from, to, deps);
        } finally {
          await to.close();
        }
      } finally {
        await from.close();
      }
    } finally {
      await made.stop();
    }
  } finally {
    await old.stop();
  }
}

async function carry(
  from: Connections,
  to: Connections,
  deps: UpkeepDeps,
): Promise<Map<string, number>> {
  let carried = 0;
  const pipe = new Transform({
    transform(chunk: Buffer, _, next) {
      carried += chunk.length;
      next(null, chunk);
    },
  });
  const done = sayHowFar(deps, () => `${bytes(carried)} carried over so far.`);
  try {
    return await carryThrough(pipe, from, to, { version: deps.version, now: deps.clock.now() });
  } finally {
    done();
  }
}

async function carryThrough(
  pipe: Transform,
  from: Connections,
  to: Connections,
  o: { version: string; now: number },
): Promise<Map<string, number>> {
  const written = (async () => {
    const writer = new BackupWriter(pipe);
    await writeTables(from, writer, o);
    await writer.end();
    pipe.end();
  })();
  written.catch((error: unknown) => {
    pipe.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  const reader = await BackupReader.open(pipe);
  await requireRestorable(to, reader.header);
  const rows = await restoreTables(to, reader.header, reader.entries(), async () => {});
  await written;
  await finishRestore(to, null);
  return rows;
}
