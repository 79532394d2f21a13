/**
 * Things that come and go by the thousand, each under a number while it is here; numbers are used again.
 *
 * A Map does the same, but not for V8: whenever its table is tidied, the table before keeps a pointer to
 * the next one. Once one of them has become old, all that come after it outlive the young generation,
 * with everything they held, and wait for a full collection.
 */
export class Numbered<Item> {
  readonly #items: (Item | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#items.length - this.#free.length;
  }

  add(item: Item): number {
    const number = this.#free.pop() ?? this.#items.length;
    this.#items[number] = item;
    return number;
  }

  /** Removes and returns what has this number; undefined where nothing has. */
  take(number: number): Item | undefined {
    const item = this.#items[number];
    if (item === undefined) return undefined;
    this.#items[number] = undefined;
    this.#free.push(number);
    return item;
  }

  *entries(): Iterable<[number: number, item: Item]> {
    for (const [number, item] of this.#items.entries())
      if (item !== undefined) yield [number, item];
  }
}
