import { setTimeout as timeout } from "node:timers/promises";

/** What a caller may hand in. Without `sleep`, lengths are measured by real timers. */
export interface SimulatorClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep?(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A clock that goes by itself and can be set forward. */
export interface MovableClock extends Clock {
  /** Everything that waits for less than this goes on at once. */
  move(ms: number): void;
  /** Back to the time that it was made with. */
  reset(): void;
}

async function realSleep(ms: number, signal?: AbortSignal): Promise<void> {
  await timeout(ms, undefined, { ref: false, ...(signal ? { signal } : {}) }).catch(() => {});
}

export function completeClock(given?: SimulatorClock): MovableClock {
  let ahead = 0;
  const sleepers = new Set<{ until: number; wake: () => void }>();
  const now = () => (given ? given.now() : Date.now()) + ahead;
  const sleepOf = (ms: number, signal?: AbortSignal) =>
    given?.sleep ? given.sleep(ms, signal) : realSleep(ms, signal);
  return {
    now,
    sleep: async (ms, signal) => {
      const woken = new AbortController();
      const sleeper = { until: now() + ms, wake: () => woken.abort() };
      sleepers.add(sleeper);
      const ended = signal ? AbortSignal.any([signal, woken.signal]) : woken.signal;
      await sleepOf(ms, ended);
      sleepers.delete(sleeper);
    },
    move: (ms) => {
      ahead += ms;
      const at = now();
      for (const { until, wake } of sleepers) if (until <= at) wake();
    },
    reset: () => {
      ahead = 0;
    },
  };
}
