import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import { cancelled, concludeAttempt, type PostResult, writeLetter } from "./attempt.ts";
import type { Directory, EndpointView } from "./directory.ts";
import { EndpointLane, MOST_SLOTS_AN_ENDPOINT } from "./lane.ts";
import type { Outcome } from "./settle.ts";
import type { Work } from "./work.ts";

/** What memory holds at most, for all endpoints and for one; the rest waits in `retry`. */
const MOST_WORKS = 20_000;
const MOST_CHARACTERS = 64 * 1024 * 1024;
const MOST_QUEUED_AN_ENDPOINT = 512;
const MOST_IN_FLIGHT = 2_000;
/** What has been in memory for so long goes to `retry`. */
const LONGEST_IN_MEMORY_MS = 10_000;

/** The connections to one endpoint. */
export interface Target {
  post(request: {
    headers: Record<string, string>;
    body: string;
    deadlineMs: number;
  }): Promise<PostResult>;
  close(): Promise<void>;
}

export interface SenderDeps {
  directory: Directory;
  clock: Clock;
  logger: Logger;
  /** In [0, 1): spreads retries. */
  random(): number;
  openTarget(key: string, options: { url: string; maxConnections: number }): Target;
  /** Whether attempts may start now. */
  mayAttempt(): boolean;
  settle(outcome: Outcome): void;
  /** Memory gives the work up: it goes to `retry`, leased when it is in flight. */
  overflow(work: Work): void;
  onAttempt(outcome: "delivered" | "failed", ms: number): void;
  /** There is room again for what waits in `retry`. */
  onRoom(): void;
}

/** Carries deliveries from memory to the wire, in slots an endpoint, and no endpoint hurts another. */
export class Sender {
  readonly #deps: SenderDeps;
  #lanes = new Map<number, EndpointLane>();
  #targets = new Map<number, { key: string; target: Target; usedAt: number }>();
  #ready: EndpointLane[] = [];
  #inFlight = new Map<Work, EndpointLane>();
  #unprovenInFlight = 0;
  #works = 0;
  #characters = 0;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
    deps.directory.onChange((view) => {
      for (const lane of this.#lanes.values()) {
        if (lane.view.workspaceId !== view.id) continue;
        // A deleted endpoint stands still; what waits for it is cancelled when it is claimed.
        lane.view = view.endpoints.get(lane.serial) ?? { ...lane.view, moves: false };
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
    if (!endpoint.moves || !this.#deps.mayAttempt() || this.#isFull()) return 0;
    return this.#lanes.get(endpoint.serial)?.room ?? 8;
  }

  /** Takes a delivery. What does not fit, or may not be sent now, goes to `retry`. */
  offer(work: Work, endpoint: EndpointView | null): void {
    this.#works++;
    this.#characters += work.payload.length;
    if (endpoint === null) {
      this.#deps.settle({
        work,
        settlement: cancelled(work, "endpoint_deleted", this.#deps.clock.now()),
      });
      return;
    }
    const lane = this.#laneOf(endpoint);
    if (!endpoint.moves || lane.queued >= MOST_QUEUED_AN_ENDPOINT || this.#isFull()) {
      this.#deps.overflow(work);
      return;
    }
    lane.push(work);
    this.#enqueue(lane);
    this.#pump();
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
    while (this.#inFlight.size < MOST_IN_FLIGHT && blocked < this.#ready.length) {
      const lane = this.#ready.shift();
      if (!lane) return;
      if (lane.queued === 0 || !lane.hasFreeSlot) {
        lane.isReady = false;
        continue;
      }
      if (!lane.isProven && this.#unprovenInFlight >= MOST_IN_FLIGHT / 2) {
        // The half that stays free is for endpoints that answer.
        this.#ready.push(lane);
        blocked++;
        continue;
      }
      blocked = 0;
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
    const { clock } = this.#deps;
    const sentAt = clock.now();
    const letter = writeLetter(work, endpoint, sentAt);
    const wasProven = lane.isProven;
    lane.inFlight++;
    this.#inFlight.set(work, lane);
    if (!wasProven) this.#unprovenInFlight++;
    void this.#target(endpoint)
      .post({ headers: letter.headers, body: letter.body, deadlineMs: endpoint.timeoutMs })
      .catch((error: unknown): PostResult => {
        // A broken promise of our own: the attempt still needs an outcome.
        this.#deps.logger.error({ err: error }, "an attempt ended without an outcome");
        return { kind: "failed", error: "other", detail: String(error), ms: 0 };
      })
      .then((result) => {
        lane.inFlight--;
        this.#inFlight.delete(work);
        if (!wasProven) this.#unprovenInFlight--;
        const times = { sentAt, endedAt: clock.now() };
        const settlement = concludeAttempt(
          work,
          endpoint,
          letter,
          result,
          times,
          this.#deps.random(),
        );
        const delivered = settlement.state === "delivered";
        lane.learn(delivered);
        this.#deps.onAttempt(delivered ? "delivered" : "failed", result.ms);
        if (work.moving) void work.moving.then(() => this.#deps.settle({ work, settlement }));
        else this.#deps.settle({ work, settlement });
        this.#enqueue(lane);
        this.#pump();
        if (lane.queued === 0) this.#deps.onRoom();
      });
  }

  /**
   * What memory has carried for too long goes to `retry`; what is in flight goes there leased. Lanes
   * and connections that nothing uses are closed.
   */
  sweep(): void {
    const now = this.#deps.clock.monotonic();
    for (const [serial, lane] of this.#lanes) {
      const first = lane.peek();
      if (first && (!lane.view.moves || now - first.since >= LONGEST_IN_MEMORY_MS)) {
        for (const work of lane.takeAll()) this.#deps.overflow(work);
      }
      if (lane.queued === 0 && lane.inFlight === 0) this.#closeIfUnused(serial, now);
    }
    for (const work of this.#inFlight.keys()) {
      if (!work.leased && !work.moving && now - work.since >= LONGEST_IN_MEMORY_MS) {
        this.#deps.overflow(work);
      }
    }
    this.#pump();
  }

  /** Gives up everything that is not in flight, for a graceful stop. */
  handOver(): void {
    for (const lane of this.#lanes.values()) {
      for (const work of lane.takeAll()) this.#deps.overflow(work);
    }
  }

  /** Forgets everything that is not in flight: others have taken it over. */
  drop(): Work[] {
    const dropped = [...this.#lanes.values()].flatMap((lane) => lane.takeAll());
    for (const work of dropped) this.released(work);
    return dropped;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#targets.values()].map(({ target }) => target.close()));
  }

  #isFull(): boolean {
    return this.#works > MOST_WORKS || this.#characters > MOST_CHARACTERS;
  }

  #laneOf(endpoint: EndpointView): EndpointLane {
    let lane = this.#lanes.get(endpoint.serial);
    if (!lane) {
      lane = new EndpointLane(endpoint);
      this.#lanes.set(endpoint.serial, lane);
    }
    return lane;
  }

  /** One pool of connections an endpoint; another URL is another pool. */
  #target(endpoint: EndpointView): Target {
    const now = this.#deps.clock.monotonic();
    const known = this.#targets.get(endpoint.serial);
    if (known?.key === endpoint.url) {
      known.usedAt = now;
      return known.target;
    }
    if (known) void known.target.close();
    const target = this.#deps.openTarget(`${endpoint.serial} ${endpoint.url}`, {
      url: endpoint.url,
      maxConnections: MOST_SLOTS_AN_ENDPOINT,
    });
    this.#targets.set(endpoint.serial, { key: endpoint.url, target, usedAt: now });
    return target;
  }

  #closeIfUnused(serial: number, now: number): void {
    const known = this.#targets.get(serial);
    if (known && now - known.usedAt < 60_000) return;
    this.#lanes.delete(serial);
    if (!known) return;
    this.#targets.delete(serial);
    void known.target.close();
  }
}
