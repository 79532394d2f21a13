/** So long what took too long row by row is left alone. */
const REST_MS = 60_000;
/** What was halved comes back slowly: each step too far costs a statement's whole time. */
const GROWTH = 1.05;

/**
 * How much is done at a time of what has pages. One that took too long is tried with half as much, down
 * to a single row; where even that takes too long, others go on without it for a while.
 */
export class PageSize {
  #share = 1;
  #least = Number.POSITIVE_INFINITY;
  #restsUntil = Number.NEGATIVE_INFINITY;

  /** How many rows the next page may have, of as many as it usually has. */
  of(most: number): number {
    const size = Math.max(1, Math.floor(most * this.#share));
    this.#least = Math.min(this.#least, size);
    return size;
  }

  isResting(now: number): boolean {
    return now < this.#restsUntil;
  }

  fits(): void {
    this.#share = Math.min(1, this.#share * GROWTH);
    this.#least = Number.POSITIVE_INFINITY;
  }

  /** False when it was a single row, or nothing that has rows. */
  halve(now: number): boolean {
    const canShrink = this.#least > 1 && this.#least < Number.POSITIVE_INFINITY;
    this.#least = Number.POSITIVE_INFINITY;
    if (canShrink) this.#share /= 2;
    else this.#restsUntil = now + REST_MS;
    return canShrink;
  }
}
