import type { Queryable } from "../../core/events/recording.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import {
  boundProbes,
  changedHealth,
  claimProbe,
  type EndpointHealth,
  endProbe,
  type Failure,
  forgetFailures,
  noteFailing,
  openBreaker,
} from "../../storage/endpoints/endpoint-health.ts";
import type { Work } from "../work.ts";
import type { EndpointLane } from "./lane.ts";
import { Trouble } from "./trouble.ts";

/** From here on an endpoint is known to fail; a short streak is nobody's business. */
const NOTED = { failures: 3, forMs: 10_000 };
/** So often at least it is noted that it still does. */
const NOTE_AGAIN_MS = 60 * 60_000;
/** Without one success between, in one process: its breaker opens. */
const OPENS = { failures: 20, forMs: 30_000 };
/** How long a breaker waits before its first probe, its second, …; the last one stays. */
const PROBE_WAITS_MS = [10_000, 20_000, 40_000, 60_000];
const LONGEST_WAIT_MS = Math.max(...PROBE_WAITS_MS);
/** A probe ends within its own deadline and this. */
const PROBE_MARGIN_MS = 10_000;
/** A probe for which nothing was found to send is given back after this. */
const UNUSED_PROBE_MS = 10_000;
const CLAIM_AGAIN_MS = 1_000;
/** Clocks of processes differ by less. */
const OVERLAP_MS = 10_000;

export interface BreakersDeps {
  db: Queryable;
  clock: Clock;
  logger: Logger;
  /** The id of the registration that counts. */
  process(): number;
  lane(endpoint: number): EndpointLane | undefined;
  /** Nothing but a probe may be sent any more. */
  onHeld(lane: EndpointLane): void;
  /** Something may be sent again: everything, or one probe. */
  onMayPass(endpoint: number): void;
}

/**
 * One breaker an endpoint, over all processes: its state is a row that is written when it changes and
 * followed by everybody. While it is open, one request at a time finds out whether the endpoint is back,
 * made by the process that the row names. In the compatible dialects an open breaker is only shown.
 */
export class Breakers {
  readonly #deps: BreakersDeps;
  readonly #troubles = new Map<number, Trouble>();
  readonly #noting = new Set<number>();
  #seen = 0;

  constructor(deps: BreakersDeps) {
    this.#deps = deps;
  }

  find(endpoint: number): Trouble | null {
    return this.#troubles.get(endpoint) ?? null;
  }

  /** A request was answered well after others had failed. */
  succeeded(lane: EndpointLane): void {
    lane.failures = 0;
    const { trouble, serial } = lane;
    if (!trouble) return;
    // Its probe has ended, also where that cannot be written: another may come when its time is over.
    trouble.probe = null;
    if (trouble.isWriting) return;
    this.#write(trouble, () => forgetFailures(this.#deps.db, serial, this.#deps.clock.now()));
  }

  failed(lane: EndpointLane, work: Work, what: Pick<Failure, "at" | "status" | "error">): void {
    const { trouble } = lane;
    lane.failures++;
    if (lane.failures === 1) lane.failingFrom = what.at;
    const since = Math.min(lane.failingFrom, trouble?.health.failingSince ?? lane.failingFrom);
    const failure = { endpoint: lane.serial, since, ...what };
    if (!trouble) this.#note(lane, failure);
    else if (trouble.probe?.work === work) this.#probeFailed(trouble, failure);
    else if (trouble.isWriting) return;
    else if (!trouble.isOpen && isOver(OPENS, lane.failures, failure)) this.#open(trouble, failure);
    else if (what.at - (trouble.health.lastFailedAt ?? 0) >= NOTE_AGAIN_MS) {
      this.#write(trouble, () => noteFailing(this.#deps.db, failure));
    }
  }

  /** Whether one request may be sent to an endpoint that is held; claims the probe when it is due. */
  mayProbe(lane: EndpointLane): boolean {
    const { trouble } = lane;
    if (!trouble) return false;
    if (trouble.probe) return trouble.mayProbe && lane.queued === 0;
    const { clock } = this.#deps;
    if (clock.now() >= this.heldUntil(trouble)) void this.#claim(lane, trouble);
    return false;
  }

  /** A request that is about to leave for an endpoint that is held is its probe. */
  takeProbe({ probe }: Trouble, work: Work): void {
    if (probe) probe.work = work;
  }

  /** What was taken for the probe did not leave: another may be it. */
  leaveProbe({ probe }: Trouble, work: Work): void {
    if (probe?.work === work) probe.work = null;
  }

  /** When it is worth asking again for a probe, ms since the epoch. */
  heldUntil({ health, claimedAt, probe }: Trouble): number {
    if (probe?.work) return this.#deps.clock.now() + CLAIM_AGAIN_MS;
    return Math.max(health.probeAt ?? 0, claimedAt + CLAIM_AGAIN_MS);
  }

  /** Follows what other processes have found. */
  async refresh(): Promise<void> {
    const { db, clock } = this.#deps;
    const now = clock.now();
    const since = this.#seen === 0 ? 0 : this.#seen - OVERLAP_MS;
    const changed = await changedHealth(db, since);
    // Nobody whose clock was right has put one off for so long: the database's was set back since.
    if (changed.some(({ probeAt }) => (probeAt ?? 0) > now + LONGEST_WAIT_MS + OVERLAP_MS)) {
      await boundProbes(db, { now, latest: now + LONGEST_WAIT_MS });
    }
    for (const health of changed) this.#apply(health);
    this.#seen = now;
    for (const trouble of this.#troubles.values()) {
      const { probe } = trouble;
      if (!probe || probe.work || now - probe.since < UNUSED_PROBE_MS) continue;
      if ((this.#deps.lane(trouble.health.endpoint)?.queued ?? 0) > 0) continue;
      this.#endProbe(trouble, probe.process, now, null);
    }
  }

  #apply(health: EndpointHealth): void {
    const { endpoint } = health;
    const lane = this.#deps.lane(endpoint);
    const known = this.#troubles.get(endpoint);
    if (health.state === "ok") {
      if (!known) return;
      this.#troubles.delete(endpoint);
      if (lane) {
        lane.trouble = null;
        lane.failures = 0;
      }
      this.#deps.onMayPass(endpoint);
      return;
    }
    const isHurried = (health.probeAt ?? 0) < (known?.health.probeAt ?? 0);
    const trouble = known ?? new Trouble(health);
    trouble.health = health;
    if (isHurried) this.#deps.onMayPass(endpoint);
    this.#troubles.set(endpoint, trouble);
    if (!lane) return;
    lane.trouble = trouble;
    if (lane.isHeld && !trouble.probe) this.#deps.onHeld(lane);
  }

  #note(lane: EndpointLane, failure: Failure): void {
    if (!isOver(NOTED, lane.failures, failure) || this.#noting.has(lane.serial)) return;
    this.#noting.add(lane.serial);
    void this.#tried(() => noteFailing(this.#deps.db, failure)).finally(() =>
      this.#noting.delete(lane.serial),
    );
  }

  #open(trouble: Trouble, failure: Failure): void {
    this.#write(trouble, () =>
      openBreaker(this.#deps.db, failure, failure.at + (PROBE_WAITS_MS[0] ?? 0)),
    );
  }

  async #claim(lane: EndpointLane, trouble: Trouble): Promise<void> {
    const { db, clock, process } = this.#deps;
    const now = clock.now();
    const id = process();
    trouble.claimedAt = now;
    const until = now + lane.view.timeoutMs + PROBE_MARGIN_MS;
    try {
      if (!(await claimProbe(db, { endpoint: lane.serial, process: id, now, until }))) return;
    } catch (error) {
      this.#deps.logger.debug({ err: error }, "a probe could not be claimed");
      return;
    }
    trouble.probe = { process: id, since: now, work: null };
    this.#deps.onMayPass(lane.serial);
  }

  #probeFailed(trouble: Trouble, failure: Failure): void {
    const { probe, health } = trouble;
    if (!probe) return;
    const wait = PROBE_WAITS_MS[Math.min(health.probes + 1, PROBE_WAITS_MS.length - 1)] ?? 0;
    this.#endProbe(trouble, probe.process, failure.at + wait, failure);
  }

  #endProbe(trouble: Trouble, process: number, probeAt: number, failure: Failure | null): void {
    const { endpoint } = trouble.health;
    trouble.probe = null;
    trouble.health = { ...trouble.health, probeAt };
    this.#write(trouble, () =>
      endProbe(this.#deps.db, {
        ...{ endpoint, process, probeAt, failure },
        now: this.#deps.clock.now(),
      }),
    );
  }

  #write(trouble: Trouble, write: () => Promise<void>): void {
    trouble.isWriting = true;
    void this.#tried(write).finally(() => {
      trouble.isWriting = false;
    });
  }

  /** What could not be written is written at the next occasion. */
  async #tried(write: () => Promise<void>): Promise<void> {
    try {
      await write();
      await this.refresh();
    } catch (error) {
      this.#deps.logger.debug({ err: error }, "an endpoint's health could not be written");
    }
  }
}

function isOver(
  limit: { failures: number; forMs: number },
  failures: number,
  { at, since }: Failure,
): boolean {
  return failures >= limit.failures && at - since >= limit.forMs;
}
