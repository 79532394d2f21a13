import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";

const PAUSE_MS = 100;
/** Whoever got a client may have got one that was there already: so long nobody must have been refused. */
const CALM_MS = 5_000;

/** That the server takes no more connections: told when it begins and when it is over, whoever waits meanwhile. */
export class Shortage {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #closing: AbortSignal;
  #current: { since: number; refusedAt: number } | null = null;
  /** One sleep for all who wait. */
  #pause: Promise<void> | null = null;

  constructor(o: { clock: Clock; logger: Logger; closing: AbortSignal }) {
    this.#clock = o.clock;
    this.#logger = o.logger;
    this.#closing = o.closing;
  }

  /** Somebody was refused. */
  refused(): void {
    const now = this.#clock.monotonic();
    if (this.#current) this.#current.refusedAt = now;
    else {
      this.#current = { since: now, refusedAt: now };
      this.#logger.warn({}, "The database has no connection to spare: waiting for one");
    }
  }

  /** Resolves when it is time to ask again. */
  pause(): Promise<void> {
    this.#pause ??= this.#clock.sleep(PAUSE_MS, this.#closing).then(() => {
      this.#pause = null;
    });
    return this.#pause;
  }

  /** Somebody got a client. */
  passed(): void {
    if (!this.#current) return;
    const { since, refusedAt } = this.#current;
    const now = this.#clock.monotonic();
    if (now - refusedAt < CALM_MS) return;
    this.#current = null;
    this.#logger.info(
      { shortMs: Math.round(refusedAt - since) },
      "The database has connections to spare again",
    );
  }
}
