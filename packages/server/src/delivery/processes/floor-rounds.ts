import type { Clock } from "../../core/outside/clock.ts";
import { Bell } from "../loops/bell.ts";
import type { Loops } from "../loops/loops.ts";

const OFTEN_MS = 50;
/** How long somebody who has read the log counts as following it. */
const FOLLOWED_MS = 5_000;
/** How old what the others say of their followers may be. */
const HEARSAY_MS = 2_000;
const SELDOM_MS = 1_000;

export interface FloorRoundsDeps {
  clock: Clock;
  publishFloor(): Promise<void>;
  /** The others are to hear at once that somebody follows here. */
  tell(): void;
}

/**
 * Publishes this process's floor often while somebody follows the log at its end, at any process:
 * they are shown nothing above the lowest floor. At other times heartbeats are often enough.
 */
export class FloorRounds {
  readonly #deps: FloorRoundsDeps;
  readonly #bell = new Bell();
  #hereUntil = 0;
  #anywhereUntil = 0;

  constructor(deps: FloorRoundsDeps) {
    this.#deps = deps;
  }

  /** Until when somebody follows at this process, ms since the epoch; null for nobody. */
  get hereUntil(): number | null {
    return this.#hereUntil > this.#deps.clock.now() ? this.#hereUntil : null;
  }

  /** Somebody reads the log at its end, here. */
  followed(): void {
    const now = this.#deps.clock.now();
    const isNew = this.#anywhereUntil <= now;
    this.#hereUntil = now + FOLLOWED_MS;
    this.#anywhereUntil = this.#hereUntil;
    if (!isNew) return;
    this.#bell.ring();
    this.#deps.tell();
  }

  /** Somebody does so at another process. */
  heard(): void {
    this.#anywhereUntil = Math.max(this.#anywhereUntil, this.#deps.clock.now() + HEARSAY_MS);
  }

  start(loops: Loops): void {
    loops.repeat(
      "floors",
      () => this.#publish(),
      (isFollowed) => this.#bell.wait(this.#deps.clock, isFollowed ? OFTEN_MS : SELDOM_MS),
    );
  }

  /** Ends the pause of its loop. */
  ring(): void {
    this.#bell.ring();
  }

  async #publish(): Promise<boolean> {
    if (this.#anywhereUntil <= this.#deps.clock.now()) return false;
    await this.#deps.publishFloor();
    return true;
  }
}
