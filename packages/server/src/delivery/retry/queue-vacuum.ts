import type { Pool } from "pg";
import type { Connections } from "../../storage/connections/connections.ts";
import { estimateRetries, vacuumQueue } from "../../storage/queue/retries.ts";

/** Rows of `retry` that changed before it is worth a vacuum. */
const LEAST_CHANGED = 5_000;
/** And this share of all: a vacuum reads every index, and the most of what lies scattered. */
const SHARE_CHANGED = 0.1;

/** A default autovacuum lets the queue swell until claims crawl; the app keeps it small. */
export class QueueVacuum {
  readonly #pool: Pool;
  #changed = 0;

  constructor(connections: Pick<Connections, "lane">) {
    // For as long as it takes: the larger the queue is, the worse is one that is broken off, time and again.
    this.#pool = connections.lane("vacuum", 1, { statementTimeoutMs: 0 });
  }

  /** Rows have left the queue, or come into it, or changed in it. */
  changed(rows = 1): void {
    this.#changed += rows;
  }

  /** Vacuums where it is worth it; breaks off at the signal. */
  async runOnce(signal?: AbortSignal): Promise<void> {
    const changed = this.#changed;
    if (changed < LEAST_CHANGED) return;
    if (changed < SHARE_CHANGED * (await estimateRetries(this.#pool))) return;
    const client = await this.#pool.connect();
    let isHeld = true;
    const release = () => {
      if (isHeld) client.release(true);
      isHeld = false;
    };
    signal?.addEventListener("abort", release, { once: true });
    try {
      await vacuumQueue(client);
      this.#changed -= changed;
    } finally {
      signal?.removeEventListener("abort", release);
      release();
    }
  }
}
