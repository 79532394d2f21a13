import type { Pool, PoolClient } from "pg";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import {
  leaveWitness,
  readTransactionEnd,
  type Witness,
} from "../../storage/events/transactions.ts";
import { isRolledBack } from "../loops/sql-error.ts";

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

export interface CommittingDeps {
  pool: Pool;
  clock: Clock;
  logger: Logger;
  ids: { next(): string };
}

/** How a transaction ended, and whether its client is of use to others. */
export type End = { isHealthy: boolean } & (
  | { isCommitted: true }
  /** Nothing of it is left. */
  | { isCommitted: false; error: unknown }
);

/** Ends the transactions of one acceptor, and finds out how they ended when the answer to COMMIT is lost. */
export class Committing {
  readonly #deps: CommittingDeps;
  /** Witnesses of transactions whose end is known. */
  #gone: string[] = [];

  constructor(deps: CommittingDeps) {
    this.#deps = deps;
  }

  /** `eventId` is an event that it has appended, or null. Takes as long as it takes until its end is known. */
  async commit(
    client: PoolClient,
    transaction: { xid: string; eventId: string | null; process: number },
  ): Promise<End> {
    const { xid, eventId, process } = transaction;
    if (eventId !== null) return this.#end(client, xid, { event: eventId }, null);
    const accept = this.#deps.ids.next();
    const gone = this.#gone;
    this.#gone = [];
    const end = await this.#end(
      client,
      xid,
      { accept },
      leaveWitness(client, process, accept, gone),
    );
    this.#gone.push(...(end.isCommitted ? [accept] : gone));
    return end;
  }

  async #end(
    client: PoolClient,
    xid: string,
    witness: Witness,
    left: Promise<void> | null,
  ): Promise<End> {
    try {
      // They travel together.
      const [{ command }] = await Promise.all([client.query("commit"), left]);
      if (command === "COMMIT") return { isCommitted: true, isHealthy: true };
      // PostgreSQL answers the commit of a failed transaction with a rollback, and no error.
      const error = new Error(
        "Rolled back: an error of a statement in this transaction was swallowed",
      );
      return { isCommitted: false, isHealthy: true, error };
    } catch (error) {
      const isLost = isRolledBack(error) || (await this.#ask(xid, witness)) === "aborted";
      return isLost
        ? { isCommitted: false, isHealthy: false, error }
        : { isCommitted: true, isHealthy: false };
    }
  }

  async #ask(xid: string, witness: Witness): Promise<"committed" | "aborted"> {
    const { pool, clock, logger } = this.#deps;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        const end = await readTransactionEnd(pool, xid, witness);
        if (end !== null) return end;
      } catch (error) {
        logger.warn({ err: error }, "whether an accept was committed is not known yet");
      }
      await clock.sleep(pause);
    }
  }
}
