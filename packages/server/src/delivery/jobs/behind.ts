import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Connections } from "../../storage/connections/connections.ts";
import { insertJob } from "../../storage/instance/jobs.ts";
import { fallBehind, listToCatchUp, listToFallBehind } from "../../storage/queue/behind.ts";
import type { ChangeConfig } from "../../storage/workspaces/config-changes.ts";
import { Bell } from "../loops/bell.ts";
import { Loops } from "../loops/loops.ts";
import { CATCH_UP_KIND, type CatchUpParams } from "./catch-up-job.ts";

/** An endpoint that has more than this waiting in `retry` collects in the log until it has caught up. */
const MOST_WAITING = 100_000;
const PAUSE_MS = 5_000;

export interface BehindKeeperDeps {
  connections: Pick<Connections, "pool">;
  changeConfig: ChangeConfig;
  clock: Clock;
  logger: Logger;
  newId(): string;
  /** A job was made. */
  onJob(): void;
  mostWaiting?: number;
}

/**
 * Sees which endpoints are to collect in the log alone (those that are paused, disabled by failures, or
 * have too much waiting), and has those that move again catch up. Safe in many processes at once.
 */
export class BehindKeeper {
  readonly #deps: BehindKeeperDeps;
  readonly #bell = new Bell();
  readonly #loops: Loops;

  constructor(deps: BehindKeeperDeps) {
    this.#deps = deps;
    this.#loops = new Loops(deps.clock, deps.logger);
  }

  start(): void {
    this.#loops.repeat(
      "behind",
      () => this.runOnce(),
      () => this.#bell.wait(this.#deps.clock, PAUSE_MS),
    );
  }

  async stop(): Promise<void> {
    const stopped = this.#loops.stop();
    this.#bell.ring();
    await stopped;
  }

  /** An endpoint has changed: it need not wait for the next look. */
  poke(): void {
    this.#bell.ring();
  }

  async runOnce(): Promise<void> {
    const { connections, changeConfig, clock, logger, newId, onJob } = this.#deps;
    const { pool } = connections;
    const falling = await listToFallBehind(pool, this.#deps.mostWaiting ?? MOST_WAITING);
    for (const { serial, workspaceId } of falling) {
      const isBehind = await changeConfig(workspaceId, (tx, version) =>
        fallBehind(tx, serial, version),
      );
      if (isBehind)
        logger.info({ endpoint: serial }, "an endpoint collects in the log from now on");
    }
    // Two processes may both make a job: pages of one endpoint wait for each other and share its mark.
    for (const { serial, workspaceId } of await listToCatchUp(pool, CATCH_UP_KIND)) {
      const params: CatchUpParams = { endpoint: serial, accountId: null };
      await insertJob(pool, {
        id: newId(),
        workspaceId,
        kind: CATCH_UP_KIND,
        params: JSON.stringify(params),
        total: null,
        now: clock.now(),
      });
      onJob();
    }
  }
}
