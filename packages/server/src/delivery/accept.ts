import type { Pool, PoolClient } from "pg";
import type { Clock } from "../core/clock.ts";
import { CurlewError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { Acceptor, AcceptorSpec } from "../core/recording.ts";
import { beginFenced, readTransactionEnd } from "../storage/events.ts";
import { type AppendDeps, type Appended, Appending, Fenced, StaleConfiguration } from "./append.ts";
import type { Membership, Registration } from "./membership.ts";
import { isRolledBack, remedyFor } from "./sql-error.ts";

/** Transactions of one acceptor under way at a time. No timer: a batch leaves when one of these is free. */
const IN_FLIGHT = 2;
/** More units than this are refused: the database does not keep up. */
const MAX_WAITING = 20_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

export interface AcceptDeps extends AppendDeps {
  pool: Pool;
  clock: Clock;
  logger: Logger;
  membership: Membership;
  /** The events are committed; their deliveries may leave. `registration` is the one they stand under. */
  onAccepted(appended: readonly Appended[], registration: Registration): void;
}

interface Waiting<Unit, Answer> {
  unit: Unit;
  lanes: readonly string[];
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Takes units of work into transactions shared by all that wait at that moment; each caller is
 * answered when its transaction has committed.
 */
export class MicroBatcher<Unit, Answer> implements Acceptor<Unit, Answer> {
  readonly #deps: AcceptDeps;
  readonly #spec: AcceptorSpec<Unit, Answer>;
  #waiting: Waiting<Unit, Answer>[] = [];
  #busyLanes = new Set<string>();
  #inFlight = 0;
  #scheduled = false;

  constructor(deps: AcceptDeps, spec: AcceptorSpec<Unit, Answer>) {
    this.#deps = deps;
    this.#spec = spec;
  }

  get depth(): number {
    return this.#waiting.length;
  }

  accept(unit: Unit): Promise<Answer> {
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(
        new CurlewError("unavailable", "More is waiting to be accepted than can be kept up with", {
          retryAfterS: 1,
        }),
      );
    }
    return new Promise((resolve, reject) => {
      const lanes = this.#spec.laneOf?.(unit) ?? [];
      this.#waiting.push({ unit, lanes, resolve, reject });
      this.#pumpSoon();
    });
  }

  /** What arrives in one turn of the event loop shares a transaction. */
  #pumpSoon(): void {
    if (this.#scheduled || this.#inFlight >= IN_FLIGHT) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#inFlight < IN_FLIGHT) {
        const batch = this.#take();
        if (batch.length === 0) return;
        this.#inFlight++;
        void this.#process(batch).finally(() => {
          for (const { lanes } of batch) for (const lane of lanes) this.#busyLanes.delete(lane);
          this.#inFlight--;
          this.#pumpSoon();
        });
      }
    });
  }

  /** The oldest units whose lanes are free. Who waits for a lane keeps the later ones of it waiting too. */
  #take(): Waiting<Unit, Answer>[] {
    const { maxUnits } = this.#spec;
    const batch: Waiting<Unit, Answer>[] = [];
    const left: Waiting<Unit, Answer>[] = [];
    const held = new Set<string>();
    let at = 0;
    for (
      ;
      at < this.#waiting.length && batch.length < maxUnits && left.length < 4 * maxUnits;
      at++
    ) {
      const each = this.#waiting[at];
      if (each === undefined) break;
      if (each.lanes.some((lane) => this.#busyLanes.has(lane) || held.has(lane))) {
        for (const lane of each.lanes) held.add(lane);
        left.push(each);
      } else batch.push(each);
    }
    if (at > 0) this.#waiting = left.concat(this.#waiting.slice(at));
    for (const { lanes } of batch) for (const lane of lanes) this.#busyLanes.add(lane);
    return batch;
  }

  async #process(batch: readonly Waiting<Unit, Answer>[]): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      try {
        const answers = await this.#transact(batch.map((each) => each.unit));
        batch.forEach((each, at) => {
          // `run` answers in the order of its units.
          each.resolve(answers[at] as Answer);
        });
        return;
      } catch (error) {
        if (error instanceof Repeat) continue;
        if (remedyFor(error) === "apart") return this.#apart(batch, error);
        this.#deps.logger.warn({ acceptor: this.#spec.name, err: error }, "an accept is repeated");
        await this.#deps.clock.sleep(pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  /** One unit at fault fails alone; the others are tried without it. */
  async #apart(batch: readonly Waiting<Unit, Answer>[], error: unknown): Promise<void> {
    if (batch.length <= 1) {
      for (const each of batch) each.reject(error);
      return;
    }
    const middle = batch.length >> 1;
    await this.#process(batch.slice(0, middle));
    await this.#process(batch.slice(middle));
  }

  async #transact(units: readonly Unit[]): Promise<Answer[]> {
    const { pool, membership, clock, ids } = this.#deps;
    const client = await pool.connect();
    const registration = membership.current;
    const open = registration.floors.begin(ids.last());
    const begun = begin(client, registration);
    const transaction = { client, begun, now: clock.now() };
    const appending = new Appending(this.#deps, registration, transaction);
    let healthy = true;
    try {
      let answers: Answer[];
      let xid: string;
      try {
        answers = await this.#spec.run(appending, units);
        xid = await begun;
      } catch (error) {
        appending.abandon();
        healthy = await isRolledBackNow(client);
        await this.#mend(error, registration, appending);
        throw error;
      }
      let command = "COMMIT";
      try {
        ({ command } = await client.query("commit"));
      } catch (error) {
        healthy = false;
        if (isRolledBack(error) || (await this.#endOf(xid)) !== "committed") {
          appending.abandon();
          throw error;
        }
      }
      // PostgreSQL answers the commit of a failed transaction with a rollback, and no error.
      if (command !== "COMMIT") {
        appending.abandon();
        throw new Error("Rolled back: an error of a statement in this transaction was swallowed");
      }
      this.#deps.onAccepted(appending.appended, registration);
      return answers;
    } finally {
      registration.floors.end(open);
      client.release(!healthy);
    }
  }

  /** What must be done before the transaction is tried again; throws `Repeat` when that is all it takes. */
  async #mend(error: unknown, registration: Registration, appending: Appending): Promise<void> {
    if (error instanceof Fenced) {
      await this.#deps.membership.fenced(registration);
      throw new Repeat();
    }
    if (error instanceof StaleConfiguration) {
      const workspaces = new Set(appending.appended.map(({ event }) => event.workspaceId));
      for (const id of workspaces) await this.#deps.directory.load(id);
      throw new Repeat();
    }
  }

  /** COMMIT was sent and its answer never came: ask until it is known how that transaction ended. */
  async #endOf(xid: string): Promise<"committed" | "aborted"> {
    const { pool, clock, logger } = this.#deps;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        const end = await readTransactionEnd(pool, xid);
        if (end !== null) return end;
      } catch (error) {
        logger.warn({ err: error }, "whether an accept was committed is not known yet");
      }
      await clock.sleep(pause);
    }
  }
}

class Repeat extends Error {}

/** The transaction's own id, once it has begun. */
function begin(client: PoolClient, registration: Registration): Promise<string> {
  const begun = beginFenced(client, registration.id).then((xid) => {
    if (xid === null) throw new Fenced();
    return xid;
  });
  // Whoever waits for it is told; nobody does when what was sent along with it fails first.
  begun.catch(() => {});
  return begun;
}

async function isRolledBackNow(client: PoolClient): Promise<boolean> {
  try {
    await client.query("rollback");
    return true;
  } catch {
    return false;
  }
}
