/** One accepted event in the order of ids: how many of its deliveries have no first outcome yet. */
export interface Tracked {
  id: string;
  open: number;
}

interface Open {
  before: string;
  /** Moments are counted by the versions that are applied. */
  at: number;
}

/**
 * The two floors of a process. Everything it inserts from now on is above the insert floor; below
 * the settled floor nothing of its events is carried in memory alone. Both only rise.
 */
export class Floors {
  /** Ids whose outcome is not known: for each transaction under way, the last id before its first. */
  readonly #open = new Set<Open>();
  /** Versions that were applied and may not be passed yet, with the moment, in order. */
  #applied: { version: number; at: number }[] = [];
  #newest = 0;
  #passed = 0;
  #moment = 0;
  #events: Tracked[] = [];
  #head = 0;
  #settled: string;

  constructor(start: string) {
    this.#settled = start;
  }

  /** A transaction begins to take ids; `before` is the last id that was made until now. */
  begin(before: string): Open {
    const token = { before, at: this.#moment };
    this.#open.add(token);
    return token;
  }

  end(token: Open): void {
    this.#open.delete(token);
  }

  /** The last version such that no transaction is under way which began before it was applied. */
  passedVersion(applied: number): number {
    if (applied > this.#newest) {
      this.#newest = applied;
      this.#applied.push({ version: applied, at: ++this.#moment });
    }
    let oldest = this.#moment;
    for (const { at } of this.#open) oldest = Math.min(oldest, at);
    for (const { version, at } of this.#applied) if (at <= oldest) this.#passed = version;
    this.#applied = this.#applied.filter(({ at }) => at > oldest);
    return this.#passed;
  }

  /** Remembers an event at the moment its id is made, so that the list is in the order of ids. */
  track(id: string): Tracked {
    const tracked = { id, open: Number.POSITIVE_INFINITY };
    this.#events.push(tracked);
    return tracked;
  }

  /** `last` is the last id made; it is passed only when no outcome below it is unknown. */
  insertFloor(last: string): string {
    let floor = last;
    for (const { before } of this.#open) if (before < floor) floor = before;
    return floor;
  }

  settledFloor(insertFloor: string): string {
    const events = this.#events;
    while (this.#head < events.length) {
      const first = events[this.#head];
      if (first === undefined || first.open > 0) break;
      this.#settled = first.id;
      this.#head++;
    }
    if (this.#head === events.length) {
      this.#events = [];
      this.#head = 0;
      if (insertFloor > this.#settled) this.#settled = insertFloor;
    } else if (this.#head > 10_000) {
      this.#events = events.slice(this.#head);
      this.#head = 0;
    }
    return this.#settled < insertFloor ? this.#settled : insertFloor;
  }
}
