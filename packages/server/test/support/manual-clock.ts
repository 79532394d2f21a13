import type { Clock } from "../../src/core/outside/clock.ts";

interface Sleeper {
  dueAt: number;
  wake: () => void;
}

interface Watcher {
  count: number;
  resolve: () => void;
}

/** 2026-03-02 09:00 UTC, a Monday: for tests that do not care when they happen. */
export const SOME_DAY_MS = Date.UTC(2026, 2, 2, 9);

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;
  readonly #sleepers = new Set<Sleeper>();
  readonly #watchers = new Set<Watcher>();
  readonly #rest: () => Promise<void>;

  /** `rest`: what is waited for before time moves, so that what is under way is no slower than on an idle machine. */
  constructor(now = SOME_DAY_MS, rest = async () => {}) {
    this.#now = now;
    this.#rest = rest;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        dueAt: this.#monotonic + Math.max(0, ms),
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener("abort", sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", sleeper.wake, { once: true });
      for (const watcher of this.#watchers) {
        if (this.#sleepers.size >= watcher.count) watcher.resolve();
      }
    });
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Resolves when at least `count` sleep: the code under test has come to its wait. */
  async whenSleeping(count = 1): Promise<void> {
    if (this.#sleepers.size >= count) return;
    await new Promise<void>((resolve) => {
      const watcher: Watcher = {
        count,
        resolve: () => {
          this.#watchers.delete(watcher);
          resolve();
        },
      };
      this.#watchers.add(watcher);
    });
  }

  /**
   * Moves time on, once what is under way has come to rest. Sleepers wake one by one in the order of
   * their time, each at its own time, and what follows from each in memory happens before the next.
   * What waits for I/O does not: await it in the test.
   */
  async advance(ms: number): Promise<void> {
    await this.#rest();
    await this.advanceBeside(ms);
  }

  /** The same at once, beside what is under way: for tests in which something always is. */
  async advanceBeside(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    for (;;) {
      await turn();
      const next = this.#earliest(end);
      if (!next) break;
      this.#moveTo(Math.max(next.dueAt, this.#monotonic));
      next.wake();
    }
    this.#moveTo(end);
  }

  /** Moves the time of day alone, as a clock that is set does. */
  setNow(now: number): void {
    this.#now = now;
  }

  #earliest(end: number): Sleeper | undefined {
    let earliest: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.dueAt <= end && (!earliest || sleeper.dueAt < earliest.dueAt)) earliest = sleeper;
    }
    return earliest;
  }

  #moveTo(monotonic: number): void {
    this.#now += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }
}

/** Lets every microtask, and those that they make, run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
