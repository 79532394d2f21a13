import type { Town } from "../engine/town.ts";
import type { Surroundings } from "./fates.ts";

/** Longer than any statement may take, or stand idle. */
const LONGEST_HELD_MS = 4_000;

/** What is under way in a storm, and what is held back until the storm lets it go. */
export class Air implements Surroundings {
  readonly #town: Town;
  readonly #onTold: (channel: string, payload: string) => void;
  readonly #held = new Map<() => void, number>();
  #busy = 0;

  constructor(town: Town, onTold: (channel: string, payload: string) => void) {
    this.#town = town;
    this.#onTold = onTold;
  }

  monotonic(): number {
    return this.#town.clock.monotonic();
  }

  async busy<T>(work: Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await work;
    } finally {
      this.#busy--;
    }
  }

  hold(): Promise<void> {
    return new Promise((resolve) => this.#held.set(resolve, this.monotonic()));
  }

  tell(channel: string, payload: string): void {
    this.#onTold(channel, payload);
  }

  letGo(which: number): void {
    const all = [...this.#held.keys()];
    const one = all[which % Math.max(all.length, 1)];
    if (one) this.#free(one);
  }

  letAllGo(): void {
    for (const one of [...this.#held.keys()]) this.#free(one);
  }

  /** Nothing is held back for longer than that. */
  letOldGo(): void {
    for (const [one, since] of [...this.#held]) {
      if (this.monotonic() - since >= LONGEST_HELD_MS) this.#free(one);
    }
  }

  /** Until nothing goes on but what waits for the storm. */
  async calm(): Promise<void> {
    for (let still = 0, turns = 0; still < 12; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      still = this.#busy === 0 ? still + 1 : 0;
      if (turns > 0 && turns % 2_000 === 0 && (await this.#isStuck())) return;
    }
  }

  #free(one: () => void): void {
    this.#held.delete(one);
    one();
  }

  /** Whether the database does nothing but wait for what the storm holds back. */
  async #isStuck(): Promise<boolean> {
    const [row] = await this.#town.rows<{ active: number }>(
      `select count(*)::int as active from pg_stat_activity where datname = current_database()
        and pid <> pg_backend_pid() and state = 'active' and wait_event_type is distinct from 'Lock'`,
    );
    return row?.active === 0;
  }
}
