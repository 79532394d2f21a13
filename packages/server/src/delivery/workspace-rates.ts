import type { Clock } from "../core/clock.ts";
import { CurlewError } from "../core/errors.ts";

/** What a workspace may bring at once after it was quiet: so many seconds of its rate. */
const BURST_S = 2;
/** Workspaces that are kept in mind before those that have rested are forgotten. */
const MOST_KEPT = 10_000;

interface Bucket {
  tokens: number;
  at: number;
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

  /** Refuses when the workspace has used its rate up. */
  requireRoom(workspaceId: string): void {
    if (this.#perSecond === 0) return;
    const { tokens } = this.#bucket(workspaceId);
    if (tokens >= 1) return;
    const retryAfterS = Math.max(1, Math.ceil((1 - tokens) / this.#perSecond));
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
      bucket = { tokens: most, at: now };
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
