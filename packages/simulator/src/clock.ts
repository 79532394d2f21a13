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

async function realSleep(ms: number, signal?: AbortSignal): Promise<void> {
  await timeout(ms, undefined, { ref: false, ...(signal ? { signal } : {}) }).catch(() => {});
}

export function completeClock(given?: SimulatorClock): Clock {
  return {
    now: () => (given ? given.now() : Date.now()),
    sleep: (ms, signal) => (given?.sleep ? given.sleep(ms, signal) : realSleep(ms, signal)),
  };
}
