import { setTimeout as after } from "node:timers/promises";

/** Milliseconds of a clock that all processes of this machine share and that nobody sets. */
export function sharedNow(): number {
  const [s, ns] = process.hrtime();
  return s * 1_000 + ns / 1_000_000;
}

export function sleep(ms: number): Promise<void> {
  return after(ms);
}

/** Waits for something, but no longer than this. */
export async function wait(something: Promise<unknown>, ms: number): Promise<void> {
  const over = new AbortController();
  const enough = after(ms, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([something, enough]).finally(() => over.abort());
}

/** Asks every `everyMs` until the answer is not null. Throws after `limitMs`, naming what was waited for. */
export async function until<T>(
  what: string,
  limitMs: number,
  everyMs: number,
  ask: () => T | null | Promise<T | null>,
): Promise<T> {
  const deadline = sharedNow() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (sharedNow() > deadline) throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`);
    await sleep(everyMs);
  }
}
