import { resolve } from "node:path";
import type { Clock } from "../core/outside/clock.ts";
import type { Logger } from "../core/outside/log.ts";
import type { Secret } from "../core/secret.ts";
import { refuseUnfinishedRestore } from "./backup/restore.ts";
import { checkServer } from "./check-server.ts";
import { type Connections, openConnections } from "./connections/connections.ts";
import { startEmbedded } from "./embedded/embedded-server.ts";
import { migrate } from "./migrate.ts";

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
}): Promise<OpenDatabase> {
  const { logger, clock, applicationName, onStatement } = o;
  if (o.url !== null) {
    const connections = await ready(o.url.reveal(), true);
    return { connections, close: () => connections.close() };
  }
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
    const connections = await openConnections({
      ...{ url, applicationName, logger, clock },
      ...(onStatement && { onStatement }),
    });
    try {
      if (isForeign) await checkServer(connections);
      await refuseUnfinishedRestore(connections);
      await migrate(connections);
      return connections;
    } catch (error) {
      await connections.close();
      throw error;
    }
  }
}
