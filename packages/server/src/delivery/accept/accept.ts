import type { Pool, PoolClient } from "pg";
import { CurlewError } from "../../core/errors.ts";
import type { Acceptor, AcceptorSpec } from "../../core/events/recording.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Step, TracePlace, Tracing } from "../../core/outside/tracing.ts";
import { beginFenced } from "../../storage/events/transactions.ts";
import { remedyFor } from "../loops/sql-error.ts";
import type { Membership, Registration } from "../processes/membership.ts";
import { type AppendDeps, type Appended, Appending, Fenced, StaleConfiguration } from "./append.ts";
import { Committing } from "./committing.ts";
import { fitting } from "./fitting.ts";
import { Patience } from "./patience.ts";
import { TurnQueue } from "./turn-queue.ts";

/**
 * Transactions of one acceptor under way at a time. No timer: a batch leaves when none is, and beside
 * another when as much waits as that one holds. So a calm acceptor answers at once, and a busy one
 * shares what a transaction costs among ever more units.
 */
const IN_FLIGHT = 2;
/** One transaction more is for workspaces that have nothing under way, while another has at least so much. */
const MUCH_OF_ONE = 4;
/** More units than this are refused: the database does not keep up. */
const MAX_WAITING = 20_000;
/** Of these, what one workspace may have. */
const MOST_OF_ONE = MAX_WAITING / 4;
/** Whose units belong to nobody yet: what providers send. */
const NOBODY = "";
/** So long the database may refuse what is tried before new units are refused at once: its disk may be full. */
const STALLED_MS = 2_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

export interface AcceptDeps extends AppendDeps {
  pool: Pool;
  clock: Clock;
  logger: Logger;
  membership: Membership;
  /** The events are committed; their deliveries may leave. `registration` is the one they stand under. */
  onAccepted(appended: readonly Appended[], registration: Registration): void;
  /** Webhooks that could leave if this process were faster. */
  backlog(): number;
  /** Null where nobody wants to know. */
  tracing: Tracing | null;
  /** There was no room for a unit: for anybody's, or for more of its workspace's. */
  onRefused(reason: "overload" | "workspace_share"): void;
}

interface Waiting<Unit, Answer> {
  unit: Unit;
  owner: string;
  since: number;
  lanes: readonly string[];
  /** Null where nobody traces. */
  step: Step | null;
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
  readonly #waiting = new TurnQueue<Waiting<Unit, Answer>>();
  #busyLanes = new Set<string>();
  #inFlight = 0;
  /** Since when transactions have ended in errors that say nothing of what is in them. */
  #failingSince: number | null = null;
  /** Units of the transactions under way: of all, and by their owners. */
  #underWay = 0;
  readonly #underWayOf = new Map<string, number>();
  #scheduled = false;
  /** Null for what is not to wait for webhooks to leave. */
  readonly #patience: Patience | null;
  readonly #committing: Committing;

  constructor(deps: AcceptDeps, spec: AcceptorSpec<Unit, Answer>) {
    this.#deps = deps;
    this.#spec = spec;
    this.#committing = new Committing(deps);
    this.#patience = spec.bringsWebhooks ? new Patience(deps.clock, deps.backlog) : null;
  }

  get depth(): number {
    return this.#waiting.length;
  }

  accept(unit: Unit): Promise<Answer> {
    const { refusesNone = false } = this.#spec;
    const workspace = this.#spec.workspaceOf?.(unit);
    const owner = workspace ?? this.#spec.turnOf?.(unit) ?? NOBODY;
    if (workspace !== undefined && this.#waiting.lengthOf(workspace) >= MOST_OF_ONE) {
      this.#deps.onRefused("workspace_share");
      return Promise.reject(
        new CurlewError(
          "too_many_requests",
          `${MOST_OF_ONE} requests of this workspace wait to be accepted, which is its share`,
          { retryAfterS: 1 },
        ),
      );
    }
    if (!refusesNone && this.#isStalled) {
      this.#deps.onRefused("overload");
      return Promise.reject(takesNothing());
    }
    if (!refusesNone && this.#waiting.length >= MAX_WAITING) {
      this.#deps.onRefused("overload");
      return Promise.reject(
        new CurlewError("unavailable", "More is waiting to be accepted than can be kept up with", {
          retryAfterS: 1,
        }),
      );
    }
    return new Promise((resolve, reject) => {
      const lanes = this.#spec.laneOf?.(unit) ?? [];
      const since = this.#deps.clock.monotonic();
      const { tracing } = this.#deps;
      const step = tracing?.begin(`accept ${this.#spec.name}`, { kind: "internal" }) ?? null;
      this.#waiting.push(owner, { unit, owner, lanes, since, step, resolve, reject });
      this.#pumpSoon();
    });
  }

  /** Whether it would be in vain to wait. Who comes when nobody is trying any more finds out anew. */
  get #isStalled(): boolean {
    const since = this.#failingSince;
    return (
      this.#inFlight > 0 && since !== null && this.#deps.clock.monotonic() - since >= STALLED_MS
    );
  }

  /** What arrives in one turn of the event loop shares a transaction. */
  #pumpSoon(): void {
    if (this.#scheduled || !(this.#mayLeave || this.#mayLeaveBeside)) return;
    this.#scheduled = true;
    setImmediate(() => {
      const patience = this.#patience?.wait() ?? null;
      this.#scheduled = patience !== null;
      if (patience !== null) {
        void patience.then(() => {
          this.#scheduled = false;
          this.#pumpSoon();
        });
        return;
      }
      while (this.#mayLeave && this.#leave()) {}
      if (this.#mayLeaveBeside) this.#leave((owner) => !this.#underWayOf.has(owner));
    });
  }

  /** Sends a batch off: of everybody, or of the owners that are meant. False when there is none. */
  #leave(isMeant?: (owner: string) => boolean): boolean {
    const batch = this.#take(isMeant);
    if (batch.length === 0) return false;
    this.#inFlight++;
    this.#count(batch, 1);
    void this.#process(batch).finally(() => {
      for (const { lanes } of batch) for (const lane of lanes) this.#busyLanes.delete(lane);
      this.#inFlight--;
      this.#count(batch, -1);
      this.#pumpSoon();
    });
    return true;
  }

  #count(batch: readonly Waiting<Unit, Answer>[], change: 1 | -1): void {
    this.#underWay += change * batch.length;
    for (const { owner } of batch) {
      const count = (this.#underWayOf.get(owner) ?? 0) + change;
      if (count === 0) this.#underWayOf.delete(owner);
      else this.#underWayOf.set(owner, count);
    }
  }

  get #mayLeave(): boolean {
    const enough = Math.min(this.#underWay, this.#spec.maxUnits);
    return this.#inFlight < IN_FLIGHT && this.#waiting.length > 0 && this.#waiting.length >= enough;
  }

  /** What a workspace has brought that has nothing under way need not wait for another's large batches. */
  get #mayLeaveBeside(): boolean {
    if (this.#inFlight > IN_FLIGHT || this.#underWay < MUCH_OF_ONE * this.#underWayOf.size) {
      return false;
    }
    return this.#underWay > 0 && this.#waiting.hasOf((owner) => !this.#underWayOf.has(owner));
  }

  /** The oldest units that fit, in turns over workspaces. */
  #take(isMeant?: (owner: string) => boolean): Waiting<Unit, Answer>[] {
    const { maxUnits, maxWeight } = this.#spec;
    const goesAlong = fitting(this.#busyLanes, maxWeight);
    const fits = ({ unit, lanes }: Waiting<Unit, Answer>) =>
      goesAlong(lanes, this.#spec.weightOf?.(unit) ?? 0);
    const batch = this.#waiting.take(maxUnits, 4 * maxUnits, fits, isMeant);
    for (const { lanes } of batch) for (const lane of lanes) this.#busyLanes.add(lane);
    return batch;
  }

  async #process(batch: readonly Waiting<Unit, Answer>[]): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    let staying = batch;
    while (staying.length > 0) {
      try {
        const answers = await this.#transact(staying);
        this.#failingSince = null;
        staying.forEach((each, at) => {
          each.step?.end();
          // `run` answers in the order of its units.
          each.resolve(answers[at] as Answer);
        });
        return;
      } catch (error) {
        if (error instanceof Repeat) continue;
        if (remedyFor(error) === "apart") {
          // Of what is in the batch the database complains, so it takes what is right.
          this.#failingSince = null;
          return this.#apart(staying, error);
        }
        this.#failingSince ??= this.#deps.clock.monotonic();
        this.#deps.logger.warn({ acceptor: this.#spec.name, err: error }, "an accept is repeated");
        staying = this.#dismiss(staying);
        if (staying.length > 0) await this.#deps.clock.sleep(pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  /** Of a batch that was rolled back, refuses those who have waited long enough; answers the others. */
  #dismiss(batch: readonly Waiting<Unit, Answer>[]): readonly Waiting<Unit, Answer>[] {
    const { waitMs } = this.#spec;
    if (waitMs === undefined) return batch;
    const now = this.#deps.clock.monotonic();
    return batch.filter(({ since, step, reject }) => {
      if (now - since < waitMs) return true;
      this.#deps.onRefused("overload");
      step?.end({ failure: "refused" });
      reject(takesNothing());
      return false;
    });
  }

  /** One unit at fault fails alone; the others are tried without it. */
  async #apart(batch: readonly Waiting<Unit, Answer>[], error: unknown): Promise<void> {
    if (batch.length <= 1) {
      for (const each of batch) {
        each.step?.end({ failure: "refused" });
        each.reject(error);
      }
      return;
    }
    const middle = batch.length >> 1;
    await this.#process(batch.slice(0, middle));
    await this.#process(batch.slice(middle));
  }

  async #transact(batch: readonly Waiting<Unit, Answer>[]): Promise<Answer[]> {
    const units = batch.map(({ unit }) => unit);
    const { pool, membership, clock, ids } = this.#deps;
    const client = await pool.connect();
    const registration = membership.current;
    const open = registration.floors.begin(ids.last());
    const begun = begin(client, registration);
    const transaction = { client, begun, now: clock.now() };
    const appending = new Appending(this.#deps, registration, transaction, placesOf(batch));
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
      const eventId = appending.appended[0]?.event.id ?? null;
      const end = await this.#committing.commit(client, { xid, eventId, process: registration.id });
      healthy = end.isHealthy;
      if (!end.isCommitted) {
        appending.abandon();
        throw end.error;
      }
      this.#handOn(appending.appended, registration);
      return answers;
    } finally {
      registration.floors.end(open);
      client.release(!healthy);
    }
  }

  /** It is committed: whatever goes wrong from here on, it is not tried again. */
  #handOn(appended: readonly Appended[], registration: Registration): void {
    try {
      this.#deps.onAccepted(appended, registration);
    } catch (error) {
      this.#deps.logger.error(
        { acceptor: this.#spec.name, err: error },
        "what was accepted is carried by nobody until this process ends",
      );
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
}

class Repeat extends Error {}

function takesNothing(): CurlewError {
  return new CurlewError(
    "unavailable",
    "The database takes nothing at the moment: nothing of this request was kept",
    { retryAfterS: 5 },
  );
}

/** Where the events of a unit belong in its trace; null where nobody traces. */
function placesOf<Unit>(
  batch: readonly { unit: Unit; step: Step | null }[],
): ((unit: object | undefined) => TracePlace | null) | null {
  const [first] = batch;
  if (!first?.step) return null;
  if (batch.length === 1) return () => first.step?.place ?? null;
  const steps = new Map<unknown, Step | null>(batch.map(({ unit, step }) => [unit, step]));
  return (unit) => (unit === undefined ? null : (steps.get(unit)?.place ?? null));
}

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
