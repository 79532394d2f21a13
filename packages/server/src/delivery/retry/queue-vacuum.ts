import type { Queryable } from "../../core/events/recording.ts";
import { estimateRetries, vacuumQueue } from "../../storage/queue/retries.ts";

/** Rows of `retry` that changed before it is worth a vacuum. */
const LEAST_CHANGED = 5_000;
/** And this share of all: a vacuum reads every index, and the most of what lies scattered. */
const SHARE_CHANGED = 0.1;

/** A default autovacuum lets the queue swell until claims crawl; the app keeps it small. */
export class QueueVacuum {
  readonly #db: Queryable;
  #changed = 0;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Rows have left the queue, or come into it, or changed in it. */
  changed(rows = 1): void {
    this.#changed += rows;
  }

  /** Vacuums where it is worth it. */
  async runOnce(): Promise<void> {
    if (this.#changed < LEAST_CHANGED) return;
    if (this.#changed < SHARE_CHANGED * (await estimateRetries(this.#db))) return;
    this.#changed = 0;
    await vacuumQueue(this.#db);
  }
}
