/**
 * One message every `everyMs` to the same user, with a burst that is borrowed from the future:
 * after `burst` messages in a row the debt has to be waited off.
 */
export function createPairLimiter() {
  const debtUntil = new Map<string, number>();
  return {
    /** Takes a place for one message now, or says that there is none. */
    take(pair: string, now: number, { everyMs, burst }: { everyMs: number; burst: number }) {
      if (everyMs === 0) return true;
      const from = Math.max(debtUntil.get(pair) ?? 0, now);
      if (from + everyMs > now + burst * everyMs) return false;
      debtUntil.set(pair, from + everyMs);
      return true;
    },
    clear: () => debtUntil.clear(),
  };
}

/** At most `perWindow` in any stretch of `windowMs`; 0 means no limit. */
export function createRateLimiter(windowMs: number) {
  const taken = new Map<string, number[]>();
  return {
    take(key: string, now: number, perWindow: number): boolean {
      if (perWindow === 0) return true;
      const recent = (taken.get(key) ?? []).filter((at) => at > now - windowMs);
      const free = recent.length < perWindow;
      if (free) recent.push(now);
      taken.set(key, recent);
      return free;
    },
    clear: () => taken.clear(),
  };
}
