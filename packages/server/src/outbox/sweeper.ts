import type { Queryable } from "../core/events/recording.ts";
import type { Clock } from "../core/outside/clock.ts";
import type { Logger } from "../core/outside/log.ts";
import { hasChannelNotices } from "../storage/channels/channel-notices.ts";
import type { Tx } from "../storage/connections/connections.ts";
import { endAbandonedKeys } from "../storage/idempotency.ts";
import { findFailedWithFallback, forgetFallbacks } from "../storage/sending/fallbacks.ts";
import {
  doubtOrphanedOutbox,
  findCancelledOutbox,
  findOverdueDoubts,
  findStrandedOutbox,
  listOutboxOf,
  type OutboxPlace,
} from "../storage/sending/outbox.ts";
import { findRestedChannels, resumeChannel } from "../storage/sending/sending.ts";
import type { ChangeConfig } from "../storage/workspaces/config-changes.ts";
import { DOUBT_MS } from "./decide.ts";
import type { Settled, SettleUnit, Word } from "./ledger.ts";
import { KEY_KEPT_MS, SEND_ROUTE } from "./request.ts";

const BATCH = 200;
const KEYS_EVERY_MS = 3_600_000;
const ABANDONED_AFTER_MS = 48 * 3_600_000;
/** As long as a key may lead to it; a message may wait thirty days for its hour. */
const FALLBACK_KEPT_MS = 35 * 24 * 3_600_000;

export interface SweeperDeps {
  db: Queryable;
  changeConfig: ChangeConfig;
  clock: Clock;
  logger: Logger;
  processId(): number;
  settle(unit: SettleUnit): Promise<Settled>;
  /** Tries again to record what could not be recorded. Never rejects. */
  recordAgain(): Promise<void>;
  /** Keeps, to be told, that a channel goes on. */
  keepRested(tx: Tx, channelId: string, now: number): Promise<void>;
  /** Tells what was kept of channels. Never rejects. */
  announce(): Promise<void>;
  /** Never rejects. */
  standIn(messageId: string): Promise<string | null>;
  isInFlight(messageId: string): boolean;
  /** Resolves when every request for leave that is under way now has its answer, and what got it is in flight. */
  claimsEnded(): Promise<void>;
}

/**
 * What only time brings: outcomes that could not be recorded, doubts that end, channels that have rested, messages whose channel or
 * process is gone, leaves that were given and never heard of, and idempotency keys that nobody has ended.
 */
export class Sweeper {
  readonly #deps: SweeperDeps;
  #keysSweptAt: number;

  constructor(deps: SweeperDeps) {
    this.#deps = deps;
    this.#keysSweptAt = deps.clock.monotonic();
  }

  async sweepOnce(): Promise<void> {
    const { db, clock } = this.#deps;
    const now = clock.now();
    await this.#deps.recordAgain();
    await doubtOrphanedOutbox(db, now + DOUBT_MS);
    await this.#giveBackUnheard();
    await this.#settleAll(await findOverdueDoubts(db, now, BATCH), { kind: "overdue" });
    await this.#settleAll(await findStrandedOutbox(db, BATCH), { kind: "stranded" });
    await this.#settleAll(await findCancelledOutbox(db, BATCH), { kind: "cancelled" });
    await this.#standInForFailed();
    await this.#resumeRested(now);
    await this.#announceKept();
    await this.#endAbandonedKeys(now);
  }

  /**
   * Leave was given to this process, and the answer lost: nothing of it was handed over. Looked up
   * first and compared when every answer is there: what was answered after the look is in flight then.
   */
  async #giveBackUnheard(): Promise<void> {
    const { db, processId, claimsEnded, isInFlight } = this.#deps;
    const ours = await listOutboxOf(db, processId());
    await claimsEnded();
    const unheard = ours.filter(({ messageId }) => !isInFlight(messageId));
    for (const place of unheard) await this.#settle(place, { kind: "unheard" }, place.attempt);
  }

  async #settleAll(places: readonly OutboxPlace[], word: Word): Promise<void> {
    await Promise.all(places.map((place) => this.#settle(place, word, null)));
  }

  async #settle(place: OutboxPlace, word: Word, attempt: number | null): Promise<void> {
    const { settle, logger } = this.#deps;
    const { messageId, workspaceId, channelId, channelKind, conversationId } = place;
    const names = { messageId, workspaceId, channelId, channelKind, conversationId };
    try {
      await settle({
        ...{ ...names, attempt, word },
        ...{ learned: null, spread: 0 },
      });
    } catch (error) {
      // The others of the round must not wait for it.
      logger.error({ err: error, messageId, word: word.kind }, "a message could not be swept");
    }
  }

  /** Also for what its provider took first and gave up on later. */
  async #standInForFailed(): Promise<void> {
    const { db, standIn } = this.#deps;
    await Promise.all((await findFailedWithFallback(db, BATCH)).map(standIn));
  }

  async #resumeRested(now: number): Promise<void> {
    const { db, changeConfig, keepRested } = this.#deps;
    for (const { id, workspaceId } of await findRestedChannels(db, now)) {
      await changeConfig(workspaceId, async (tx) => {
        if (await resumeChannel(tx, id)) await keepRested(tx, id, now);
      });
    }
  }

  /** Also what somebody else has kept who could not tell it. */
  async #announceKept(): Promise<void> {
    const { db, announce } = this.#deps;
    if (await hasChannelNotices(db)) await announce();
  }

  /** Who was killed between the end of a message and the word about its key has left the key open. */
  async #endAbandonedKeys(now: number): Promise<void> {
    const { db, clock } = this.#deps;
    if (clock.monotonic() - this.#keysSweptAt < KEYS_EVERY_MS) return;
    this.#keysSweptAt = clock.monotonic();
    await forgetFallbacks(db, now - FALLBACK_KEPT_MS);
    await endAbandonedKeys(db, {
      route: SEND_ROUTE,
      claimedBefore: now - ABANDONED_AFTER_MS,
      expiresAt: now + KEY_KEPT_MS,
    });
  }
}
