import { resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { refuseNowhere } from "../config/data-directory.ts";
import type { Clock } from "../core/outside/clock.ts";
import type { Logger } from "../core/outside/log.ts";
import { StartError } from "../core/start-error.ts";
import { systemClock } from "../runtime/clock.ts";
import { createLogger } from "../runtime/telemetry/logger.ts";
import { checkServer } from "../storage/check-server.ts";
import { type Connections, openConnections } from "../storage/connections/connections.ts";
import { startEmbedded } from "../storage/embedded/embedded-server.ts";
import { findServed, hasDatabase } from "../storage/embedded/visit-embedded.ts";

/** What every command on an installation is given. */
export interface UpkeepDeps {
  config: Config;
  version: string;
  clock: Clock;
  logger: Logger;
  /** A line for the operator. */
  print(text: string): void;
}

/** What commands work with: results go to `print`, and what is amiss on the way to standard error. */
export function upkeepDeps(o: Pick<UpkeepDeps, "config" | "version" | "print">): UpkeepDeps {
  const logger = createLogger({ level: "warn", pretty: true, destination: "standard error" });
  return { ...o, clock: systemClock(), logger };
}

/** The database of an installation, whether its server runs or not. */
export interface Installation {
  connections: Connections;
  /** A server of this machine runs on the embedded database: its PostgreSQL is used as a guest. */
  isServed: boolean;
  close(): Promise<void>;
}

/**
 * Opens an installation's database as it is: nothing is migrated. The embedded one is used as a guest
 * where a server runs on it, else started and stopped again.
 */
export async function openInstallation(
  { config, clock, logger }: Pick<UpkeepDeps, "config" | "clock" | "logger">,
  o: { mayBeNew?: boolean; mayBeUnfit?: boolean } = {},
): Promise<Installation> {
  refuseNowhere(config.dataDir);
  const connect = (url: string) =>
    openConnections({ url, applicationName: `curlew ${process.pid} command`, logger, clock });
  if (config.databaseUrl !== null) {
    const connections = await connect(config.databaseUrl.reveal());
    try {
      if (!o.mayBeUnfit) await checkServer(connections);
    } catch (error) {
      await connections.close();
      throw error;
    }
    return { connections, isServed: false, close: () => connections.close() };
  }
  const dataDir = resolve(config.dataDir);
  if (!hasDatabase(dataDir)) {
    if (!o.mayBeNew) {
      throw new StartError(
        `There is no database in ${dataDir}. Name the data directory of your server with CURLEW_DATA_DIR, or its database with DATABASE_URL.`,
      );
    }
  } else {
    const served = await findServed(dataDir);
    if (served !== null) {
      const connections = await connect(served);
      return { connections, isServed: true, close: () => connections.close() };
    }
  }
  const embedded = await startEmbedded({ dataDir, logger, clock });
  try {
    const connections = await connect(embedded.url);
    return {
      connections,
      isServed: false,
      async close() {
        await connections.close();
        await embedded.stop();
      },
    };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}
