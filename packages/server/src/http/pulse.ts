/** While somebody with few requests is active, the process is to be no busier than this. */
const RESTING_LOAD = 0.2;
/** At first, and at least: hardly dearer than one alone, since what a pulse costs is mostly its transactions. */
const LEAST_SIZE = 8;
const MOST_SIZE = 1_024;
/** In less time than this a load says little. */
const FIT_EVERY_MS = 160;
/** By how much a pulse grows and shrinks at a time. */
const GROWTH = 1.1;
const SHRINKAGE = 0.5;
/** After so long a rest it is not known any more what a pulse may hold. */
const FORGOTTEN_MS = 10_000;

/**
 * How many requests may pass from one pulse to the next: as many as leave the process four fifths idle. What
 * one pulse does not use the next one does not have.
 */
export class Pulse {
  /** How busy the process was since it was last asked, 0 to 1. */
  readonly #load: () => number;
  #size = LEAST_SIZE;
  #left = 0;
  #fittedAt = Number.NEGATIVE_INFINITY;

  constructor(load: () => number) {
    this.#load = load;
  }

  /** After a rest; nothing passes before the first opens. */
  begin(now: number): void {
    if (now - this.#fittedAt > FORGOTTEN_MS) this.#size = LEAST_SIZE;
    this.#fittedAt = now;
    this.#left = 0;
    this.#load();
  }

  open(now: number, isAskedForQuiet: boolean): void {
    if (now - this.#fittedAt >= FIT_EVERY_MS) {
      this.#fittedAt = now;
      const load = Math.max(this.#load(), 0.01);
      this.#fit(isAskedForQuiet ? RESTING_LOAD / load : GROWTH);
    }
    this.#left = Math.floor(this.#size);
  }

  /** Takes a place in what is open; false when there is none left. */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  #fit(factor: number): void {
    const size = this.#size * Math.min(GROWTH, Math.max(SHRINKAGE, factor));
    this.#size = Math.min(MOST_SIZE, Math.max(LEAST_SIZE, size));
  }
}
