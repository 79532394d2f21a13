/** Waits before each retry, in seconds. Its length is the number of retries; there is no other limit. */
export type RetrySchedule = readonly number[];

/**
 * When to try again (ms since the epoch) after `failures` failures in a row of one round, or null
 * when the schedule is spent. `spread` in [0, 1) lengthens the wait by at most a tenth, so that what
 * failed together does not all come back together; 0 keeps the published waits exactly.
 */
export function nextAttemptAt(
  schedule: RetrySchedule,
  failures: number,
  endedAt: number,
  spread: number,
): number | null {
  const wait = schedule[failures - 1];
  return wait === undefined ? null : endedAt + Math.round(wait * 1000 * (1 + spread / 10));
}
