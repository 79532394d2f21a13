import { CurlewError } from "../../core/errors.ts";
import type { Clock } from "../../core/outside/clock.ts";

/** What a workspace may bring at once after it was quiet: so many seconds of its rate. */
const BURST_S = 2;
/** Who is refused is told to come this much later than there is room, at most, for others who were before. */
const LONGEST_DELAY_MS = 5_000;
/** Workspaces that are kept in mind before those that have rested are forgotten. */
const MOST_KEPT = 10_000;

interface Bucket {
  tokens: number;
  at: number;
  /** When the last one that was refused was told to come. */
  promisedAt: number;
}

/**
 * How much a workspace may ask of this process a second: events published, and messages to send. What
 * providers send is not counted: they would repeat it for a while and then drop it.
 */
export class WorkspaceRates {
  readonly #perSecond: number;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #buckets = new Map<string, Bucket>();

  /** `perSecond` 0: as much as wanted. */
  constructor(perSecond: number, clock: Pick<Clock, "monotonic">) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /**
   * Refuses when the workspace has used its rate up. Each one is told a time of its own, in whole
   * seconds, so that in none of them more come back than there is room for.
   */
  requireRoom(workspaceId: string): void {
    if (this.#perSecond === 0) return;
    const bucket = this.#bucket(workspaceId);
    if (bucket.tokens >= 1) return;
    const everyMs = 1000 / this.#perSecond;
    const roomAt = bucket.at + (1 - bucket.tokens) * everyMs;
    const afterOthers = Math.min(bucket.promisedAt + everyMs, roomAt + LONGEST_DELAY_MS);
    bucket.promisedAt = Math.max(roomAt, afterOthers);
    const retryAfterS = Math.max(1, Math.ceil((bucket.promisedAt - bucket.at) / 1000));
    throw new CurlewError(
      "too_many_requests",
      `This workspace may bring ${this.#perSecond} events and messages a second: ask again in ${retryAfterS} s.`,
      { retryAfterS, extra: { limit: this.#perSecond } },
    );
  }

  /** Counts what was brought. What goes beyond the rate is owed: a batch is taken whole. */
  spend(workspaceId: string, count: number): void {
    if (this.#perSecond > 0) this.#bucket(workspaceId).tokens -= count;
  }

  #bucket(workspaceId: string): Bucket {
    const now = this.#clock.monotonic();
    const most = Math.max(1, this.#perSecond * BURST_S);
    let bucket = this.#buckets.get(workspaceId);
    if (!bucket) {
      if (this.#buckets.size >= MOST_KEPT) this.#forgetRested(now, most);
      bucket = { tokens: most, at: now, promisedAt: now };
      this.#buckets.set(workspaceId, bucket);
    }
    bucket.tokens = Math.min(most, bucket.tokens + ((now - bucket.at) / 1000) * this.#perSecond);
    bucket.at = now;
    return bucket;
  }

  #forgetRested(now: number, most: number): void {
    for (const [id, { tokens, at }] of this.#buckets) {
      if (tokens + ((now - at) / 1000) * this.#perSecond >= most) this.#buckets.delete(id);
    }
  }
}
