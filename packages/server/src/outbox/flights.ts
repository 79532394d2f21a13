/** What this process has handed to providers, or is about to, and has not recorded yet. */
export class Flights {
  readonly #flights = new Map<string, { channelId: string; done: Promise<void> }>();
  readonly #ofChannel = new Map<string, number>();

  get size(): number {
    return this.#flights.size;
  }

  has(messageId: string): boolean {
    return this.#flights.has(messageId);
  }

  countOf(channelId: string): number {
    return this.#ofChannel.get(channelId) ?? 0;
  }

  /** Keeps a flight until `land` is called for its message. */
  begin(messageId: string, channelId: string, carry: () => Promise<void>): Promise<void> {
    this.#ofChannel.set(channelId, this.countOf(channelId) + 1);
    // Registered before it begins: whoever looks meanwhile must find it.
    const flight = { channelId, done: Promise.resolve() };
    this.#flights.set(messageId, flight);
    flight.done = carry();
    return flight.done;
  }

  land(messageId: string): void {
    const flight = this.#flights.get(messageId);
    if (!flight) return;
    this.#flights.delete(messageId);
    const left = this.countOf(flight.channelId) - 1;
    if (left > 0) this.#ofChannel.set(flight.channelId, left);
    else this.#ofChannel.delete(flight.channelId);
  }

  /** Resolves when everything that is under way, and what follows from it, has come to an end. */
  async quiet(): Promise<void> {
    const ended = new Set<object>();
    for (;;) {
      const flights = [...this.#flights.values()].filter((flight) => !ended.has(flight));
      if (flights.length === 0) return;
      for (const flight of flights) ended.add(flight);
      await Promise.all(flights.map(({ done }) => done));
    }
  }
}
