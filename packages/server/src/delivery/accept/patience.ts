import type { Clock } from "../../core/outside/clock.ts";

/** Webhooks of a few milliseconds: there is always something to send. */
const MUCH_TO_SEND = 256;
const LOOK_AGAIN_MS = 4;
/** So long who publishes waits at most: what can never be sent as fast as it comes waits in `retry`. */
const LONGEST_MS = 100;

/**
 * Holds back, for a moment, what brings more webhooks while those that are there could leave if only this
 * process were faster: what memory has no room for goes through the queue, and makes everything later.
 */
export class Patience {
  readonly #clock: Pick<Clock, "monotonic" | "sleep">;
  readonly #backlog: () => number;
  #since: number | null = null;

  /** `backlog`: webhooks that wait for nothing but this process. */
  constructor(clock: Pick<Clock, "monotonic" | "sleep">, backlog: () => number) {
    this.#clock = clock;
    this.#backlog = backlog;
  }

  /** Null when nothing is to be waited for; else resolves when it is time to ask again. */
  wait(): Promise<void> | null {
    const now = this.#clock.monotonic();
    const isBehind = this.#backlog() > MUCH_TO_SEND;
    if (!isBehind || (this.#since !== null && now - this.#since >= LONGEST_MS)) {
      this.#since = null;
      return null;
    }
    this.#since ??= now;
    return this.#clock.sleep(LOOK_AGAIN_MS);
  }
}
