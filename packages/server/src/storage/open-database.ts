import { resolve } from "node:path";
import type { Clock } from "../core/outside/clock.ts";
import type { Logger } from "../core/outside/log.ts";
import type { Secret } from "../core/secret.ts";
import { refuseUnfinishedRestore } from "./backup/restore.ts";
import { checkServer } from "./check-server.ts";
import { type Connections, openConnections } from "./connections/connections.ts";
import { startEmbedded } from "./embedded/embedded-server.ts";
import { type MigrationStage, migrate } from "./migrate.ts";

export interface OpenDatabase {
  connections: Connections;
  /** Closes the connections and, where it is our own, the server. */
  close(): Promise<void>;
}

/** The operator's PostgreSQL or our own in the data directory, with this version's schema in it. */
export async function openDatabase(o: {
  /** Null for our own. */
  url: Secret | null;
  dataDir: string;
  applicationName: string;
  logger: Logger;
  clock: Clock;
  onStatement?: (name: string, ms: number) => void;
  /** Told in words what it is at, whenever that changes. */
  onStage?(words: string): void;
}): Promise<OpenDatabase> {
  const { logger, clock, applicationName, onStatement, onStage = () => {} } = o;
  if (o.url !== null) {
    const connections = await ready(o.url.reveal(), true);
    return { connections, close: () => connections.close() };
  }
  onStage("its PostgreSQL is started");
  const embedded = await startEmbedded({ dataDir: resolve(o.dataDir), logger, clock });
  try {
    const connections = await ready(embedded.url, false);
    return {
      connections,
      async close() {
        await connections.close();
        await embedded.stop();
      },
    };
  } catch (error) {
    await embedded.stop();
    throw error;
  }

  async function ready(url: string, isForeign: boolean): Promise<Connections> {
    onStage("the database is awaited");
    const connections = await openConnections({
      ...{ url, applicationName, logger, clock },
      ...(onStatement && { onStatement }),
    });
    try {
      if (isForeign) await checkServer(connections);
      await refuseUnfinishedRestore(connections);
      await migrate(connections, { onStage: (stage) => onStage(tell(stage, logger)) });
      return connections;
    } catch (error) {
      await connections.close();
      throw error;
    }
  }
}

/** Logs what a migration is at, and answers it in words. */
function tell(stage: MigrationStage, logger: Logger): string {
  switch (stage.kind) {
    case "waits for another":
      logger.info({}, "another process brings the database to a version's schema: waiting for it");
      return "another process brings the database to a version's schema";
    case "migrates":
      logger.info(
        { migration: stage.migration, left: stage.left },
        "the database is brought to this version's schema",
      );
      return `the database is brought to this version's schema (${stage.migration})`;
    case "waits for a table":
      logger.warn(
        { migration: stage.migration, transactions: stage.transactions },
        "the database cannot be brought to this version's schema yet: its tables are in use, perhaps by these transactions",
      );
      return `the database is to be brought to this version's schema (${stage.migration}), and its tables are in use`;
    case "is done":
      logger.info({ migrations: stage.migrations }, "the database has this version's schema");
      return "the database has this version's schema";
  }
}
