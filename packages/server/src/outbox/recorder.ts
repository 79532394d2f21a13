import { CurlewError } from "../core/errors.ts";
import type { Queryable } from "../core/events/recording.ts";
import type { Clock } from "../core/outside/clock.ts";
import type { Logger } from "../core/outside/log.ts";
import { doubtOutbox } from "../storage/sending/outbox.ts";
import { DOUBT_MS } from "./decide.ts";
import type { Flight, Flights } from "./flights.ts";
import type { Settled, SettleUnit } from "./ledger.ts";

export interface RecorderDeps {
  db: Queryable;
  clock: Clock;
  logger: Logger;
  flights: Flights;
  settle(unit: SettleUnit): Promise<Settled>;
}

/**
 * Records what came of flights. What cannot be recorded stays among the flights: what was handed over
 * must never be taken for what never left.
 */
export class Recorder {
  readonly #deps: RecorderDeps;
  readonly #unrecorded = new Map<Flight, SettleUnit>();

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
  }

  /** Lands the flight and answers how its message stands; null when that could not be recorded. */
  async record(flight: Flight, unit: SettleUnit): Promise<Settled | null> {
    const { settle, logger } = this.#deps;
    const { messageId, word } = unit;
    try {
      const settled = await settle(unit);
      this.#end(flight);
      return settled;
    } catch (error) {
      this.#unrecorded.set(flight, unit);
      const fields = { err: error, messageId, word: word.kind };
      if (isRefusedForNow(error)) {
        logger.warn(fields, "an outcome waits to be recorded");
        return null;
      }
      logger.error(fields, "an outcome could not be recorded");
    }
    await this.#doubt(flight);
    return null;
  }

  /** What is still to be recorded. */
  unrecorded(): [Flight, SettleUnit][] {
    return [...this.#unrecorded];
  }

  /** The provider's own word is waited for, since this one will not be taken. */
  async #doubt(flight: Flight): Promise<void> {
    const { db, clock, logger } = this.#deps;
    const { messageId } = flight;
    try {
      await doubtOutbox(db, [messageId], clock.now() + DOUBT_MS);
      this.#end(flight);
    } catch (error) {
      logger.error({ err: error, messageId }, "a message could not be put in doubt");
    }
  }

  #end(flight: Flight): void {
    this.#unrecorded.delete(flight);
    this.#deps.flights.land(flight);
  }
}

/** The database takes nothing at the moment: it is not this word that it refuses. */
function isRefusedForNow(error: unknown): boolean {
  return error instanceof CurlewError && error.code === "unavailable";
}
