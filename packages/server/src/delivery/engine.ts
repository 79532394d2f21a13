import type { Control } from "../core/endpoints/answer-control.ts";
import type { Acceptor, AcceptorSpec, MakeAcceptor } from "../core/events/recording.ts";
import type { AddressBody } from "../core/messages/media.ts";
import type { Clock } from "../core/outside/clock.ts";
import type { Logger } from "../core/outside/log.ts";
import type { Tracing } from "../core/outside/tracing.ts";
import { type Connections, REQUEST_WAIT_MS, type Tx } from "../storage/connections/connections.ts";
import type { Beat, Role } from "../storage/instance/processes.ts";
import { findOverdueReceipts } from "../storage/retention/purge-receipts.ts";
import { MicroBatcher } from "./accept/accept.ts";
import type { Appended } from "./accept/append.ts";
import type { Sender } from "./attempt/sender.ts";
import type { OpenTarget } from "./attempt/targets.ts";
import { Carrier, type CarrierMetrics } from "./carrier.ts";
import { Directory, type EndpointView } from "./directory/directory.ts";
import { Loops } from "./loops/loops.ts";
import { FloorRounds } from "./processes/floor-rounds.ts";
import { Membership, type Registration } from "./processes/membership.ts";
import { Wakes } from "./processes/wakes.ts";
import { QueueVacuum } from "./retry/queue-vacuum.ts";
import type { RetryLane } from "./retry/retry-lane.ts";
import { lossSpec } from "./settle/losses.ts";
import { type FindEndpointId, type Receipt, receiptSpec, receiptsOf } from "./settle/receipts.ts";
import type { Outcome } from "./settle/settle.ts";

const HEARTBEAT_MS = 1_000;
const RECEIPTS_MS = 5_000;
/** Who lives and knows all has told long before. */
const RECEIPT_OVERDUE_MS = 10 * 60_000;
const RECEIPTS_A_ROUND = 200;
/** Longer than it takes to be taken for dead. */
const LONGEST_APPLYING_MS = 8_000;
const APPLYING_PAUSE_MS = 50;
/** Whoever hears of a row takes it for due just now; what has been due for longer must be looked for. */
const LATE_MS = 2_000;

export interface EngineMetrics extends CarrierMetrics {
  accepted(events: number): void;
  fenced(): void;
  dead(cause: string): void;
  refused(reason: "overload" | "workspace_share"): void;
}

export interface EngineDeps {
  connections: Connections;
  clock: Clock;
  ids: { next(): string; jumpAbove(id: string): void; last(): string };
  logger: Logger;
  metrics: EngineMetrics;
  /** The operator's tracing; absent where there is none. */
  tracing?: Tracing | null;
  /** Shown to operators: host and pid. */
  name: string;
  role: Role;
  random(): number;
  /** The names of this process's master keys, the one that seals first. */
  keyIds?(): readonly string[];
  openTarget: OpenTarget;
  /** Of bodies that are kept nowhere; absent where no file of theirs is handed on. */
  addressBody?: AddressBody;
  openSecret(sealed: string, secretId: string): string;
  /** Opens a sealed column of an endpoint. */
  openColumn(sealed: string, column: "headers" | "auth", endpointId: string): string;
  /** Takes a sample of the database's clock. */
  onDatabaseTime?(databaseMs: number, roundTripMs: number): void;
  /** A workspace's configuration has moved, here or elsewhere; null: anything may have. */
  onConfig?(workspaceId: string | null): void;
  /** An endpoint's answer said that nothing more is to come. */
  onDisableAsked?(endpoint: EndpointView, control: Exclude<Control, "abort">): void;
  /** The body of an event of this workspace is committed. */
  onWritten?(workspaceId: string, payload: string): void;
  /** Webhooks that could leave if this process were faster. */
  backlog?(): number;
  /** A dead process is recovered in this transaction: what else it carried is taken over too. */
  onRecover?(tx: Tx, processId: number): Promise<void>;
}

const asItIs: AddressBody = (body) => body;

/** Accept, attempt, settle, retry, recover: one process's share of the delivery engine. */
export class Engine {
  readonly directory: Directory;
  readonly membership: Membership;
  readonly carrier: Carrier;
  readonly #deps: EngineDeps;
  readonly #wakes: Wakes;
  readonly #queuePool: ReturnType<Connections["lane"]>;
  readonly #receipts: Acceptor<Receipt, void>;
  readonly #loops: Loops;
  /** Heartbeats go on while the rest is stopping: nobody is to take over what is still in flight. */
  readonly #pulse: Loops;
  readonly #pools: ReturnType<Connections["lane"]>[];
  readonly #acceptPool: ReturnType<Connections["lane"]>;
  readonly #floorRounds: FloorRounds;
  readonly #acceptors: { readonly depth: number }[] = [];

  constructor(deps: EngineDeps) {
    const { connections, clock, logger } = deps;
    this.#deps = deps;
    this.#loops = new Loops(clock, logger);
    this.#pulse = new Loops(clock, logger);
    const control = connections.lane("control", 2);
    const settle = connections.lane("settle", 3);
    const queue = connections.lane("queue", 3);
    this.#acceptPool = connections.lane("accept", 6, {
      pipeline: true,
      waitMs: REQUEST_WAIT_MS,
    });
    this.#queuePool = queue;
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
      refresh: () => this.directory.refresh(),
      followedUntil: () => this.#floorRounds.hereUntil,
      keyIds: () => deps.keyIds?.() ?? [],
      onBeat: (beat, roundTripMs) => this.#onBeat(beat, roundTripMs),
      onFenced: () => this.#dropMemory(),
      ...(deps.onRecover ? { onRecover: deps.onRecover } : {}),
      onRecovered: () => this.doubt(),
      onReleased: () => {
        this.carrier.sender.sweep();
        this.carrier.rounds.scanSoon();
      },
    });
    this.#floorRounds = new FloorRounds({
      clock,
      publishFloor: () => this.membership.publishFloor(),
      // A beat that fails is made up for by the next.
      tell: () => void this.beatOnce().catch(() => {}),
    });
    this.carrier = new Carrier({
      settlePool: settle,
      queuePool: queue,
      queueVacuum: new QueueVacuum(connections),
      directory: this.directory,
      membership: this.membership,
      clock,
      logger,
      metrics: deps.metrics,
      tracing: deps.tracing ?? null,
      random: deps.random,
      openTarget: deps.openTarget,
      addressBody: deps.addressBody ?? asItIs,
      onFenced: (registration) => void this.#fenced(registration),
      onDisableAsked: (endpoint, control) => deps.onDisableAsked?.(endpoint, control),
      onDead: ({ settlement }) => deps.metrics.dead(causeOf(settlement)),
      settleLoss: (outcome) => losses.accept(outcome),
      tellPurged: (receipt) => this.#receipts.accept(receipt),
    });
    const findEndpointId: FindEndpointId = (workspaceId, serial) =>
      this.#endpointOf(workspaceId, serial)?.id ?? null;
    const losses = this.makeAcceptor(lossSpec(findEndpointId));
    this.#receipts = this.makeAcceptor(receiptSpec(findEndpointId));
    this.#wakes = new Wakes({
      connections,
      clock,
      logger,
      onConfig: (workspaceId) => void this.#reload(workspaceId),
      onWake: (endpoints) => {
        if (endpoints === null) this.carrier.rounds.scanSoon();
        else for (const endpoint of endpoints) this.carrier.rounds.expect(endpoint, clock.now());
      },
    });
  }

  /** Units that wait for a transaction to take them. */
  get acceptsWaiting(): number {
    return this.#acceptors.reduce((sum, each) => sum + each.depth, 0);
  }

  /** Gives a room its share of the accepts: see `core/events/recording.ts`. */
  readonly makeAcceptor: MakeAcceptor = <Unit, Answer>(spec: AcceptorSpec<Unit, Answer>) => {
    const acceptor = new MicroBatcher<Unit, Answer>(
      {
        directory: this.directory,
        ids: this.#deps.ids,
        addressBody: this.#deps.addressBody ?? asItIs,
        sends: this.#sends,
        isHeld: () => this.membership.isHeld,
        pool: this.#acceptPool,
        clock: this.#deps.clock,
        logger: this.#deps.logger,
        membership: this.membership,
        onAccepted: (appended, registration) => this.#onAccepted(appended, registration),
        onRefused: (reason) => this.#deps.metrics.refused(reason),
        backlog: () => this.#deps.backlog?.() ?? 0,
        tracing: this.#deps.tracing ?? null,
      },
      spec,
    );
    this.#acceptors.push(acceptor);
    return acceptor;
  };

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
    this.#pulse.every("heartbeat", HEARTBEAT_MS, () => this.beatOnce());
    this.#loops.every("watch", HEARTBEAT_MS, () => this.watchOnce());
    this.#floorRounds.start(this.#pulse);
    if (this.#sends) {
      this.carrier.start(this.#loops);
      this.#loops.every("receipts", RECEIPTS_MS, () => this.tellOverdueReceipts());
    }
  }

  /** Tells of purged messages whose receipt the process that forwarded them did not come to write. */
  async tellOverdueReceipts(): Promise<void> {
    const before = this.#deps.clock.now() - RECEIPT_OVERDUE_MS;
    const page = { before, limit: RECEIPTS_A_ROUND };
    const overdue = receiptsOf(await findOverdueReceipts(this.#queuePool, page));
    await Promise.all(overdue.map((receipt) => this.#receipts.accept(receipt)));
  }

  /** Somebody reads the log at its end: for some seconds every process publishes its floor often. */
  followed(): void {
    this.#floorRounds.followed();
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

  /** Something of these endpoints is due since `dueAt`, or now: tells every process. */
  wake(endpoints: readonly number[], dueAt = this.#deps.clock.now()): void {
    const isLate = this.#deps.clock.now() - dueAt >= LATE_MS;
    if (isLate) void this.#wakes.tellOfAnything();
    for (const endpoint of endpoints) {
      this.carrier.rounds.expect(endpoint, dueAt);
      if (!isLate) this.#wakes.tell(endpoint);
    }
  }

  /** Something may have become due unheard: has whatever waits looked for, by whoever sends. */
  doubt(): void {
    if (this.#sends) this.carrier.rounds.scanSoon();
    else void this.#wakes.tellOfAnything();
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
    this.carrier.rounds.ring();
    await Promise.race([stopped, grace]);
    await this.#wakes.close();
    this.carrier.handOver();
    await Promise.race([this.quiet(), grace]);
    await Promise.race([this.#wakes.tellOfAnything(), grace]);
    graceEnd.abort();
    const pulseStopped = this.#pulse.stop();
    this.#floorRounds.ring();
    await pulseStopped;
    await Promise.race([this.carrier.writeCounts().catch(() => {}), grace]);
    const left = this.carrier.sender.carried;
    if (left > 0)
      logger.warn({ left }, "stopped with deliveries in flight; another process takes them over");
    else await this.#endRegistration();
    await this.carrier.close();
    await Promise.all(this.#pools.map((pool) => pool.end().catch(() => {})));
  }

  async #endRegistration(): Promise<void> {
    try {
      if (await this.membership.close()) await this.#wakes.tellOfAnything();
    } catch (error) {
      this.#deps.logger.warn({ err: error }, "stopped without a word; another process finds out");
    }
  }

  #onAccepted(appended: readonly Appended[], registration: Registration): void {
    if (appended.length === 0) return;
    this.#deps.metrics.accepted(appended.length);
    for (const { event } of appended) this.#deps.onWritten?.(event.workspaceId, event.payload);
    const carries = this.#sends && this.membership.counts(registration);
    if (carries) {
      this.carrier.take(appended, registration);
      return;
    }
    for (const each of appended) {
      // Without a sender they wait in `retry`; under a lost registration they are recovered.
      each.tracked.open = 0;
      if (this.#sends) this.carrier.rounds.expectOrdered(each);
      else this.wake(each.event.targets, each.dueAt);
    }
  }

  #endpointOf(workspaceId: string, serial: number): EndpointView | undefined {
    return this.directory.cached(workspaceId)?.endpoints.get(serial);
  }

  #onBeat(beat: Beat, roundTripMs: number): void {
    this.#deps.onDatabaseTime?.(beat.databaseMs, roundTripMs);
    if (beat.isFollowed) this.#floorRounds.heard();
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
}

/** Why a schedule was spent, in few words: what the last request was answered, or why it was not. */
function causeOf({ attempt, reason }: Outcome["settlement"]): string {
  if (attempt === null) return reason ?? "other";
  if (attempt.status === null) return attempt.error ?? "other";
  return `${Math.floor(attempt.status / 100)}xx`;
}
