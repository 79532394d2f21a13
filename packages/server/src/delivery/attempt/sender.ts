import type { Control } from "../../core/endpoints/answer-control.ts";
import { timeOfId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Tracing } from "../../core/outside/tracing.ts";
import type { Settlement } from "../../storage/deliveries/deliveries.ts";
import type { Directory, EndpointView } from "../directory/directory.ts";
import type { Outcome } from "../settle/settle.ts";
import type { Work } from "../work.ts";
import { cancelled, controlIn, isUnwritten } from "./attempt.ts";
import { beginAttempt, outcomeOf } from "./attempt-trace.ts";
import type { Breakers } from "./breakers.ts";
import { InFlight } from "./in-flight.ts";
import { EndpointLane, type Standing } from "./lane.ts";
import { type Ended, makeAttempt } from "./make-attempt.ts";
import type { Rate } from "./rate.ts";
import { type OpenTarget, Targets } from "./targets.ts";

/** What memory holds at most, for all endpoints and for one; the rest waits in `retry`. */
const MOST_WORKS = 20_000;
const MOST_CHARACTERS = 64 * 1024 * 1024;
/** What one endpoint may have waiting in memory. Who stands still waits in `retry`. */
const MOST_QUEUED: Record<Standing, number> = { proven: 512, fresh: 256, failing: 8 };
/** What has been in memory for so long goes to `retry`. */
const LONGEST_IN_MEMORY_MS = 10_000;

export interface SenderDeps {
  tracing: Tracing | null;
  directory: Directory;
  clock: Clock;
  logger: Logger;
  /** In [0, 1): spreads retries. */
  random(): number;
  openTarget: OpenTarget;
  breakers: Pick<
    Breakers,
    "find" | "failed" | "succeeded" | "mayProbe" | "takeProbe" | "leaveProbe" | "heldUntil"
  >;
  /** What keeps to an endpoint's rate; `onToken` is called when there may be a token again. */
  rateOf(endpoint: EndpointView, onToken: () => void): Rate | null;
  /** Whether attempts may start now. */
  mayAttempt(): boolean;
  settle(outcome: Outcome): void;
  /** Memory gives the work up: it goes to `retry`, leased when it is in flight, or is lost where it is kept nowhere. */
  overflow(work: Work): void;
  onAttempt(outcome: "delivered" | "failed", ms: number): void;
  /** An endpoint's answer said that nothing more is to come. */
  onDisableAsked(endpoint: EndpointView, control: Exclude<Control, "abort">): void;
  /** There is room again for what waits in `retry`. */
  onRoom(): void;
}

/** Carries deliveries from memory to the wire, in slots an endpoint, and no endpoint hurts another. */
export class Sender {
  readonly #deps: SenderDeps;
  #lanes = new Map<number, EndpointLane>();
  readonly #targets: Targets;
  #ready: EndpointLane[] = [];
  readonly #inFlight = new InFlight();
  #works = 0;
  #characters = 0;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
    this.#targets = new Targets(deps.openTarget, deps.clock);
    deps.directory.onChange((view) => {
      for (const lane of this.#lanes.values()) {
        if (lane.view.workspaceId !== view.id) continue;
        // A deleted endpoint stands still; what waits for it is cancelled when it is claimed.
        this.#view(lane, view.endpoints.get(lane.serial) ?? { ...lane.view, moves: false });
      }
    });
  }

  /** Deliveries in memory, waiting or in flight. */
  get carried(): number {
    return this.#works;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  isInFlight(work: Work): boolean {
    return this.#inFlight.has(work);
  }

  /** How many more of an endpoint's deliveries are worth taking into memory. */
  roomFor(endpoint: EndpointView): number {
    if (!endpoint.moves || !this.#deps.mayAttempt()) return 0;
    const lane = this.#laneOf(endpoint);
    if (this.#isFull(lane.standing)) return 0;
    if (lane.isHeld) return this.#deps.breakers.mayProbe(lane) ? 1 : 0;
    return lane.room;
  }

  /** Until when nothing will be taken for an endpoint whose breaker is open; null where it is not. */
  heldUntil(endpoint: EndpointView): number | null {
    const lane = this.#lanes.get(endpoint.serial);
    if (!lane?.trouble || !lane.isHeld || lane.trouble.mayProbe) return null;
    return this.#deps.breakers.heldUntil(lane.trouble);
  }

  /** The lane of an endpoint, once there was anything for it. */
  lane(endpoint: number): EndpointLane | undefined {
    return this.#lanes.get(endpoint);
  }

  /** Every lane that there is. */
  get lanes(): Iterable<EndpointLane> {
    return this.#lanes.values();
  }

  /** Gives up what waits in memory for an endpoint that is held from now on. */
  hold(lane: EndpointLane): void {
    for (const work of lane.takeAll()) this.#deps.overflow(work);
  }

  /** Takes a delivery. What does not fit, or may not be sent now, goes to `retry`. */
  offer(work: Work, endpoint: EndpointView | null): void {
    this.count(work);
    if (endpoint === null) {
      this.#deps.settle({
        work,
        settlement: cancelled(work, "endpoint_deleted", this.#deps.clock.now()),
      });
      return;
    }
    const lane = this.#laneOf(endpoint);
    if (
      !endpoint.moves ||
      lane.isFull(MOST_QUEUED[lane.standing]) ||
      this.#isFull(lane.standing) ||
      (lane.isHeld && !this.#deps.breakers.mayProbe(lane))
    ) {
      this.#deps.overflow(work);
      return;
    }
    lane.push(work);
    this.#enqueue(lane);
    this.#pump();
  }

  /** Memory has a work, until it is released. */
  count(work: Work): void {
    this.#works++;
    this.#characters += work.payload.length;
  }

  /** Memory has let go of a work: its outcome is written, or it stands in `retry`. */
  released(work: Work): void {
    this.#works--;
    this.#characters -= work.payload.length;
  }

  /** Sends what may be sent: one turn an endpoint, round and round. */
  #pump(): void {
    if (!this.#deps.mayAttempt()) return;
    let blocked = 0;
    while (!this.#inFlight.isFull && blocked < this.#ready.length) {
      const lane = this.#ready.shift();
      if (!lane) return;
      if (lane.queued === 0 || !lane.hasFreeSlot) {
        lane.isReady = false;
        continue;
      }
      if (!this.#inFlight.hasRoomFor(lane)) {
        this.#ready.push(lane);
        blocked++;
        continue;
      }
      blocked = 0;
      if (lane.rate !== null && !lane.rate.take(lane.queued)) {
        lane.isReady = false;
        continue;
      }
      const work = lane.shift();
      if (work) this.#send(lane, work);
      if (lane.queued > 0 && lane.hasFreeSlot) this.#ready.push(lane);
      else lane.isReady = false;
    }
  }

  #enqueue(lane: EndpointLane): void {
    if (lane.isReady || lane.queued === 0 || !lane.hasFreeSlot) return;
    lane.isReady = true;
    this.#ready.push(lane);
  }

  #send(lane: EndpointLane, work: Work): void {
    const endpoint = lane.view;
    if (!endpoint.moves) {
      this.#deps.overflow(work);
      return;
    }
    if (lane.trouble !== null && lane.isHeld) {
      if (!lane.trouble.mayProbe) {
        this.#deps.overflow(work);
        return;
      }
      this.#deps.breakers.takeProbe(lane.trouble, work);
    }
    this.#inFlight.enter(work, lane);
    const target = () => this.#targets.of(endpoint);
    const step = this.#deps.tracing && beginAttempt(this.#deps.tracing, work, endpoint);
    void makeAttempt(this.#deps, { work, lane, target }).then((ended) => {
      step?.end(outcomeOf(ended.settlement));
      const conclude = () => this.#conclude(lane, work, ended);
      // As long as it is on its way to `retry` it counts as under way: there it is leased so.
      if (work.moving) void work.moving.then(conclude);
      else conclude();
    });
  }

  #conclude(lane: EndpointLane, work: Work, { endpoint, result, settlement }: Ended): void {
    this.#inFlight.leave(work);
    this.#learn(lane, work, settlement);
    const control = controlIn(endpoint, result);
    if (control !== null && control !== "abort" && lane.view.moves) {
      this.#deps.onDisableAsked(endpoint, control);
    }
    const outcome = settlement.state === "delivered" ? "delivered" : "failed";
    this.#deps.onAttempt(outcome, result.ms);
    this.#deps.settle({ work, settlement });
    this.#enqueue(lane);
    this.#pump();
    if (lane.queued === 0) this.#deps.onRoom();
  }

  /**
   * What memory has carried for too long goes to `retry`; what is in flight goes there leased.
   * Connections that nothing uses are closed.
   */
  sweep(): void {
    const now = this.#deps.clock.monotonic();
    for (const [serial, lane] of this.#lanes) {
      const first = lane.peek();
      if (first && (!lane.view.moves || now - first.since >= LONGEST_IN_MEMORY_MS)) {
        for (const work of lane.takeAll()) {
          // What is kept nowhere has its whole time: there is no other place to wait at.
          if (work.kept !== null && lane.view.moves && now - work.since < LONGEST_IN_MEMORY_MS) {
            lane.push(work);
          } else this.#deps.overflow(work);
        }
      }
      if (lane.queued === 0 && lane.inFlight === 0) this.#targets.closeIfUnused(serial, now);
    }
    for (const work of this.#inFlight.works()) {
      if (
        !work.leased &&
        !work.moving &&
        work.kept === null &&
        now - work.since >= LONGEST_IN_MEMORY_MS
      ) {
        this.#deps.overflow(work);
      }
    }
    this.#pump();
  }

  /**
   * Gives up everything that is not in flight, for a graceful stop. What is kept nowhere is sent while
   * there is time.
   */
  handOver(): void {
    for (const lane of this.#lanes.values()) {
      for (const work of lane.takeAll()) {
        if (work.kept === null) this.#deps.overflow(work);
        else lane.push(work);
      }
    }
  }

  /** Forgets everything that is not in flight: others have taken it over. */
  drop(): Work[] {
    const dropped = [...this.#lanes.values()].flatMap((lane) => lane.takeAll());
    for (const work of dropped) this.released(work);
    return dropped;
  }

  async close(): Promise<void> {
    await this.#targets.close();
  }

  /** Half of memory is kept for endpoints that answer, or those that hang would close it for all. */
  #isFull(standing: Standing): boolean {
    const share = standing === "proven" ? 1 : 0.5;
    return this.#works > MOST_WORKS * share || this.#characters > MOST_CHARACTERS * share;
  }

  #laneOf(endpoint: EndpointView): EndpointLane {
    let lane = this.#lanes.get(endpoint.serial);
    if (!lane) {
      lane = new EndpointLane(endpoint);
      lane.trouble = this.#deps.breakers.find(endpoint.serial);
      this.#view(lane, endpoint);
      this.#lanes.set(endpoint.serial, lane);
    }
    return lane;
  }

  /** The endpoint as it is configured from now on. */
  #view(lane: EndpointLane, view: EndpointView): void {
    lane.view = view;
    if ((lane.rate?.perSecond ?? null) === view.rateLimit) return;
    lane.rate = this.#deps.rateOf(view, () => {
      this.#enqueue(lane);
      this.#pump();
    });
  }

  #learn(lane: EndpointLane, work: Work, { state, attempt, endedAt }: Settlement): void {
    const delivered = state === "delivered";
    const sinceEventMs = delivered && work.round === 1 ? endedAt - timeOfId(work.eventId) : null;
    lane.counts.add(delivered, attempt?.ms ?? 0, lane.view.dialect.slowMs, sinceEventMs);
    if (isUnwritten(attempt)) {
      // The endpoint was not asked: nothing was learned of it.
      if (lane.trouble) this.#deps.breakers.leaveProbe(lane.trouble, work);
      return;
    }
    // Who asks for the end of a delivery is well, and knows what it does.
    const isWell = delivered || state === "cancelled";
    lane.learn(isWell);
    if (isWell) {
      if (lane.failures > 0 || lane.trouble !== null) this.#deps.breakers.succeeded(lane);
      return;
    }
    const { status = null, error = null } = attempt ?? {};
    this.#deps.breakers.failed(lane, work, { at: endedAt, status, error });
  }
}
