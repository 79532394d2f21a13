import type { Logger } from "../core/log.ts";
import { CONFIG_CHANNEL } from "../storage/config-changes.ts";
import type { Connections } from "../storage/connections.ts";
import { BatchLane } from "./batch-lane.ts";

const WAKE_CHANNEL = "curlew_wake";

export interface WakesDeps {
  connections: Connections;
  logger: Logger;
  /** A workspace's configuration has moved; null: anything may have, unheard. */
  onConfig(workspaceId: string | null): void;
  /** Something of these endpoints is due; null: anything may be, unheard. */
  onWake(endpoints: readonly number[] | null): void;
}

/**
 * What processes tell each other. It only saves waiting: whoever misses it finds the same by its
 * heartbeat's version and by scanning.
 */
export class Wakes {
  readonly #deps: WakesDeps;
  readonly #out: BatchLane<number>;
  readonly #listeners: { close(): Promise<void> }[] = [];

  constructor(deps: WakesDeps) {
    this.#deps = deps;
    this.#out = new BatchLane({
      max: 1_000,
      inFlight: 1,
      process: (endpoints) => this.#notify([...new Set(endpoints)]),
    });
  }

  async listen(): Promise<void> {
    const { connections, onConfig, onWake } = this.#deps;
    this.#listeners.push(
      await connections.listen(CONFIG_CHANNEL, onConfig, () => onConfig(null)),
      await connections.listen(
        WAKE_CHANNEL,
        (endpoints) => onWake(endpoints === "" ? null : endpoints.split(",").map(Number)),
        () => onWake(null),
      ),
    );
  }

  /** Tells every process, soon and together with others: never in a transaction that accepts. */
  tell(endpoint: number): void {
    this.#out.add(endpoint);
  }

  /** Has the others look for whatever waits: from now on nobody does so here. */
  leave(): Promise<void> {
    return this.#notify([]);
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners.splice(0)) await listener.close();
  }

  async #notify(endpoints: readonly number[]): Promise<void> {
    try {
      await this.#deps.connections.pool.query({
        text: "select pg_notify($1, $2)",
        values: [WAKE_CHANNEL, endpoints.join(",")],
      });
    } catch (error) {
      this.#deps.logger.debug({ err: error }, "a wake was not sent");
    }
  }
}
