import type { Clock } from "../core/outside/clock.ts";

/** A sample further off than this is believed only when the next one says the same. */
const DOUBT_MS = 60_000;
const LONGEST_TIMER_MS = 2_147_483_647;

export interface SystemClock extends Clock {
  /**
   * Takes a sample of the database's time, received now: `databaseMs` was true at some moment of
   * the `roundTripMs` before. The first sample is followed; a later one that is more than a minute
   * off is shown as suspect and followed only when the next one confirms it.
   */
  sync(databaseMs: number, roundTripMs: number): void;
  /** How far `now()` is ahead of this machine's own clock, in ms; 0 before the first sample. */
  readonly offsetMs: number;
  /** How far off the sample is that waits for confirmation, in ms, or null when none does. */
  readonly suspectOffsetMs: number | null;
}

export interface TimeSources {
  /** Milliseconds since the epoch by this machine's clock, which may be set at any time. */
  wall(): number;
  monotonic(): number;
}

/**
 * The clock of a running process: the database's time, carried on by the monotonic clock.
 * When a sample shows that it is ahead, it goes at half speed until the database has caught up,
 * so that `now()` neither goes back nor stands still.
 */
export function systemClock(
  sources: TimeSources = { wall: () => Date.now(), monotonic: () => performance.now() },
): SystemClock {
  let offset = sources.wall() - sources.monotonic();
  let synced = false;
  let suspect: number | null = null;
  let suspectOffset: number | null = null;
  let last = 0;
  let ahead = 0;
  let aheadSince = 0;

  function follow(newOffset: number, monotonic: number): void {
    offset = newOffset;
    synced = true;
    suspect = null;
    suspectOffset = null;
    ahead = Math.max(0, last - (monotonic + newOffset));
    aheadSince = monotonic;
  }

  return {
    now() {
      const monotonic = sources.monotonic();
      let at = monotonic + offset;
      if (ahead > 0) {
        const left = ahead - (monotonic - aheadSince) / 2;
        if (left > 0) at += left;
        else ahead = 0;
      }
      last = Math.max(last, Math.floor(at));
      return last;
    },
    monotonic: sources.monotonic,
    sleep,
    sync(databaseMs, roundTripMs) {
      const monotonic = sources.monotonic();
      const earliest = databaseMs - monotonic;
      const latest = earliest + Math.max(0, roundTripMs);
      if (!synced) return follow((earliest + latest) / 2, monotonic);
      // No further than the sample proves: within its round trip the carried time is as good.
      const nearest = Math.min(Math.max(offset, earliest), latest);
      const confirmed = suspect !== null && Math.abs(nearest - suspect) <= DOUBT_MS;
      if (Math.abs(nearest - offset) <= DOUBT_MS || confirmed) return follow(nearest, monotonic);
      suspect = nearest;
      suspectOffset = nearest - offset;
    },
    get offsetMs() {
      return synced ? sources.monotonic() + offset - sources.wall() : 0;
    },
    get suspectOffsetMs() {
      return suspectOffset;
    },
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wait = Math.min(Math.max(0, ms), LONGEST_TIMER_MS);
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", wake);
      resolve(wait < ms ? sleep(ms - wait, signal) : undefined);
    }, wait);
    function wake(): void {
      clearTimeout(timer);
      resolve();
    }
    signal?.addEventListener("abort", wake, { once: true });
  });
}
