/**
 * Takes items one by one and hands them on in batches: whatever has gathered while the batches before
 * were under way, and in a few turns of the event loop. There is no timer: turns are short while the
 * process is idle, and an item alone leaves at once; they are long, and gather much, while it is busy.
 */
export class BatchLane<Item> {
  readonly #process: (items: Item[]) => Promise<void>;
  readonly #max: number;
  readonly #inFlight: number;
  readonly #turns: number;
  #items: Item[] = [];
  #running = 0;
  #scheduled = false;
  #drained: (() => void)[] = [];

  /** `process` must not reject: what becomes of its items is its own to see to. */
  constructor(options: {
    max: number;
    inFlight: number;
    /** Turns of the event loop that the first of a batch waits for others; 1 when absent. */
    turns?: number;
    process: (items: Item[]) => Promise<void>;
  }) {
    this.#process = options.process;
    this.#max = options.max;
    this.#inFlight = options.inFlight;
    this.#turns = options.turns ?? 1;
  }

  get depth(): number {
    return this.#items.length;
  }

  add(item: Item): void {
    this.#items.push(item);
    this.#pumpSoon();
  }

  /** Resolves when nothing waits and nothing is under way. */
  drained(): Promise<void> {
    if (this.#items.length === 0 && this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #pumpSoon(): void {
    if (this.#scheduled || this.#running >= this.#inFlight) return;
    this.#scheduled = true;
    afterTurns(this.#turns, () => {
      this.#scheduled = false;
      while (this.#running < this.#inFlight && this.#items.length > 0) {
        const items = this.#items.splice(0, this.#max);
        this.#running++;
        void this.#process(items).finally(() => {
          this.#running--;
          if (this.#items.length > 0) this.#pumpSoon();
          else if (this.#running === 0) for (const each of this.#drained.splice(0)) each();
        });
      }
    });
  }
}

function afterTurns(turns: number, then: () => void): void {
  setImmediate(turns > 1 ? () => afterTurns(turns - 1, then) : then);
}
