import type { Pool } from "pg";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { inTransaction } from "../../storage/connections/transaction.ts";
import { type Settlement, settleRetries } from "../../storage/deliveries/deliveries.ts";
import { settleFirst } from "../../storage/deliveries/settle-first.ts";
import { BatchLane } from "../loops/batch-lane.ts";
import { isDroppedDay, remedyFor } from "../loops/sql-error.ts";
import { keyOf, type Work } from "../work.ts";

/** One statement at a time: what ends meanwhile makes the next one larger, and so cheaper a row. */
const MAX_ROWS = 512;
const IN_FLIGHT = 1;
/** Nobody waits for an outcome to be written, so it may gather others for a while. */
const TURNS = 4;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

export interface Outcome {
  work: Work;
  settlement: Settlement;
}

export interface SettleDeps {
  pool: Pool;
  clock: Clock;
  logger: Logger;
  /** The outcome is written; memory may let go of the work. */
  onSettled(outcome: Outcome): void;
  /** What outcomes held back, of these endpoints, is due at `at`. */
  onPromoted(endpoints: readonly number[], at: number): void;
  /** Something may be due unheard: what was written ended in an error, or kept others from seeing it. */
  onDoubt(): void;
  /** A registration turned out to count no more. */
  onFenced(work: Work): void;
  /** An outcome could not be written in any form. */
  onDropped(outcome: Outcome, reason: "day_closed" | "unwritable"): void;
}

/** Writes outcomes in batches, and goes on until they are written. */
export class Settler {
  readonly #deps: SettleDeps;
  readonly #first: BatchLane<Outcome>;
  readonly #again: BatchLane<Outcome>;
  #isClosed = false;

  constructor(deps: SettleDeps) {
    this.#deps = deps;
    this.#first = new BatchLane({
      max: MAX_ROWS,
      inFlight: IN_FLIGHT,
      turns: TURNS,
      process: (outcomes) => this.#settleFirst(outcomes),
    });
    this.#again = new BatchLane({
      max: MAX_ROWS,
      inFlight: IN_FLIGHT,
      turns: TURNS,
      process: (outcomes) => this.#settle(outcomes, (rows) => this.#writeAgain(rows)),
    });
  }

  get depth(): number {
    return this.#first.depth + this.#again.depth;
  }

  settle(outcome: Outcome): void {
    if (outcome.work.leased) this.#again.add(outcome);
    else this.#first.add(outcome);
  }

  /** What cannot be written from now on is left to whoever takes over from this process. */
  close(): void {
    this.#isClosed = true;
  }

  /** Outcomes of one registration share a statement; there are two only just after being fenced. */
  async #settleFirst(outcomes: readonly Outcome[]): Promise<void> {
    for (const [process, group] of byRegistration(outcomes)) {
      // Each is written on its own: what has been is not written again with what could not be.
      await this.#settle(group, (rows) => this.#writeFirst(process, rows));
    }
  }

  async #settle(
    outcomes: readonly Outcome[],
    write: (outcomes: readonly Outcome[]) => Promise<void>,
  ): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      try {
        return await write(outcomes);
      } catch (error) {
        if (this.#isClosed) return undefined;
        if (remedyFor(error) === "apart") return this.#apart(outcomes, write, error);
        this.#deps.onDoubt();
        this.#deps.logger.warn({ err: error, rows: outcomes.length }, "a settle is repeated");
        await this.#deps.clock.sleep(pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  /** A poisonous row is written without its response, else as dead, so that floors move on. */
  async #apart(
    outcomes: readonly Outcome[],
    write: (outcomes: readonly Outcome[]) => Promise<void>,
    error: unknown,
  ): Promise<void> {
    if (outcomes.length > 1) {
      const middle = outcomes.length >> 1;
      await this.#settle(outcomes.slice(0, middle), write);
      return this.#settle(outcomes.slice(middle), write);
    }
    const outcome = outcomes[0];
    if (!outcome) return undefined;
    if (isDroppedDay(error)) return this.#drop(outcome, "day_closed");
    const simpler = simplify(outcome);
    this.#deps.logger.error(
      { err: error, event: outcome.work.eventId, endpoint: outcome.work.endpoint },
      "an outcome cannot be written as it is",
    );
    return simpler ? this.#settle([simpler], write) : this.#drop(outcome, "unwritable");
  }

  #drop(outcome: Outcome, reason: "day_closed" | "unwritable"): undefined {
    this.#deps.onDropped(outcome, reason);
    this.#deps.onSettled(outcome);
  }

  async #writeFirst(process: number, outcomes: readonly Outcome[]): Promise<void> {
    const rows = outcomes.map((outcome) => outcome.settlement);
    const lost = await settleFirst(this.#deps.pool, process, rows);
    if (lost === null && outcomes[0]) this.#deps.onFenced(outcomes[0].work);
    const lostKeys = lost && lost.length > 0 ? new Set(lost.map(keyOf)) : null;
    for (const outcome of outcomes) {
      if (lost === null || lostKeys?.has(keyOf(outcome.work))) this.#again.add(outcome);
      else this.#deps.onSettled(outcome);
    }
  }

  async #writeAgain(outcomes: readonly Outcome[]): Promise<void> {
    const { now, later } = withoutRepeats(outcomes);
    const rows = now.map((outcome) => outcome.settlement);
    const at = this.#deps.clock.now();
    const { promoted, isPassedBy } = await inTransaction(
      () => this.#deps.pool.connect(),
      (tx) => settleRetries(tx, rows, at),
    );
    for (const outcome of now) this.#deps.onSettled(outcome);
    if (isPassedBy) this.#deps.onDoubt();
    if (promoted.length > 0) this.#deps.onPromoted(promoted, at);
    for (const outcome of later) this.#again.add(outcome);
  }
}

function byRegistration(outcomes: readonly Outcome[]): Map<number, Outcome[]> {
  const groups = new Map<number, Outcome[]>();
  for (const outcome of outcomes) {
    const group = groups.get(outcome.work.registration.id);
    if (group) group.push(outcome);
    else groups.set(outcome.work.registration.id, [outcome]);
  }
  return groups;
}

/** One statement must not write a delivery twice. */
function withoutRepeats(outcomes: readonly Outcome[]): { now: Outcome[]; later: Outcome[] } {
  const seen = new Set<string>();
  const now: Outcome[] = [];
  const later: Outcome[] = [];
  for (const outcome of outcomes) {
    const key = keyOf(outcome.work);
    (seen.has(key) ? later : now).push(outcome);
    seen.add(key);
  }
  return { now, later };
}

function simplify({ work, settlement }: Outcome): Outcome | null {
  const { attempt } = settlement;
  if (attempt?.response != null || attempt?.detail != null) {
    return {
      work,
      settlement: { ...settlement, attempt: { ...attempt, response: null, detail: null } },
    };
  }
  if (settlement.state === "dead" && settlement.body === null) return null;
  return {
    work,
    settlement: { ...settlement, state: "dead", nextAt: null, reason: "unwritable", body: null },
  };
}
