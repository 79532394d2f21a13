import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
/** How far the server's clock is ahead of this one, ms; kept from its answers. */
let aheadMs = 0;

/** Now, by the server's clock. */
export function now(): number {
  return Date.now() + aheadMs;
}

/** A `Date` header is exact to the second: what differs by less is the same. */
export function noteServerTime(date: string | null): void {
  const at = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(at)) return;
  const ahead = at - Date.now();
  aheadMs = Math.abs(ahead) < 2_000 ? 0 : ahead;
}

/**
 * A text that depends on the time. One timer serves all of them, and only those are drawn anew
 * whose text has changed: a column of ages does not draw its rows again.
 */
export function useTicking(textAt: (now: number) => string): string {
  return useSyncExternalStore(listen, () => textAt(now()));
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    if (!document.hidden) for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}
