import type { Control } from "../core/answer-control.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import type { AcceptorSpec, MakeAcceptor } from "../core/recording.ts";
import type { Connections, Tx } from "../storage/connections.ts";
import type { Beat, Role } from "../storage/processes.ts";
import { MicroBatcher } from "./accept.ts";
import type { Appended } from "./append.ts";
import { Bell } from "./bell.ts";
import { Carrier, type CarrierMetrics } from "./carrier.ts";
import { Directory, type EndpointView } from "./directory.ts";
import { Loops } from "./loops.ts";
import { Membership, type Registration } from "./membership.ts";
import type { DeadLetter } from "./notices.ts";
import type { RetryLane } from "./retry-lane.ts";
import type { Sender } from "./sender.ts";
import type { Outcome } from "./settle.ts";
import type { OpenTarget } from "./targets.ts";
import { Wakes } from "./wakes.ts";

const HEARTBEAT_MS = 1_000;
const FLOOR_EVERY_MS = 50;
/** How long somebody who has read the log counts as following it. */
const FOLLOWED_MS = 5_000;
/** Longer than it takes to be taken for dead. */
const LONGEST_APPLYING_MS = 8_000;
const APPLYING_PAUSE_MS = 50;

export interface EngineMetrics extends CarrierMetrics {
  accepted(events: number): void;
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
  openTarget: OpenTarget;
  openSecret(sealed: string, secretId: string): string;
  /** Opens a sealed column of an endpoint. */
  openColumn(sealed: string, column: "headers" | "auth", endpointId: string): string;
  /** Takes a sample of the database's clock. */
  onDatabaseTime?(databaseMs: number, roundTripMs: number): void;
  /** A workspace's configuration has moved, here or elsewhere; null: anything may have. */
  onConfig?(workspaceId: string | null): void;
  /** An endpoint's answer said that nothing more is to come. */
  onDisableAsked?(endpoint: EndpointView, control: Exclude<Control, "abort">): void;
  /** A delivery to this endpoint has become a dead letter. */
  onDeadLetter?(endpoint: EndpointView, letter: DeadLetter): void;
  /** A dead process is recovered in this transaction: what else it carried is taken over too. */
  onRecover?(tx: Tx, processId: number): Promise<void>;
}

/** Accept, attempt, settle, retry, recover: one process's share of the delivery engine. */
export class Engine {
  readonly directory: Directory;
  readonly membership: Membership;
  readonly carrier: Carrier;
  readonly #deps: EngineDeps;
  readonly #wakes: Wakes;
  readonly #loops: Loops;
  /** Heartbeats go on while the rest is stopping: nobody is to take over what is still in flight. */
  readonly #pulse: Loops;
  readonly #pools: ReturnType<Connections["lane"]>[];
  readonly #acceptPool: ReturnType<Connections["lane"]>;
  /** Until when somebody follows the log: at this process, and at any. */
  readonly #followed = { here: 0, anywhere: 0 };
  readonly #followBell = new Bell();

  constructor(deps: EngineDeps) {
    const { connections, clock, logger } = deps;
    this.#deps = deps;
    this.#loops = new Loops(clock, logger);
    this.#pulse = new Loops(clock, logger);
    const control = connections.lane("control", 2);
    const settle = connections.lane("settle", 3);
    const queue = connections.lane("queue", 3);
    this.#acceptPool = connections.lane("accept", 6, { pipeline: true });
    this.#pools = [control, settle, queue, this.#acceptPool];
    this.directory = new Directory({
      db: queue,
      logger,
      openSecret: deps.openSecret,
      openColumn: deps.openColumn,
    });
    this.membership = new Membership({
      control,
      transaction: connections.transaction,
      clock,
      ids: deps.ids,
      logger,
      name: deps.name,
      role: deps.role,
      configVersion: () => this.directory.version,
      followedUntil: () => (this.#followed.here > clock.now() ? this.#followed.here : null),
      onBeat: (beat, roundTripMs) => this.#onBeat(beat, roundTripMs),
      onFenced: () => this.#dropMemory(),
      ...(deps.onRecover ? { onRecover: deps.onRecover } : {}),
      onRecovered: (rows) => {
        if (rows > 0) void this.#scanSoon();
      },
    });
    this.carrier = new Carrier({
      settlePool: settle,
      queuePool: queue,
      directory: this.directory,
      membership: this.membership,
      clock,
      logger,
      metrics: deps.metrics,
      random: deps.random,
      openTarget: deps.openTarget,
      onFenced: (registration) => void this.#fenced(registration),
      onDisableAsked: (endpoint, control) => deps.onDisableAsked?.(endpoint, control),
      onDead: (outcome) => this.#onDead(outcome),
    });
    this.#wakes = new Wakes({
      connections,
      logger,
      onConfig: (workspaceId) => void this.#reload(workspaceId),
      onWake: (endpoints) => {
        if (endpoints === null) void this.#scanSoon();
        else for (const endpoint of endpoints) this.carrier.expect(endpoint, clock.now());
      },
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

  get sender(): Sender {
    return this.carrier.sender;
  }

  get retries(): RetryLane {
    return this.carrier.retries;
  }

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
    const { clock } = this.#deps;
    this.#pulse.every("heartbeat", HEARTBEAT_MS, () => this.beatOnce());
    this.#loops.every("watch", HEARTBEAT_MS, () => this.watchOnce());
    this.#pulse.repeat(
      "floors",
      () => this.#publishFloor(),
      (isFollowed) => this.#followBell.wait(clock, isFollowed ? FLOOR_EVERY_MS : HEARTBEAT_MS),
    );
    if (this.#sends) {
      this.carrier.start(this.#loops);
    }
  }

  /** Somebody reads the log at its end: for some seconds every process publishes its floor often. */
  followed(): void {
    const now = this.#deps.clock.now();
    const isNew = this.#followed.anywhere <= now;
    this.#followed.here = now + FOLLOWED_MS;
    this.#followed.anywhere = this.#followed.here;
    if (!isNew) return;
    this.#followBell.ring();
    // The others hear of it by our heartbeat.
    this.beatOnce().catch(() => {});
  }

  async #publishFloor(): Promise<boolean> {
    if (this.#followed.anywhere <= this.#deps.clock.now()) return false;
    await this.membership.publishFloor();
    return true;
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
      this.carrier.expect(endpoint, this.#deps.clock.now());
      this.#wakes.tell(endpoint);
    }
  }

  /** Resolves when nothing is carried in memory: every outcome is written or waits in `retry`. */
  quiet(): Promise<void> {
    return this.carrier.quiet();
  }

  /** Resolves when what memory gave up stands in `retry`. */
  overflowed(): Promise<void> {
    return this.carrier.overflowed();
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
    this.carrier.ring();
    await Promise.race([stopped, grace]);
    await this.#wakes.close();
    this.carrier.handOver();
    await Promise.race([this.quiet(), grace]);
    await Promise.race([this.#wakes.leave(), grace]);
    graceEnd.abort();
    const pulseStopped = this.#pulse.stop();
    this.#followBell.ring();
    await pulseStopped;
    const left = this.carrier.sender.carried;
    await Promise.race([this.carrier.writeCounts().catch(() => {}), grace]);
    if (left === 0) await this.membership.close();
    else
      logger.warn({ left }, "stopped with deliveries in flight; another process takes them over");
    await this.carrier.sender.close();
    await Promise.all(this.#pools.map((pool) => pool.end().catch(() => {})));
  }

  #onAccepted(appended: readonly Appended[], registration: Registration): void {
    if (appended.length === 0) return;
    this.#deps.metrics.accepted(appended.length);
    const carries = this.#sends && this.membership.current === registration;
    if (carries) {
      this.carrier.take(appended, registration);
      return;
    }
    for (const each of appended) {
      // Without a sender they wait in `retry`; under a lost registration they are recovered.
      each.tracked.open = 0;
      if (this.#sends) this.carrier.expectOrdered(each);
      else this.wake(each.event.targets);
    }
  }

  #onDead({ work, settlement }: Outcome): void {
    const view = this.directory.cached(work.workspaceId)?.endpoints.get(work.endpoint);
    if (!view) return;
    this.#deps.onDeadLetter?.(view, {
      eventId: work.eventId,
      type: work.type,
      at: settlement.endedAt,
      status: settlement.attempt?.status ?? null,
      error: settlement.attempt?.error ?? null,
    });
  }

  #onBeat(beat: Beat, roundTripMs: number): void {
    this.#deps.onDatabaseTime?.(beat.databaseMs, roundTripMs);
    if (beat.isFollowed) {
      const until = this.#deps.clock.now() + 2 * HEARTBEAT_MS;
      this.#followed.anywhere = Math.max(this.#followed.anywhere, until);
    }
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
    this.carrier.drop();
  }

  async #scanSoon(): Promise<void> {
    await this.carrier.scan().catch((error: unknown) => {
      this.#deps.logger.debug({ err: error }, "a scan failed; the next one comes by itself");
    });
  }
}
