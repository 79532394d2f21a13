import type { Queryable } from "../../core/events/recording.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { findMoved } from "../../storage/events/feed.ts";

const LOOK_EVERY_MS = 50;
const PAUSE_AFTER_ERROR_MS = 1_000;
/** Each holds a connection and a page of events at most. */
const MOST_FOLLOWERS = 500;
/** As of the requests that are in flight, one may have three quarters. */
const MOST_OF_ONE = (MOST_FOLLOWERS * 3) / 4;

export interface FollowersDeps {
  db: Queryable;
  clock: Clock;
  logger: Logger;
  /** Somebody follows: floors are to be published often from now on, for a while. */
  onFollowed(): void;
}

interface Waiting {
  workspaceId: string;
  position: string;
  wake(): void;
}

/** Those who follow the log at its end, and one look for all of them at a time. */
export class Followers {
  readonly #deps: FollowersDeps;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<Waiting>();
  #looking: Promise<void> | null = null;
  #count = 0;
  readonly #ofWorkspace = new Map<string, number>();

  constructor(deps: FollowersDeps) {
    this.#deps = deps;
  }

  /** Aborted when this process stops: whoever follows ends now and goes on elsewhere. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Takes a place, if there is one left and it is within the workspace's share. Call what it gives to leave. */
  enter(workspaceId: string): (() => void) | "full" | "share_full" {
    const own = this.#ofWorkspace.get(workspaceId) ?? 0;
    if (this.#count >= MOST_FOLLOWERS || this.closing.aborted) return "full";
    if (own >= MOST_OF_ONE) return "share_full";
    this.#move(workspaceId, 1);
    let inside = true;
    return () => {
      if (inside) this.#move(workspaceId, -1);
      inside = false;
    };
  }

  #move(workspaceId: string, by: 1 | -1): void {
    this.#count += by;
    const own = (this.#ofWorkspace.get(workspaceId) ?? 0) + by;
    if (own === 0) this.#ofWorkspace.delete(workspaceId);
    else this.#ofWorkspace.set(workspaceId, own);
  }

  /** Resolves when there may be something after the position, after `longestMs`, or at the signal. */
  async untilMoved(
    workspaceId: string,
    position: string,
    { longestMs, signal }: { longestMs: number; signal: AbortSignal },
  ): Promise<void> {
    if (signal.aborted) return;
    const { clock } = this.#deps;
    const over = new AbortController();
    const wake = () => over.abort();
    const waiting = { workspaceId, position, wake };
    signal.addEventListener("abort", wake);
    this.#waiting.add(waiting);
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    try {
      await clock.sleep(longestMs, over.signal);
    } finally {
      signal.removeEventListener("abort", wake);
      this.#waiting.delete(waiting);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const { wake } of this.#waiting) wake();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { db, clock, logger, onFollowed } = this.#deps;
    while (this.#waiting.size > 0 && !this.closing.aborted) {
      onFollowed();
      const waiting = [...this.#waiting];
      let pause = LOOK_EVERY_MS;
      try {
        for (const at of await findMoved(db, waiting)) waiting[at]?.wake();
      } catch (error) {
        logger.warn({ err: error }, "could not look for new events; those who follow wait");
        pause = PAUSE_AFTER_ERROR_MS;
      }
      await clock.sleep(pause, this.closing);
    }
  }
}
