import type { Acceptor, MakeAcceptor, Queryable } from "../core/events/recording.ts";
import type { Signal } from "../core/sending/outgoing.ts";
import type { SendError, SendOutcome } from "../core/sending/send-outcome.ts";
import {
  doubtOutboxOf,
  findDue,
  findNextOf,
  findStanding,
  type Leaving,
  leave,
  type OutboxPlace,
} from "../storage/sending/outbox.ts";
import { acceptSendSpec, type SendAnswer, type SendUnit } from "./accept-send.ts";
import { type ActAnswer, type ActUnit, actSpec } from "./act.ts";
import { announceSpec, keepChannelNotice, NOTICES_A_TURN } from "./announce.ts";
import { DOUBT_MS } from "./decide.ts";
import { type Flight, Flights } from "./flights.ts";
import type { Settled, SettleUnit, Word } from "./ledger.ts";
import { Recorder } from "./recorder.ts";
import { type SenderDeps, sendLeaving } from "./sender.ts";
import { settleSendSpec } from "./settle-send.ts";
import { sendSignal } from "./signaller.ts";
import { type FailedUnit, standInSpec } from "./stand-in.ts";
import { Sweeper } from "./sweeper.ts";
import { Waiters } from "./waiters.ts";

/** Requests to providers at a time, and to one channel's. */
const MAX_IN_FLIGHT = 256;
const MAX_PER_CHANNEL = 32;
const IDLE_MS = 500;
const SWEEP_EVERY_MS = 5_000;
/** How often one who waits looks whether another process has done it. */
const LOOK_EVERY_MS = 250;

export interface OutboxDeps extends SenderDeps {
  makeAcceptor: MakeAcceptor;
  /** Whether this process talks to providers, or only takes what others send. */
  sends: boolean;
  /** The id that this process is registered under now. */
  processId(): number;
}

/** How a message stands, or the one that stands in for it. */
export interface SettledMessage extends Settled {
  messageId: string;
}

/**
 * What a dead process had on its way is in doubt from now on: nobody sends it again blindly. What it
 * had only queued leaves by itself. In the transaction that recovers the process; answers how many.
 */
export function takeOver(tx: Queryable, processId: number, now: number): Promise<number> {
  return doubtOutboxOf(tx, processId, now + DOUBT_MS);
}

const RESTED = "The channel has rested for as long as its provider asked; what waited leaves.";

/** Takes messages, hands each to its provider at most once, and records what came of it. */
export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #accepts: Acceptor<SendUnit, SendAnswer>;
  readonly #settles: Acceptor<SettleUnit, Settled>;
  readonly #acts: Acceptor<ActUnit, ActAnswer>;
  readonly #standIns: Acceptor<FailedUnit, string | null>;
  readonly #announcements: Acceptor<null, number>;
  readonly #sweeper: Sweeper;
  readonly #waiters = new Waiters();
  readonly #flights = new Flights();
  readonly #recorder: Recorder;
  readonly #claims = new Set<Promise<unknown>>();
  /** Channels over a limit that is all of theirs, until when. */
  readonly #resting = new Map<string, number>();
  #isClosing = false;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#accepts = deps.makeAcceptor(acceptSendSpec());
    this.#settles = deps.makeAcceptor(settleSendSpec());
    this.#acts = deps.makeAcceptor(actSpec());
    this.#standIns = deps.makeAcceptor(standInSpec());
    this.#announcements = deps.makeAcceptor(announceSpec());
    const settle = (unit: SettleUnit) => this.#settles.accept(unit);
    this.#recorder = new Recorder({ ...deps, settle, flights: this.#flights });
    this.#sweeper = new Sweeper({
      ...deps,
      settle,
      recordAgain: () => this.#recordAgain(),
      standIn: (messageId) => this.#standIn(messageId),
      keepRested: (tx, id, now) =>
        keepChannelNotice(tx, id, { kind: "restored", reason: RESTED }, now),
      announce: () => this.announce(),
      isInFlight: (messageId) => this.#flights.has(messageId),
      claimsEnded: async () => void (await Promise.allSettled(this.#claims)),
    });
  }

  /** Keeps a message and the key that stands for it, or says who holds the key. */
  accept(unit: SendUnit): Promise<SendAnswer> {
    return this.#accepts.accept(unit);
  }

  /** Closes a conversation or opens it again, or keeps the key of what leaves no trace here. */
  act(unit: ActUnit): Promise<ActAnswer> {
    return this.#acts.accept(unit);
  }

  /**
   * Takes back a message that has not left yet. What stands at the given place may have left meanwhile:
   * the answer says how things are.
   */
  async cancel({ messageId, conversationId, ...place }: OutboxPlace): Promise<Settled> {
    const { workspaceId, channelId, channelKind } = place;
    const settled = await this.#settles.accept({
      ...{ messageId, workspaceId, channelId, channelKind, conversationId },
      ...{ attempt: null, word: { kind: "cancelled" }, learned: null, spread: 0 },
    });
    if (settled.error?.code !== "cancelled") return settled;
    this.#waiters.tell(messageId, settled);
    await this.#goOn(conversationId);
    return settled;
  }

  /** Tells what was kept of channels: see `keepChannelNotice`. What cannot be told now is told by a sweep. */
  async announce(): Promise<void> {
    try {
      while ((await this.#announcements.accept(null)) === NOTICES_A_TURN);
    } catch (error) {
      this.#deps.logger.warn({ err: error }, "what is to be told of channels waits for the sweep");
    }
  }

  /** See `sendSignal`. */
  signal(channelId: string, signal: Signal): Promise<SendOutcome> {
    return sendSignal(this.#deps, channelId, signal);
  }

  /**
   * Sends an accepted message now, if nothing holds it back, and answers how it stands then, or what
   * stands in for it; null when `limitMs` passes first. Once begun, the sending goes on whoever waits.
   */
  async send(messageId: string, limitMs: number): Promise<SettledMessage | null> {
    const deadline = this.#deps.clock.now() + limitMs;
    for (let id = messageId; ; ) {
      const settled = await this.#sendOne(id, deadline);
      if (settled === null) return null;
      const next = settled.status === "failed" ? await this.#standIn(id) : null;
      if (next === null) return { ...settled, messageId: id };
      id = next;
    }
  }

  async #sendOne(messageId: string, deadline: number): Promise<Settled | null> {
    const { clock } = this.#deps;
    const isEnough = ({ nextAt }: Settled) => nextAt === null || nextAt > deadline;
    const waiter = this.#waiters.wait(messageId, isEnough);
    try {
      this.begin(messageId);
      for (;;) {
        const leftMs = deadline - clock.now();
        if (leftMs <= 0) return null;
        const settled = await this.#within(Math.min(leftMs, LOOK_EVERY_MS), waiter.settled);
        if (settled !== null) return settled;
        const standing = await this.#lookElsewhere(messageId);
        if (standing !== null && isEnough(standing)) return standing;
      }
    } finally {
      waiter.stop();
    }
  }

  /** The same for those who do not wait. */
  begin(messageId: string): void {
    if (this.#deps.sends && this.#flights.size < MAX_IN_FLIGHT) void this.leaveNow([messageId]);
  }

  /** Sends what is due and resolves when all of it is recorded; answers how many left. */
  async runOnce(): Promise<number> {
    const left = await this.leaveDue();
    await Promise.allSettled(this.#claims);
    await this.#flights.quiet();
    return left;
  }

  /** What only time brings: see `Sweeper`. */
  sweepOnce(): Promise<void> {
    return this.#sweeper.sweepOnce();
  }

  /** Sends what comes due and sweeps until the signal aborts. A round that fails is repeated. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#repeat(signal, "send", async () => ((await this.leaveDue()) > 0 ? 0 : IDLE_MS)),
      this.#repeat(signal, "sweep", async () => {
        await this.sweepOnce();
        return SWEEP_EVERY_MS;
      }),
    ]);
  }

  /**
   * Begins nothing new and lets what is under way finish for `graceMs`. What has no answer then is in
   * doubt: it is left to the provider's word. The acceptors must still work.
   */
  async close(graceMs: number): Promise<void> {
    const { clock, db, processId, logger } = this.#deps;
    this.#isClosing = true;
    const timer = new AbortController();
    await Promise.allSettled(this.#claims);
    const ended = this.#flights.quiet().then(() => this.#recordAgain());
    await Promise.race([ended, clock.sleep(graceMs, timer.signal)]);
    timer.abort();
    const doubted = await doubtOutboxOf(db, processId(), clock.now() + DOUBT_MS);
    if (doubted > 0) logger.warn({ doubted }, "stopped while providers had not answered");
  }

  async #within(ms: number, settled: Promise<Settled>): Promise<Settled | null> {
    const timer = new AbortController();
    const timeout = this.#deps.clock.sleep(ms, timer.signal).then(() => null);
    try {
      return await Promise.race([settled, timeout]);
    } finally {
      timer.abort();
    }
  }

  /** Another process may have sent it, or what stood before it. Null while there is nothing to tell. */
  async #lookElsewhere(messageId: string): Promise<Settled | null> {
    if (this.#flights.has(messageId)) return null;
    const { db, logger } = this.#deps;
    const standing = await findStanding(db, messageId).catch((error: unknown) => {
      // The message is safe, and the next look comes soon: its sender is not told of a fault.
      logger.debug({ err: error }, "how a message stands could not be seen");
      return null;
    });
    if (standing === null || standing.state === "sending") return null;
    if (standing.state === "queued" && standing.nextAt <= this.#deps.clock.now()) {
      this.begin(messageId);
      return null;
    }
    const { status, providerId, state, nextAt } = standing;
    const error = standing.error === null ? null : (JSON.parse(standing.error) as SendError); // ours
    return { status, providerId, error, nextAt: state === "queued" ? nextAt : null };
  }

  /** Begins to send what is due, as far as there is room; answers how many left. */
  async leaveDue(): Promise<number> {
    const { db, clock } = this.#deps;
    const limit = MAX_IN_FLIGHT - this.#flights.size;
    if (this.#isClosing || !this.#deps.sends || limit <= 0) return 0;
    const now = clock.now();
    for (const [id, until] of this.#resting) if (until <= now) this.#resting.delete(id);
    const resting = [...this.#resting.keys()];
    const due = await findDue(db, { now, perChannel: MAX_PER_CHANNEL, limit, resting });
    const room = new Map<string, number>();
    const ids = due.flatMap(({ messageId, channelId }) => {
      const left = room.get(channelId) ?? MAX_PER_CHANNEL - this.#flights.countOf(channelId);
      room.set(channelId, left - 1);
      return left > 0 ? [messageId] : [];
    });
    return ids.length === 0 ? 0 : this.leaveNow(ids);
  }

  /** Asks for leave and begins to send what gets it; answers how many did. Never rejects. */
  async leaveNow(messageIds: readonly string[]): Promise<number> {
    const { db, clock, processId, logger } = this.#deps;
    if (this.#isClosing || !this.#deps.sends || messageIds.length === 0) return 0;
    const askedAt = clock.monotonic();
    const claim = Promise.resolve().then(() =>
      leave(db, {
        process: processId(),
        messageIds,
        now: clock.now(),
        resting: [...this.#resting.keys()],
      }),
    );
    this.#claims.add(claim);
    try {
      const leaving = await claim;
      for (const each of leaving) {
        const { messageId, channelId } = each;
        const flight = { messageId, channelId };
        this.#flights.begin(flight, () => this.#carry(flight, each, askedAt));
      }
      return leaving.length;
    } catch (error) {
      // Whether it was given is not known: the sweep finds what was given and never left.
      logger.warn({ err: error }, "leave to send could not be had");
      return 0;
    } finally {
      this.#claims.delete(claim);
    }
  }

  /** Never rejects. */
  async #carry(flight: Flight, leaving: Leaving, askedAt: number): Promise<void> {
    const room = { ...this.#deps, announce: () => this.announce() };
    await this.#finish(flight, await sendLeaving(room, leaving, askedAt));
  }

  /** Records what came of a flight and does what follows from it. Never rejects. */
  async #finish(flight: Flight, unit: SettleUnit): Promise<void> {
    const { messageId, conversationId } = unit;
    const settled = await this.#recorder.record(flight, unit);
    if (settled === null) return;
    this.#rest(unit, settled);
    this.#waiters.tell(messageId, settled);
    if (settled.status === "failed") await this.#standIn(messageId);
    await this.#goOn(conversationId);
  }

  async #recordAgain(): Promise<void> {
    const waiting = this.#recorder.unrecorded();
    await Promise.all(waiting.map(([flight, unit]) => this.#finish(flight, unit)));
  }

  /** Keeps what stands in for a message that failed and begins to send it; null when nothing does. */
  async #standIn(messageId: string): Promise<string | null> {
    const { logger } = this.#deps;
    try {
      const next = await this.#standIns.accept({ messageId });
      if (next !== null) this.begin(next);
      return next;
    } catch (error) {
      logger.warn({ err: error, messageId }, "what stands in for a message waits for the sweep");
      return null;
    }
  }

  #rest({ channelId, word }: SettleUnit, { nextAt }: Settled): void {
    const until = restOf(word, nextAt, this.#deps.clock.now());
    if (until === null) return;
    this.#resting.set(channelId, Math.max(this.#resting.get(channelId) ?? 0, until));
  }

  /** The next of the conversation need not wait for the next round. */
  async #goOn(conversationId: string): Promise<void> {
    const { db, clock, logger } = this.#deps;
    try {
      const next = await findNextOf(db, conversationId, clock.now());
      if (next !== null) await this.leaveNow([next]);
    } catch (error) {
      logger.debug({ err: error }, "the next of a conversation is left to the next round");
    }
  }

  async #repeat(signal: AbortSignal, name: string, round: () => Promise<number>): Promise<void> {
    const { clock, logger } = this.#deps;
    while (!signal.aborted) {
      let pauseMs = SWEEP_EVERY_MS;
      try {
        pauseMs = await round();
      } catch (error) {
        if (!signal.aborted)
          logger.warn({ loop: name, err: error }, "a round of the outbox failed");
      }
      await clock.sleep(pauseMs, signal);
    }
  }
}

/** Until when a channel rests in this process after a word about one of its messages; null where it does not. */
function restOf(word: Word, nextAt: number | null, now: number): number | null {
  if (word.kind === "not_left") return word.restMs === undefined ? null : now + word.restMs;
  return word.kind === "retryable" && word.restsChannel ? nextAt : null;
}
