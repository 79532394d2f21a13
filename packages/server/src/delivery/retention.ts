import { firstIdAt } from "../core/ids.ts";

export const DAY_MS = 86_400_000;

/**
 * The lowest event id that is kept: days that had ended `retentionMs` before `now` are closed, and
 * nothing is replayed or kept waiting in them any more.
 */
export function firstKeptId(now: number, retentionMs: number): string {
  const at = now - retentionMs;
  return firstIdAt(at - (at % DAY_MS));
}
