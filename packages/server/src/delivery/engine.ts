import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import type { AcceptorSpec, MakeAcceptor } from "../core/recording.ts";
import type { Connections, Tx } from "../storage/connections.ts";
import type { Beat, Role } from "../storage/processes.ts";
import { MicroBatcher } from "./accept.ts";
import type { Appended } from "./append.ts";
import { Bell } from "./bell.ts";
import { firstAttempts, Quiet, untrack } from "./carried.ts";
import { Directory } from "./directory.ts";
import { Loops } from "./loops.ts";
import { Membership, type Registration } from "./membership.ts";
import { Overflow } from "./overflow.ts";
import { RetryLane } from "./retry-lane.ts";
import { Sender, type Target } from "./sender.ts";
import { Settler } from "./settle.ts";
import { Wakes } from "./wakes.ts";
import type { Work } from "./work.ts";

const HEARTBEAT_MS = 1_000;
const SWEEP_MS = 1_000;
const TIDY_MS = 5_000;
const SCAN_MS = 30_000;
const VACUUM_MS = 5_000;
/** Rows of `retry` that changed before it is worth a vacuum. */
const CHURN_TO_VACUUM = 5_000;
/** Longer than it takes to be taken for dead. */
const LONGEST_APPLYING_MS = 8_000;
const APPLYING_PAUSE_MS = 50;
const LONGEST_RETRY_PAUSE_MS = 1_000;

export interface EngineMetrics {
  accepted(events: number): void;
  settled(outcome: "delivered" | "retried" | "dead" | "cancelled"): void;
  attempt(outcome: "delivered" | "failed", ms: number): void;
  dropped(reason: string): void;
  fenced(): void;
}

export interface EngineDeps {
  connections: Connections;
  clock: Clock;
  ids: { next(): string; jumpAbove(id: string): void; last(): string };
  logger: Logger;
  metrics: EngineMetrics;
  /** Shown to operators: host and pid. */
  name: string;
  role: Role;
  random(): number;
  openTarget(key: string, options: { url: string; maxConnections: number }): Target;
  openSecret(sealed: string, secretId: string): string;
  /** Takes a sample of the database's clock. */
  onDatabaseTime?(databaseMs: number, roundTripMs: number): void;
  /** A workspace's configuration has moved, here or elsewhere; null: anything may have. */
  onConfig?(workspaceId: string | null): void;
  /** A dead process is recovered in this transaction: what else it carried is taken over too. */
  onRecover?(tx: Tx, processId: number): Promise<void>;
}

/** Accept, attempt, settle, retry, recover: one process's share of the delivery engine. */
export class Engine {
  readonly directory: Directory;
  readonly membership: Membership;
  readonly sender: Sender;
  readonly retries: RetryLane;
  readonly #deps: EngineDeps;
  readonly #settler: Settler;
  readonly #overflow: Overflow;
  readonly #wakes: Wakes;
  readonly #loops: Loops;
  /** Heartbeats go on while the rest is stopping: nobody is to take over what is still in flight. */
  readonly #pulse: Loops;
  readonly #retryBell = new Bell();
  readonly #pools: ReturnType<Connections["lane"]>[];
  readonly #acceptPool: ReturnType<Connections["lane"]>;
  readonly #quiet = new Quiet(() => this.sender.carried === 0);
  #churn = 0;

  constructor(deps: EngineDeps) {
    const { connections, clock, logger } = deps;
    this.#deps = deps;
    this.#loops = new Loops(clock, logger);
    this.#pulse = new Loops(clock, logger);
    const control = connections.lane("control", 2);
    const settle = connections.lane("settle", 3);
    const queue = connections.lane("queue", 3);
    this.#acceptPool = connections.lane("accept", 6);
    this.#pools = [control, settle, queue, this.#acceptPool];
    this.directory = new Directory({ db: queue, logger, openSecret: deps.openSecret });
    this.membership = new Membership({
      control,
      transaction: connections.transaction,
      clock,
      ids: deps.ids,
      logger,
      name: deps.name,
      role: deps.role,
      configVersion: () => this.directory.version,
      onBeat: (beat, roundTripMs) => this.#onBeat(beat, roundTripMs),
      onFenced: () => this.#dropMemory(),
      ...(deps.onRecover ? { onRecover: deps.onRecover } : {}),
      onRecovered: (rows) => {
        if (rows > 0) void this.#scanSoon();
      },
    });
    this.#settler = new Settler({
      pool: settle,
      clock,
      logger,
      onSettled: ({ work, settlement }) => {
        const { state, nextAt } = settlement;
        deps.metrics.settled(state === "pending" ? "retried" : state);
        if (nextAt !== null) this.#expect(work.endpoint, nextAt);
        if (work.leased || nextAt !== null) this.#churn++;
        this.#letGo(work);
      },
      onFenced: (work) => void this.#fenced(work.registration),
      onDropped: ({ work }, reason) => {
        deps.metrics.dropped(reason);
        logger.error(
          { event: work.eventId, endpoint: work.endpoint, reason },
          "an outcome was not kept",
        );
      },
    });
    this.#overflow = new Overflow({
      db: queue,
      clock,
      logger,
      isInFlight: (work) => this.sender.isInFlight(work),
      hold: (work) => this.retries.holds(work),
      giveBack: (owner, rows) => this.retries.giveBack(owner, rows),
      onMoved: (work) => {
        this.#churn++;
        this.#expect(work.endpoint, clock.now());
        if (work.leased && this.sender.isInFlight(work)) untrack(work);
        else this.#letGo(work);
      },
      onFenced: (work) => void this.#fenced(work.registration),
    });
    this.sender = new Sender({
      directory: this.directory,
      clock,
      logger,
      random: deps.random,
      openTarget: deps.openTarget,
      mayAttempt: () => this.membership.isHeard,
      settle: (outcome) => this.#settler.settle(outcome),
      overflow: (work) => this.#overflow.add(work),
      onAttempt: deps.metrics.attempt,
      onRoom: () => {
        if (this.retries.endpointsWaiting > 0) this.#retryBell.ring();
      },
    });
    this.retries = new RetryLane({
      db: queue,
      directory: this.directory,
      membership: this.membership,
      clock,
      logger,
      roomFor: (endpoint) => this.sender.roomFor(endpoint),
      offer: (work, endpoint) => this.sender.offer(work, endpoint),
    });
    this.#wakes = new Wakes({
      connections,
      logger,
      onConfig: (workspaceId) => void this.#reload(workspaceId),
      onWake: (endpoints) => {
        if (endpoints === null) void this.#scanSoon();
        else for (const endpoint of endpoints) this.#expect(endpoint, clock.now());
      },
    });
    this.directory.onChange((view) => {
      // Whoever moves now may have something waiting.
      for (const endpoint of view.endpoints.values()) {
        if (endpoint.moves) this.#expect(endpoint.serial, clock.now());
      }
    });
  }

  /** Gives a room its share of the accepts: see `core/recording.ts`. */
  readonly makeAcceptor: MakeAcceptor = <Unit, Answer>(spec: AcceptorSpec<Unit, Answer>) =>
    new MicroBatcher<Unit, Answer>(
      {
        directory: this.directory,
        ids: this.#deps.ids,
        sends: this.#sends,
        pool: this.#acceptPool,
        clock: this.#deps.clock,
        logger: this.#deps.logger,
        membership: this.membership,
        onAccepted: (appended, registration) => this.#onAccepted(appended, registration),
      },
      spec,
    );

  get #sends(): boolean {
    return this.#deps.role !== "api";
  }

  /** Whether this process is registered and the database hears it. */
  get isReady(): boolean {
    return this.membership.isHeard;
  }

  /** Joins the others without starting any loop: what tests drive round by round. */
  async join(): Promise<void> {
    await this.directory.refresh();
    await this.membership.register();
  }

  /** Joins, listens and starts every loop. */
  async start(): Promise<void> {
    await this.join();
    await this.#wakes.listen();
    this.#pulse.every("heartbeat", HEARTBEAT_MS, () => this.beatOnce());
    this.#loops.every("watch", HEARTBEAT_MS, () => this.watchOnce());
    if (this.#sends) {
      this.#loops.every("sweep", SWEEP_MS, () => this.sender.sweep());
      this.#loops.every("tidy", TIDY_MS, () => this.retries.tidy());
      this.#loops.every("scan", SCAN_MS, () => this.#scan());
      this.#loops.every("vacuum", VACUUM_MS, () => this.#vacuum());
      this.#loops.repeat(
        "retry",
        () => this.retries.runOnce(),
        (taken) => this.#pauseRetries(taken ?? 0),
      );
    }
  }

  /** One heartbeat; after a database error everybody's silence counts anew. */
  beatOnce(): Promise<void> {
    return this.#listening(() => this.membership.beatOnce());
  }

  /** Looks at the others once, and recovers whoever is dead. */
  watchOnce(): Promise<void> {
    return this.#listening(() => this.membership.watchOnce());
  }

  async #listening(round: () => Promise<void>): Promise<void> {
    try {
      await round();
    } catch (error) {
      this.membership.forgetSeen();
      throw error;
    }
  }

  /**
   * Waits until every other living process has applied a version of the instance's configuration, or
   * has been taken for dead.
   */
  async appliedEverywhere(instanceVersion: number): Promise<void> {
    const { clock } = this.#deps;
    const until = clock.monotonic() + LONGEST_APPLYING_MS;
    while (clock.monotonic() < until) {
      if (!(await this.membership.isAnyBehind(instanceVersion))) return;
      await clock.sleep(APPLYING_PAUSE_MS);
    }
  }

  /** Something of these endpoints is due now: tells every process. */
  wake(endpoints: readonly number[]): void {
    for (const endpoint of endpoints) {
      this.#expect(endpoint, this.#deps.clock.now());
      this.#wakes.tell(endpoint);
    }
  }

  /** Resolves when nothing is carried in memory: every outcome is written or waits in `retry`. */
  quiet(): Promise<void> {
    return this.#quiet.reached();
  }

  /** Resolves when what memory gave up stands in `retry`. */
  overflowed(): Promise<void> {
    return this.#overflow.drained();
  }

  /**
   * Hands everything over: what is in flight gets `graceMs` to finish, the rest waits in `retry` for
   * the others, and the registration is closed, so that nobody has to recover it.
   */
  async stop(graceMs: number): Promise<void> {
    const { clock, logger } = this.#deps;
    const graceEnd = new AbortController();
    const grace = clock.sleep(graceMs, graceEnd.signal);
    const stopped = this.#loops.stop();
    this.#retryBell.ring();
    await Promise.race([stopped, grace]);
    await this.#wakes.close();
    this.sender.handOver();
    await Promise.race([this.quiet(), grace]);
    graceEnd.abort();
    await this.#pulse.stop();
    const left = this.sender.carried;
    if (left === 0) await this.membership.close();
    else
      logger.warn({ left }, "stopped with deliveries in flight; another process takes them over");
    await this.sender.close();
    await Promise.all(this.#pools.map((pool) => pool.end().catch(() => {})));
  }

  #onAccepted(appended: readonly Appended[], registration: Registration): void {
    if (appended.length === 0) return;
    this.#deps.metrics.accepted(appended.length);
    const carries = this.#sends && this.membership.current === registration;
    const since = this.#deps.clock.monotonic();
    for (const each of appended) {
      const { event, tracked } = each;
      if (!carries) {
        // Without a sender they wait in `retry`; under a lost registration they are recovered.
        tracked.open = 0;
        if (!this.#sends) this.wake(event.targets);
        continue;
      }
      const view = this.directory.cached(event.workspaceId);
      for (const work of firstAttempts(each, registration, since)) {
        this.sender.offer(work, view?.endpoints.get(work.endpoint) ?? null);
      }
    }
  }

  #onBeat(beat: Beat, roundTripMs: number): void {
    this.#deps.onDatabaseTime?.(beat.databaseMs, roundTripMs);
    if (beat.configVersion !== this.directory.version) void this.#reload(null);
  }

  /** Applies what has changed and says so at once: somebody may be waiting for everybody. */
  async #reload(workspaceId: string | null): Promise<void> {
    this.#deps.onConfig?.(workspaceId);
    try {
      await this.directory.refresh();
      await this.beatOnce();
    } catch (error) {
      // The next heartbeat compares versions again.
      this.#deps.logger.warn({ err: error }, "the configuration could not be read again");
    }
  }

  async #fenced(registration: Registration): Promise<void> {
    try {
      await this.membership.fenced(registration);
    } catch (error) {
      this.#deps.logger.warn(
        { err: error },
        "registering anew failed; the next heartbeat tries again",
      );
    }
  }

  #dropMemory(): void {
    this.#deps.metrics.fenced();
    this.retries.dropAll();
    const dropped = this.sender.drop();
    for (const work of dropped) untrack(work);
    this.#quiet.check();
  }

  #letGo(work: Work): void {
    untrack(work);
    if (work.leased) this.retries.letGo(work);
    this.sender.released(work);
    this.#quiet.check();
  }

  #expect(endpoint: number, at: number): void {
    this.retries.hint(endpoint, at);
    if (at <= this.#deps.clock.now()) this.#retryBell.ring();
  }

  async #scan(): Promise<void> {
    await this.retries.scan();
    this.#retryBell.ring();
  }

  async #scanSoon(): Promise<void> {
    await this.#scan().catch((error: unknown) => {
      this.#deps.logger.debug({ err: error }, "a scan failed; the next one comes by itself");
    });
  }

  #pauseRetries(taken: number): Promise<void> {
    if (taken > 0) return Promise.resolve();
    const { clock } = this.#deps;
    const next = this.retries.nextCheckAt();
    const until = next === null ? LONGEST_RETRY_PAUSE_MS : Math.max(20, next - clock.now());
    return this.#retryBell.wait(clock, Math.min(until, LONGEST_RETRY_PAUSE_MS));
  }

  /** A default autovacuum lets the queue table swell until claims crawl; the app keeps it small. */
  async #vacuum(): Promise<void> {
    if (this.#churn < CHURN_TO_VACUUM) return;
    this.#churn = 0;
    await this.#deps.connections.pool.query("vacuum (analyze false) retry");
  }
}
