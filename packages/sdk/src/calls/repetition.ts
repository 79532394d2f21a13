import type { CurlewError } from "./curlew-error.ts";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
/** Who is told to come back later than that is left to decide it. */
const LONGEST_ASKED_S = 60;

/**
 * How long to wait before a request that failed is made again, or null when it is not to be.
 * `isRepeatable`: done twice it is done once. `chance` is in [0, 1), and spreads what failed together.
 */
export function waitBefore(
  error: CurlewError,
  { failures, isRepeatable, chance }: { failures: number; isRepeatable: boolean; chance: number },
): number | null {
  if (!isPassing(error, isRepeatable)) return null;
  if (error.retryAfterS !== null) {
    return error.retryAfterS > LONGEST_ASKED_S ? null : error.retryAfterS * 1000;
  }
  const longest = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
  return Math.round(longest * (0.75 + chance / 4));
}

/** What passes, and leaves it certain that a second request does no harm. */
function isPassing({ code, status }: CurlewError, isRepeatable: boolean): boolean {
  // Nothing of these was done.
  if (status === 429 || code === "idempotency_in_progress") return true;
  if (!isRepeatable) return false;
  return status === null || status === 500 || (status >= 502 && status <= 504);
}
