import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Connections } from "../../storage/connections/connections.ts";
import { CONFIG_CHANNEL } from "../../storage/workspaces/config-changes.ts";
import { BatchLane } from "../loops/batch-lane.ts";

const WAKE_CHANNEL = "curlew_wake";
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

export interface WakesDeps {
  connections: Pick<Connections, "pool" | "listen">;
  clock: Pick<Clock, "sleep">;
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
  readonly #closing = new AbortController();

  constructor(deps: WakesDeps) {
    this.#deps = deps;
    this.#out = new BatchLane({
      max: 1_000,
      inFlight: 1,
      process: (endpoints) => this.#tell([...new Set(endpoints)]),
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

  /** Has the others look for whatever waits: nobody does so here, or will. */
  tellOfAnything(): Promise<void> {
    return this.#tell([]);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const listener of this.#listeners.splice(0)) await listener.close();
  }

  /** Goes on until it is told, or closed: the general pool may be busy for longer than a query waits. */
  async #tell(endpoints: readonly number[]): Promise<void> {
    const { signal } = this.#closing;
    let isTold = await this.#notify(endpoints);
    for (let pause = FIRST_PAUSE_MS; !isTold; pause *= 2) {
      await this.#deps.clock.sleep(Math.min(pause, LONGEST_PAUSE_MS), signal);
      if (signal.aborted) return;
      // Who is told late looks for what has been due for longer than a wake says.
      isTold = await this.#notify([]);
    }
  }

  async #notify(endpoints: readonly number[]): Promise<boolean> {
    try {
      await this.#deps.connections.pool.query({
        text: "select pg_notify($1, $2)",
        values: [WAKE_CHANNEL, endpoints.join(",")],
      });
      return true;
    } catch (error) {
      this.#deps.logger.debug({ err: error }, "a wake was not sent");
      return false;
    }
  }
}
