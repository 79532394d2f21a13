import type { Pool } from "pg";
import type { Control } from "../core/endpoints/answer-control.ts";
import type { AddressBody } from "../core/messages/media.ts";
import type { Clock } from "../core/outside/clock.ts";
import type { Logger } from "../core/outside/log.ts";
import type { Tracing } from "../core/outside/tracing.ts";
import { leaseTokens } from "../storage/endpoints/endpoint-rates.ts";
import type { Appended } from "./accept/append.ts";
import { cancelled } from "./attempt/attempt.ts";
import { Breakers } from "./attempt/breakers.ts";
import { writeCounts } from "./attempt/counts.ts";
import { Rate } from "./attempt/rate.ts";
import { Sender } from "./attempt/sender.ts";
import type { OpenTarget } from "./attempt/targets.ts";
import { firstAttempts, Quiet, untrack } from "./carried.ts";
import type { Directory, EndpointView } from "./directory/directory.ts";
import type { Loops } from "./loops/loops.ts";
import type { Membership, Registration } from "./processes/membership.ts";
import type { QueueVacuum } from "./retry/queue-vacuum.ts";
import { RetryLane } from "./retry/retry-lane.ts";
import { RetryRounds } from "./retry/retry-rounds.ts";
import { Overflow } from "./settle/overflow.ts";
import { type Receipt, Receipts } from "./settle/receipts.ts";
import { type Outcome, Settler } from "./settle/settle.ts";
import type { Work } from "./work.ts";

const SWEEP_MS = 1_000;
const BREAKERS_MS = 1_000;
const COUNTS_MS = 5_000;
const VACUUM_MS = 5_000;

export interface CarrierMetrics {
  settled(outcome: "delivered" | "retried" | "dead" | "cancelled"): void;
  attempt(outcome: "delivered" | "failed", ms: number): void;
  dropped(reason: string): void;
}

export interface CarrierDeps {
  /** Connections of its own: for outcomes, and for the queue. */
  settlePool: Pool;
  queuePool: Pool;
  queueVacuum: QueueVacuum;
  directory: Directory;
  membership: Membership;
  clock: Clock;
  logger: Logger;
  metrics: CarrierMetrics;
  tracing: Tracing | null;
  random(): number;
  openTarget: OpenTarget;
  addressBody: AddressBody;
  onFenced(registration: Registration): void;
  onDisableAsked(endpoint: EndpointView, control: Exclude<Control, "abort">): void;
  /** A delivery's schedule is spent. */
  onDead(outcome: Outcome): void;
  /**
   * Writes that the one attempt at what is kept nowhere came to nothing, and tells of it. Answers whether
   * something that waits for anybody was locked meanwhile: whoever claimed has passed it by.
   */
  settleLoss(outcome: Outcome): Promise<boolean>;
  /** Tells that nothing of a body is left, and what came of it. */
  tellPurged(receipt: Receipt): Promise<void>;
}

/** Everything that this process carries: on the wire, in memory, and under its leases in `retry`. */
export class Carrier {
  readonly sender: Sender;
  readonly retries: RetryLane;
  readonly rounds: RetryRounds;
  readonly breakers: Breakers;
  readonly #deps: CarrierDeps;
  readonly #settler: Settler;
  readonly #overflow: Overflow;
  readonly #receipts = new Receipts(
    (receipt) => this.#tellPurged(receipt),
    () => this.#quiet.check(),
  );
  #isClosed = false;
  readonly #quiet = new Quiet(() => this.sender.carried === 0 && this.#receipts.isDone);

  constructor(deps: CarrierDeps) {
    const { clock, logger, directory, membership, metrics, queuePool, queueVacuum } = deps;
    this.#deps = deps;
    this.#settler = new Settler({
      pool: deps.settlePool,
      clock,
      logger,
      onSettled: (outcome) => this.#onSettled(outcome),
      onPromoted: (endpoints, at) => this.rounds.expectAll(endpoints, at),
      onDoubt: () => this.retries.doubt(),
      onFenced: (work) => deps.onFenced(work.registration),
      onDropped: ({ work }, reason) => {
        metrics.dropped(reason);
        logger.error(
          { event: work.eventId, endpoint: work.endpoint, reason },
          "an outcome was not kept",
        );
      },
    });
    this.#overflow = new Overflow({
      db: queuePool,
      clock,
      logger,
      isInFlight: (work) => this.sender.isInFlight(work),
      hold: (work) => this.retries.holds(work.registration.id, work),
      giveBack: (owner, rows) => this.retries.giveBack(owner, rows),
      onMoved: (work, at) => {
        queueVacuum.changed();
        this.rounds.expect(work.endpoint, at);
        if (work.leased && this.sender.isInFlight(work)) untrack(work);
        else this.#letGo(work);
      },
      onDoubt: () => this.retries.doubt(),
      onFenced: (work) => deps.onFenced(work.registration),
    });
    this.breakers = new Breakers({
      db: queuePool,
      clock,
      logger,
      process: () => membership.current.id,
      lane: (endpoint) => this.sender.lane(endpoint),
      onHeld: (lane) => this.sender.hold(lane),
      onMayPass: (endpoint) => this.rounds.look(endpoint),
    });
    this.sender = new Sender({
      tracing: deps.tracing,
      breakers: this.breakers,
      rateOf: ({ serial, rateLimit }, onToken) =>
        rateLimit === null
          ? null
          : new Rate(rateLimit, {
              clock,
              onToken,
              lease: (o) => leaseTokens(queuePool, { endpoint: serial, ...o }),
            }),
      directory,
      clock,
      logger,
      random: deps.random,
      openTarget: deps.openTarget,
      mayAttempt: () => membership.mayAttempt,
      settle: (outcome) => this.#settle(outcome),
      overflow: (work) => {
        if (work.kept === null) this.#overflow.add(work);
        else this.#lose(work, this.#obstacleOf(work));
      },
      onAttempt: metrics.attempt,
      onDisableAsked: deps.onDisableAsked,
      onRoom: () => this.rounds.hasRoom(),
    });
    this.retries = new RetryLane({
      pool: queuePool,
      directory,
      membership,
      clock,
      logger,
      roomFor: (endpoint) => this.sender.roomFor(endpoint),
      heldUntil: (endpoint) => this.sender.heldUntil(endpoint),
      offer: (work, endpoint) => this.sender.offer(work, endpoint),
      lose: (work) => this.#loseAtOnce(work, "process_ended"),
      cancel: (work, reason) => {
        this.sender.count(work);
        this.#settler.settle({ work, settlement: cancelled(work, reason, clock.now()) });
      },
    });
    this.rounds = new RetryRounds({ retries: this.retries, directory, clock });
  }

  /** Starts what goes round by itself: sweeping, retrying, vacuuming. */
  start(loops: Loops): void {
    loops.every("sweep", SWEEP_MS, () => this.sender.sweep());
    loops.every("breakers", BREAKERS_MS, () => this.breakers.refresh());
    loops.every("counts", COUNTS_MS, () => this.writeCounts());
    loops.every("vacuum", VACUUM_MS, () => this.#deps.queueVacuum.runOnce(loops.signal));
    this.rounds.start(loops);
  }

  /** Takes the deliveries of events that were just committed under a registration that counts. */
  take(appended: readonly Appended[], registration: Registration): void {
    const since = this.#deps.clock.monotonic();
    this.#receipts.took(appended);
    for (const each of appended) {
      this.rounds.expectOrdered(each);
      const view = this.#deps.directory.cached(each.event.workspaceId);
      for (const work of firstAttempts(each, registration, since, this.#deps.addressBody)) {
        if (each.outOfTurn.has(work.endpoint)) this.#loseAtOnce(work, "order_held");
        else this.sender.offer(work, view?.endpoints.get(work.endpoint) ?? null);
      }
    }
  }

  /** Writes what came of requests since the last time. */
  writeCounts(): Promise<void> {
    return writeCounts(this.#deps.queuePool, this.sender.lanes, this.#deps.clock.now());
  }

  /** Forgets what is not in flight: the registration counts no more, and others take it over. */
  drop(): void {
    this.retries.dropAll();
    this.#receipts.drop();
    for (const work of this.sender.drop()) untrack(work);
    this.#quiet.check();
  }

  /** Gives up what is not in flight, so that it waits in `retry` for others. */
  handOver(): void {
    this.sender.handOver();
  }

  /** The process ends: what it still carries is left to whoever takes over from it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#settler.close();
    this.#overflow.close();
    await this.sender.close();
  }

  /** Resolves when nothing is carried: every outcome is written or waits in `retry`. */
  quiet(): Promise<void> {
    return this.#quiet.reached();
  }

  /** Resolves when what memory gave up stands in `retry`. */
  overflowed(): Promise<void> {
    return this.#overflow.drained();
  }

  #settle(outcome: Outcome): void {
    const { work, settlement } = outcome;
    if (work.kept === null || settlement.state === "delivered") this.#settler.settle(outcome);
    else void this.#settleLoss(outcome);
  }

  #onSettled({ work, settlement }: Outcome): void {
    const { state, nextAt } = settlement;
    this.#deps.metrics.settled(state === "pending" ? "retried" : state);
    if (state === "dead") this.#deps.onDead({ work, settlement });
    if (nextAt !== null) this.rounds.expect(work.endpoint, nextAt);
    if (work.leased || nextAt !== null) this.#deps.queueVacuum.changed();
    if (work.kept !== null) this.#receipts.ended(work, settlement);
    this.#letGo(work);
  }

  async #tellPurged(receipt: Receipt): Promise<void> {
    try {
      await this.#deps.tellPurged(receipt);
    } catch (error) {
      // It is owed on record: whoever takes over tells of it.
      if (this.#isClosed || this.#deps.membership.isEnded) return;
      this.#deps.logger.error({ err: error }, "a body is gone, and no event tells of it");
    }
  }

  #loseAtOnce(work: Work, obstacle: string): void {
    this.sender.count(work);
    this.#lose(work, obstacle);
  }

  /** What is kept nowhere is not attempted, and never will be. */
  #lose(work: Work, obstacle: string): void {
    const settlement = cancelled(work, obstacle, this.#deps.clock.now());
    void this.#settleLoss({ work, settlement });
  }

  async #settleLoss(outcome: Outcome): Promise<void> {
    const { logger, settleLoss } = this.#deps;
    try {
      const isPassedBy = await settleLoss(outcome);
      this.#onSettled(outcome);
      if (isPassedBy) this.rounds.scanSoon();
    } catch (error) {
      // It is written all the same, and the log tells what no event does.
      const { eventId: event, endpoint } = outcome.work;
      logger.error({ err: error, event, endpoint }, "a body was lost, and no event tells of it");
      this.#settler.settle(outcome);
    }
  }

  /** Why nothing can be sent to its endpoint now. */
  #obstacleOf({ endpoint }: Work): string {
    const lane = this.sender.lane(endpoint);
    if (lane && !lane.view.moves) return "endpoint_stands_still";
    return lane?.isHeld ? "endpoint_is_held" : "no_room";
  }

  #letGo(work: Work): void {
    untrack(work);
    if (work.leased) this.retries.letGo(work.registration.id, work);
    this.sender.released(work);
    this.#quiet.check();
  }
}
