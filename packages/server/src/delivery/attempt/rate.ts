import type { Tokens } from "../../storage/endpoints/endpoint-rates.ts";

/** Tokens are leased so far ahead at most: what a process that dies takes with it. */
const HORIZON_MS = 500;
/** A token whose time is further back has lapsed: unused ones must not add up to a burst. */
const LAPSE_MS = 200;
const SHORTEST_WAIT_MS = 5;
const WAIT_AFTER_ERROR_MS = 500;

export interface RateDeps {
  /** Leases up to `want` tokens, one every `everyMs`, whose time comes within `horizonMs`. */
  lease(o: { everyMs: number; want: number; horizonMs: number; now: number }): Promise<Tokens>;
  clock: { now(): number; sleep(ms: number): Promise<void> };
  /** There may be a token again. */
  onToken(): void;
}

/** One endpoint's share, in this process, of the requests a second that it allows all of them. */
export class Rate {
  readonly perSecond: number;
  readonly #deps: RateDeps;
  readonly #everyMs: number;
  #tokens: Tokens | null = null;
  #used = 0;
  #isWaiting = false;

  constructor(perSecond: number, deps: RateDeps) {
    this.perSecond = perSecond;
    this.#everyMs = 1_000 / perSecond;
    this.#deps = deps;
  }

  /** What is worth having in memory: two seconds' worth; the rest waits in `retry`. */
  get mostQueued(): number {
    return Math.max(2, 2 * this.perSecond);
  }

  /** Takes a permit to send one request now; false: `onToken` is called when it is worth asking again. */
  take(queued: number): boolean {
    const now = this.#deps.clock.now();
    const tokens = this.#tokens;
    if (tokens) {
      while (this.#used < tokens.count && this.#next(tokens) < now - LAPSE_MS) this.#used++;
      if (this.#used < tokens.count && this.#next(tokens) <= now) {
        this.#used++;
        return true;
      }
    }
    if (!this.#isWaiting) {
      this.#isWaiting = true;
      void this.#wait(queued, now);
    }
    return false;
  }

  #next({ from, everyMs }: Tokens): number {
    return from + this.#used * everyMs;
  }

  async #wait(queued: number, now: number): Promise<void> {
    let waitMs = 0;
    const tokens = this.#tokens;
    if (tokens && this.#used < tokens.count) waitMs = this.#next(tokens) - now;
    else {
      try {
        const leased = await this.#deps.lease({
          everyMs: this.#everyMs,
          want: Math.max(1, queued),
          horizonMs: HORIZON_MS,
          now,
        });
        this.#tokens = leased;
        this.#used = 0;
        waitMs = leased.count > 0 ? leased.from - now : leased.grantedTo - HORIZON_MS - now;
      } catch {
        // The database is away: nothing is sent without its word.
        waitMs = WAIT_AFTER_ERROR_MS;
      }
    }
    if (waitMs > 0) await this.#deps.clock.sleep(Math.max(SHORTEST_WAIT_MS, waitMs));
    this.#isWaiting = false;
    this.#deps.onToken();
  }
}
