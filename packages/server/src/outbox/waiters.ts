import type { Settled } from "./ledger.ts";

interface Waiter {
  isEnough(settled: Settled): boolean;
  resolve(settled: Settled): void;
}

/** Those who wait in this process to hear what becomes of a message. */
export class Waiters {
  readonly #waiting = new Map<string, Set<Waiter>>();

  /** `settled` resolves with the first word that is enough; after `stop` it never does. */
  wait(
    messageId: string,
    isEnough: (settled: Settled) => boolean,
  ): { settled: Promise<Settled>; stop(): void } {
    const waiter: Waiter = { isEnough, resolve: () => {} };
    const settled = new Promise<Settled>((resolve) => {
      waiter.resolve = resolve;
    });
    const others = this.#waiting.get(messageId) ?? new Set();
    this.#waiting.set(messageId, others.add(waiter));
    return {
      settled,
      stop: () => {
        others.delete(waiter);
        if (others.size === 0) this.#waiting.delete(messageId);
      },
    };
  }

  tell(messageId: string, settled: Settled): void {
    for (const waiter of this.#waiting.get(messageId) ?? []) {
      if (waiter.isEnough(settled)) waiter.resolve(settled);
    }
  }
}
