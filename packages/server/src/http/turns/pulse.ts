/** What pulses may take of the time, of the thread where they take most: this one, or the sending one. */
const SHARE = 0.015;
const MOST_SIZE = 1_024;
/** By how much a pulse grows and shrinks at a time. */
const GROWTH = 1.1;
const SHRINKAGE = 0.7;

/**
 * How many requests may pass at once, and how many the next time. What one pulse does not use the next
 * one does not have.
 */
export class Pulse {
  /** At first, and at least. */
  readonly #leastSize: number;
  #size: number;
  #left = 0;

  constructor(leastSize: number) {
    this.#leastSize = leastSize;
    this.#size = leastSize;
  }

  open(): void {
    this.#left = Math.floor(this.#size);
  }

  /** Takes a place in what is open; false when there is none left. */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  /** Told what share of the time went into the last one. */
  fit(share: number): void {
    // One with room left says nothing of what a full one takes.
    if (this.#left > 0) return;
    const factor = SHARE / Math.max(share, 0.001);
    const size = this.#size * Math.min(GROWTH, Math.max(SHRINKAGE, factor));
    this.#size = Math.max(this.#leastSize, Math.min(MOST_SIZE, size));
  }
}
