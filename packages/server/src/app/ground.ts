import type { Config } from "../config/config.ts";
import { refuseNowhere } from "../config/data-directory.ts";
import { loadMasterKeys } from "../config/master-key.ts";
import type { Logger } from "../core/outside/log.ts";
import type { Tracing } from "../core/outside/tracing.ts";
import { type SystemClock, systemClock } from "../runtime/clock.ts";
import { Closing } from "../runtime/closing.ts";
import { createIds, type Ids } from "../runtime/ids.ts";
import { createVault, type Vault } from "../runtime/secrets/vault.ts";
import { createLogger } from "../runtime/telemetry/logger.ts";
import { createMetrics, type Metrics } from "../runtime/telemetry/metrics.ts";
import { findTracing } from "../runtime/telemetry/tracing.ts";
import type { Connections } from "../storage/connections/connections.ts";
import { followDatabase } from "../storage/connections/database-time.ts";
import { type OpenDatabase, openDatabase } from "../storage/open-database.ts";

/** How long a stop takes at most: less than what is usually waited for before a process is killed. */
const LONGEST_STOP_MS = 25_000;
const DAY_MS = 24 * 60 * 60_000;

/** What every part of a server stands on. */
export interface Ground {
  config: Config;
  version: string;
  logger: Logger;
  clock: SystemClock;
  metrics: Metrics;
  /** The operator's tracing; null where there is none. */
  tracing: Tracing | null;
  ids: Ids;
  newId(): string;
  masterKeys: readonly Uint8Array[];
  vault: Vault;
  database: OpenDatabase;
  connections: Connections;
  /** The general pool of these connections. */
  db: Connections["pool"];
  /** How long the log is kept, and how long its bodies are. */
  retentionMs: number;
  payloadMs: number;
  /** What must be closed, by whoever has opened it. */
  closing: Closing;
}

/** The database with this version's schema, its time, and what needs nothing but the configuration. */
export async function openGround(
  config: Config,
  version: string,
  /** Told in words what it is at. */
  onStage: (words: string) => void,
): Promise<Ground> {
  refuseNowhere(config.dataDir);
  const means = meansOf(config);
  const { clock, logger, metrics } = means;
  const masterKeys = await loadMasterKeys(config);
  const vault = createVault(masterKeys);
  const database = await openMigrated(config, means, onStage);
  const { connections } = database;
  await followDatabase(clock, connections.pool).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const closing = new Closing(logger);
  closing.add(() => database.close());
  // Neither ids nor the clock ever go back: nobody may have asked a wrong one.
  const ids = createIds(clock);
  return {
    ...{ config, version, logger, clock, metrics, ids, masterKeys, vault, closing },
    ...{ database, connections, db: connections.pool },
    tracing: findTracing(version),
    newId: () => ids.next(),
    retentionMs: config.retentionDays * DAY_MS,
    payloadMs: config.payloadDays * DAY_MS,
  };
}

/**
 * Closes everything. What hangs, be it a receiver or a database that is away, is given up after a
 * while: the others take it over.
 */
export async function closeInTime({ closing, clock, database, logger }: Ground): Promise<void> {
  const done = new AbortController();
  const closed = closing.close().finally(() => done.abort());
  await Promise.race([closed, clock.sleep(LONGEST_STOP_MS, done.signal)]);
  if (done.signal.aborted) return;
  logger.warn({}, "what is still under way is given up");
  await database.close();
}

/** Brings the database to this version's schema, and ends. */
export async function migrateDatabase(config: Config): Promise<void> {
  const database = await openMigrated(config, meansOf(config));
  await database.close();
}

type Means = Pick<Ground, "clock" | "logger" | "metrics">;

function meansOf(config: Config): Means {
  return { clock: systemClock(), logger: loggerFor(config), metrics: createMetrics() };
}

function openMigrated(
  config: Config,
  { clock, logger, metrics }: Means,
  onStage: (words: string) => void = () => {},
): Promise<OpenDatabase> {
  return openDatabase({
    onStage,
    url: config.databaseUrl,
    dataDir: config.dataDir,
    applicationName: `curlew ${process.pid}`,
    logger,
    clock,
    onStatement: (name, ms) => metrics.database(name, ms / 1000),
  });
}

function loggerFor({ logLevel, logFormat }: Config): Logger {
  const pretty = logFormat === "pretty" || (logFormat === null && process.stdout.isTTY);
  return createLogger({ level: logLevel, pretty });
}
