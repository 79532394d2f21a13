import { systemClock } from "../../src/runtime/clock.ts";

const LIMIT_MS = 15_000;
const LOOK_EVERY_MS = 10;

/** Waits for something that real processes do; fails in words when it has not come in time. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  limitMs = LIMIT_MS,
): Promise<void> {
  const clock = systemClock();
  const end = clock.monotonic() + limitMs;
  while (!(await isTrue())) {
    if (clock.monotonic() > end) throw new Error(`Waited ${limitMs} ms in vain: ${what}`);
    await clock.sleep(LOOK_EVERY_MS);
  }
}
