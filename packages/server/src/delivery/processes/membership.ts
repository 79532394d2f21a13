import type { Queryable } from "../../core/events/recording.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Tx } from "../../storage/connections/connections.ts";
import {
  type Beat,
  beat,
  declareDead,
  endProcess,
  listPeers,
  publishInsertFloor,
  type Role,
  readHighestEventId,
  recoverProcess,
  registerProcess,
} from "../../storage/instance/processes.ts";
import { PageSize } from "../loops/page-size.ts";
import { isTooLong, remedyFor } from "../loops/sql-error.ts";
import { Floors } from "./floors.ts";

/** A process whose heartbeat has stood still for so long is dead to the others. */
const DEAD_AFTER_MS = 5_000;
/** A process that has not reached the database for so long starts no attempt. */
const SILENT_AFTER_MS = 4_000;

/** Events of the log that are read a page when a process is taken over. */
const PAGE = 5_000;

export interface MembershipDeps {
  /** The heartbeat's own connection. */
  control: Queryable;
  /** Transactions that are not on the heartbeat's connection. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  clock: Clock;
  ids: { next(): string; jumpAbove(id: string): void; last(): string };
  logger: Logger;
  name: string;
  role: Role;
  /** The configuration version that this process has applied in full. */
  configVersion(): number;
  /** Reads and applies what of the configuration has changed. */
  refresh(): Promise<void>;
  /** Until when somebody follows the log here, ms since the epoch; null for nobody. */
  followedUntil(): number | null;
  /** The names of this process's master keys, the one that seals first. */
  keyIds(): readonly string[];
  onBeat?(beat: Beat, roundTripMs: number): void;
  /** Memory is to be dropped: the process was declared dead and others take over what it carried. */
  onFenced(): void;
  /** A dead process is being recovered in this transaction: what else it carried is taken over too. */
  onRecover?(tx: Tx, processId: number): Promise<void>;
  /** What a dead process carried is due now, whoever has taken it over, and so may be what it alone knew of. */
  onRecovered?(): void;
  /** The instance's deliveries, which were held, may leave. */
  onReleased?(): void;
}

/** Deliveries that a process had, in its memory and under its leases. */
interface Taken {
  orphans: number;
  leases: number;
}

/** One registration. A process that was declared dead gets a new one, under a new id. */
export interface Registration {
  readonly id: number;
  readonly floors: Floors;
}

/** This process among the others: its row, its heartbeat, and what becomes of those that fell silent. */
export class Membership {
  readonly #deps: MembershipDeps;
  #registration: Registration | null = null;
  /** One that was found to count no more: what it carried is others', also while there is no new one yet. */
  #lost: Registration | null = null;
  #registering: Promise<Registration> | null = null;
  #lastBeatAt = 0;
  /** Heartbeats and registrations are counted: an answer that was overtaken by a later one says nothing any more. */
  #begun = 0;
  #answered = 0;
  #isHeld = false;
  #isEnded = false;
  #seen = new Map<number, { heartbeat: number; since: number }>();
  /** A dead process was recovered, or may have been, and nobody has been told. */
  #isRecoveryUntold = false;
  /** Of the dead whose takeover took too long. */
  #sizes = new Map<number, PageSize>();

  constructor(deps: MembershipDeps) {
    this.#deps = deps;
  }

  /** The registration in force. A broken promise of our own when asked before the first one. */
  get current(): Registration {
    if (!this.#registration) throw new Error("this process is not registered");
    return this.#registration;
  }

  /** Whether its registration was ended, or is being so: others have what is left. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Whether what is carried under a registration is still ours. */
  counts(registration: Registration): boolean {
    return this.#registration === registration && this.#lost !== registration;
  }

  /** Whether attempts may start: we are heard, and the instance does not hold its deliveries back. */
  get mayAttempt(): boolean {
    return this.isHeard && !this.#isHeld;
  }

  /** Whether the instance holds its deliveries back, by its last word. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Whether the database was reached lately, and we count among the living. */
  get isHeard(): boolean {
    return (
      this.#registration !== null &&
      this.#registration !== this.#lost &&
      this.#registering === null &&
      this.#deps.clock.monotonic() - this.#lastBeatAt < SILENT_AFTER_MS
    );
  }

  /** Registers, once however many ask at the same time. */
  register(): Promise<Registration> {
    this.#registering ??= this.#register().finally(() => {
      this.#registering = null;
    });
    return this.#registering;
  }

  async #register(): Promise<Registration> {
    const { transaction, ids, clock, name, role, configVersion, refresh, keyIds, logger } =
      this.#deps;
    const startedAt = clock.monotonic();
    const made = await transaction((tx) =>
      registerProcess(
        tx,
        { name, role, configVersion: configVersion(), at: clock.now(), keyIds: keyIds() },
        (highest) => {
          ids.jumpAbove(highest);
          return ids.next();
        },
      ),
    );
    // Nobody who changed something until now has waited for this process to apply it.
    await refresh();
    this.#registration = { id: made.id, floors: new Floors(made.floor) };
    this.#answered = ++this.#begun;
    this.#lastBeatAt = startedAt;
    this.#isHeld = made.isHeld;
    this.#seen.clear();
    logger.info({ process: made.id, role }, "registered");
    return this.#registration;
  }

  /** Called by whoever sees that a registration no longer counts: memory goes, a new one is made. */
  async fenced(registration: Registration): Promise<void> {
    if (this.#registration === registration && this.#registering === null) {
      this.#deps.logger.warn(
        { process: registration.id },
        "this process was taken for dead; it drops what it carries and registers anew",
      );
      this.#lost = registration;
      this.#deps.onFenced();
      await this.register();
    } else if (this.#registering) await this.#registering;
  }

  /** One heartbeat: floors out, time and configuration version in. */
  async beatOnce(): Promise<void> {
    const { control, clock, ids, configVersion, followedUntil, keyIds, onBeat, onReleased } =
      this.#deps;
    const registration = this.current;
    const number = ++this.#begun;
    const startedAt = clock.monotonic();
    const insertFloor = registration.floors.insertFloor(ids.next());
    const answer = await beat(control, {
      id: registration.id,
      insertFloor,
      settledFloor: registration.floors.settledFloor(insertFloor),
      configVersion: configVersion(),
      passedVersion: registration.floors.passedVersion(configVersion()),
      at: clock.now(),
      followedUntil: followedUntil(),
      keyIds: keyIds(),
    });
    if (answer === null) return this.fenced(registration);
    if (number < this.#answered) return undefined;
    this.#answered = number;
    // What counts is when it was sent: the answer may have waited for a process that stood still meanwhile.
    this.#lastBeatAt = startedAt;
    const isReleased = this.#isHeld && !answer.isHeld;
    this.#isHeld = answer.isHeld;
    if (isReleased) onReleased?.();
    onBeat?.(answer, clock.monotonic() - startedAt);
    return undefined;
  }

  /** Publishes the insert floor as it is now: those who follow the log wait for it. */
  async publishFloor(): Promise<void> {
    if (!this.isHeard) return;
    const { control, ids } = this.#deps;
    const { id, floors } = this.current;
    await publishInsertFloor(control, id, floors.insertFloor(ids.next()));
  }

  /** Whether another living process has not yet applied a version of the configuration. */
  async isAnyBehind(configVersion: number): Promise<boolean> {
    const peers = await listPeers(this.#deps.control);
    return peers.some(
      (peer) =>
        peer.state === "living" &&
        peer.id !== this.current.id &&
        peer.configVersion < configVersion,
    );
  }

  /** Forgets what was seen of the others: after a database error everybody looks silent. */
  forgetSeen(): void {
    this.#seen.clear();
  }

  /**
   * Watches the others: declares dead whose heartbeat has not moved for five seconds of our own
   * clock, and recovers whoever is dead, by whomever declared.
   */
  async watchOnce(): Promise<void> {
    const { control, clock } = this.#deps;
    const now = clock.monotonic();
    const peers = await listPeers(control);
    const seen = new Map<number, { heartbeat: number; since: number }>();
    for (const peer of peers) {
      if (peer.id === this.current.id) continue;
      if (peer.state === "dead") {
        await this.#recover(peer.id);
        continue;
      }
      const before = this.#seen.get(peer.id);
      const moved = before === undefined || before.heartbeat !== peer.heartbeat;
      const entry = moved ? { heartbeat: peer.heartbeat, since: now } : before;
      seen.set(peer.id, entry);
      if (now - entry.since >= DEAD_AFTER_MS && (await this.#declare(peer.id, peer.heartbeat))) {
        await this.#recover(peer.id);
      }
    }
    this.#seen = seen;
    if (!this.#isRecoveryUntold) return;
    this.#isRecoveryUntold = false;
    this.#deps.onRecovered?.();
  }

  async #declare(id: number, heartbeat: number): Promise<boolean> {
    const declared = await this.#deps.transaction((tx) =>
      declareDead(tx, id, heartbeat, this.#deps.clock.now()),
    );
    if (declared)
      this.#deps.logger.warn({ peer: id }, "a process fell silent and is taken for dead");
    return declared;
  }

  async #recover(id: number): Promise<void> {
    const { clock, logger } = this.#deps;
    const size = this.#sizes.get(id) ?? new PageSize();
    if (size.isResting(clock.monotonic())) return;
    // Its end may remain unknown.
    this.#isRecoveryUntold = true;
    try {
      const taken = await this.#takeOver(id, size);
      if (taken) logger.info({ peer: id, ...taken }, "took over what a dead process carried");
      this.#sizes.delete(id);
    } catch (error) {
      if (isTooLong(error)) {
        this.#sizes.set(id, size);
        if (size.halve(clock.monotonic())) {
          logger.warn({ err: error, peer: id }, "a dead process is taken over in smaller pages");
        } else {
          logger.error(
            { err: error, peer: id },
            "taking over a dead process takes too long, however small its pages are",
          );
        }
        return;
      }
      if (remedyFor(error) === "again") throw error;
      // What ails one keeps nobody else from being declared dead, and recovered.
      logger.error({ err: error, peer: id }, "what a dead process carried cannot be taken over");
    }
  }

  /** Null when somebody else has done it. */
  async #takeOver(id: number, size: PageSize): Promise<Taken | null> {
    const { transaction, clock, onRecover } = this.#deps;
    const upTo = await transaction((tx) => readHighestEventId(tx));
    const taken = { orphans: 0, leases: 0 };
    for (;;) {
      const page = await transaction(async (tx) => {
        const limit = size.of(PAGE);
        const result = await recoverProcess(tx, id, { now: clock.now(), upTo, limit });
        if (result?.isDone) await onRecover?.(tx, id);
        return result;
      });
      if (page === null) return null;
      taken.orphans += page.orphans;
      taken.leases += page.leases;
      if (page.isDone) return taken;
      size.fits();
    }
  }

  /**
   * Ends the registration after memory has been handed over. What is being accepted under it is carried by
   * nobody any more, and put where the others find it: answers whether there was any.
   */
  async close(): Promise<boolean> {
    const registration = this.#registration;
    if (!registration) return false;
    const { transaction, ids } = this.#deps;
    const { id, floors } = registration;
    const settledFloor = floors.settledFloor(floors.insertFloor(ids.last()));
    this.#registration = null;
    this.#isEnded = true;
    if (!(await transaction((tx) => endProcess(tx, id, settledFloor)))) return false;
    const taken = await this.#takeOver(id, new PageSize());
    return taken !== null && taken.orphans + taken.leases > 0;
  }
}
