/** How far below what is known of an endpoint's rows there may be one that is not. */
const BOUND_MARGIN_MS = 5_000;

/** What this process believes about one endpoint that has something waiting. */
interface Belief {
  /** When to look next, ms since the epoch. */
  checkAt: number;
  /** No row that is due lies below it, as far as is known here. */
  lowerBound: number;
  /** The lowest bound that was hinted since the last claim left, which may not have seen that row. */
  hintedBound: number;
  /** The earliest time that was hinted since the last peek left. */
  hintedAt: number;
}

/**
 * When which endpoint has something due in `retry`, and from where on to look for it. Hints come at any
 * moment, so also while a claim or a peek is under way that cannot have seen what they tell of.
 */
export class Beliefs {
  readonly #beliefs = new Map<number, Belief>();

  get size(): number {
    return this.#beliefs.size;
  }

  /** A row of an endpoint is due at `at`. */
  hint(endpoint: number, at: number): void {
    const belief = this.#beliefs.get(endpoint);
    const bound = at - BOUND_MARGIN_MS;
    if (!belief) this.#hold(endpoint, at, bound);
    else {
      belief.checkAt = Math.min(belief.checkAt, at);
      belief.lowerBound = Math.min(belief.lowerBound, bound);
      belief.hintedBound = Math.min(belief.hintedBound, bound);
      belief.hintedAt = Math.min(belief.hintedAt, at);
    }
  }

  /** Nothing is known of an endpoint's rows but that there may be some, for however long. */
  look(endpoint: number, now: number): void {
    this.#hold(endpoint, now, 0);
  }

  /** Nothing of an endpoint is to be looked for before `until`. */
  postpone(endpoint: number, until: number): void {
    const belief = this.#beliefs.get(endpoint);
    if (belief) belief.checkAt = until;
  }

  /** When something is due next, or null when nothing is known to wait. */
  nextCheckAt(): number | null {
    let next: number | null = null;
    for (const { checkAt } of this.#beliefs.values()) {
      if (next === null || checkAt < next) next = checkAt;
    }
    return next;
  }

  /** The endpoints that are to be looked at by now, in their order. */
  due(now: number): number[] {
    const due = [...this.#beliefs].filter(([, { checkAt }]) => checkAt <= now);
    return due.map(([endpoint]) => endpoint).sort((a, b) => a - b);
  }

  /** A claim is about to leave: answers from where on it is to look. */
  claiming(endpoint: number): number {
    const belief = this.#beliefs.get(endpoint);
    if (!belief) return 0;
    belief.hintedBound = Number.POSITIVE_INFINITY;
    return belief.lowerBound;
  }

  /** A claim that looked from `lowerBound` on took rows in their order up to one that was due at `last`. */
  claimed(endpoint: number, lowerBound: number, last: number): void {
    const belief = this.#beliefs.get(endpoint);
    if (!belief) return;
    const raised = Math.max(lowerBound, last - BOUND_MARGIN_MS);
    belief.lowerBound = Math.min(raised, belief.hintedBound);
  }

  /** It is about to be asked when the next row is due: answers from where on. */
  peeking(endpoint: number): number {
    const belief = this.#beliefs.get(endpoint);
    if (!belief) return 0;
    belief.hintedAt = Number.POSITIVE_INFINITY;
    return belief.lowerBound;
  }

  /** The next row is due at `nextAt`; absent: none waits. */
  peeked(endpoint: number, nextAt: number | undefined, now: number): void {
    const belief = this.#beliefs.get(endpoint);
    if (!belief) return;
    const seen = nextAt === undefined ? Number.POSITIVE_INFINITY : Math.max(nextAt, now + 1);
    belief.checkAt = Math.min(belief.hintedAt, seen);
    if (belief.checkAt === Number.POSITIVE_INFINITY) this.#beliefs.delete(endpoint);
  }

  #hold(endpoint: number, checkAt: number, lowerBound: number): void {
    const hinted = { hintedBound: lowerBound, hintedAt: checkAt };
    this.#beliefs.set(endpoint, { checkAt, lowerBound, ...hinted });
  }
}
