/** What one owner has here. The map's tables, which V8 may keep for long, hold this and not the items. */
interface Queue<Item> {
  items: Item[];
}

/**
 * Items that wait, each with its owner. They are taken in turns over the owners, so that who brings a
 * thousand at once keeps the one of another waiting for a single turn; those of one owner keep their order.
 */
export class TurnQueue<Item> {
  #queues = new Map<string, Queue<Item>>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  lengthOf(owner: string): number {
    return this.#queues.get(owner)?.items.length ?? 0;
  }

  push(owner: string, item: Item): void {
    this.#length++;
    const queue = this.#queues.get(owner);
    if (queue) queue.items.push(item);
    else this.#queues.set(owner, { items: [item] });
  }

  /** Whether an item of such an owner waits. */
  hasOf(isMeant: (owner: string) => boolean): boolean {
    for (const owner of this.#queues.keys()) if (isMeant(owner)) return true;
    return false;
  }

  /**
   * Takes up to `most` items that fit, of the owners that are meant. Items that do not stay where they
   * are; after `mostPassed` of them it is not looked further. The next call begins with the owners that
   * had no turn in this one.
   */
  take(
    most: number,
    mostPassed: number,
    fits: (item: Item) => boolean,
    isMeant: (owner: string) => boolean = () => true,
  ): Item[] {
    const taken: Item[] = [];
    let passed = 0;
    const visits = [...this.#queues]
      .filter(([owner]) => isMeant(owner))
      .map(([owner, queue]) => ({
        ...{ owner, queue, items: queue.items, at: 0 },
        left: [] as Item[], // nothing yet
      }));
    const isOver = () => taken.length >= most || passed >= mostPassed;
    let open = visits;
    while (open.length > 0 && !isOver()) {
      for (const visit of open) {
        if (isOver()) break;
        while (visit.at < visit.items.length && passed < mostPassed) {
          const item = visit.items[visit.at++] as Item; // below its length
          if (fits(item)) {
            taken.push(item);
            break;
          }
          visit.left.push(item);
          passed++;
        }
      }
      open = open.filter(({ at, items }) => at < items.length);
    }
    for (const { owner, queue, items, at, left } of visits) {
      if (at === 0) continue;
      this.#queues.delete(owner);
      queue.items = left.concat(items.slice(at));
      if (queue.items.length > 0) this.#queues.set(owner, queue);
    }
    this.#length -= taken.length;
    return taken;
  }
}
