/** One message's way to its provider, on one leave to go. */
export interface Flight {
  readonly messageId: string;
  readonly channelId: string;
}

/** What this process has handed to providers, or is about to, and has not recorded yet. */
export class Flights {
  readonly #flights = new Map<Flight, Promise<void>>();
  readonly #ofMessage = new Map<string, number>();
  readonly #ofChannel = new Map<string, number>();

  get size(): number {
    return this.#flights.size;
  }

  /** A message may have a later flight while the answer about an earlier one is still on its way here. */
  has(messageId: string): boolean {
    return this.#ofMessage.has(messageId);
  }

  countOf(channelId: string): number {
    return this.#ofChannel.get(channelId) ?? 0;
  }

  /** Keeps a flight until it is landed. */
  begin(flight: Flight, carry: () => Promise<void>): void {
    count(this.#ofMessage, flight.messageId, 1);
    count(this.#ofChannel, flight.channelId, 1);
    // Registered before it begins: whoever looks meanwhile must find it.
    this.#flights.set(flight, Promise.resolve());
    const done = carry();
    if (this.#flights.has(flight)) this.#flights.set(flight, done);
  }

  land(flight: Flight): void {
    if (!this.#flights.delete(flight)) return;
    count(this.#ofMessage, flight.messageId, -1);
    count(this.#ofChannel, flight.channelId, -1);
  }

  /** Resolves when everything that is under way, and what follows from it, has come to an end. */
  async quiet(): Promise<void> {
    const ended = new Set<Flight>();
    for (;;) {
      const flights = [...this.#flights].filter(([flight]) => !ended.has(flight));
      if (flights.length === 0) return;
      for (const [flight] of flights) ended.add(flight);
      await Promise.all(flights.map(([, done]) => done));
    }
  }
}

function count(counts: Map<string, number>, name: string, change: 1 | -1): void {
  const after = (counts.get(name) ?? 0) + change;
  if (after === 0) counts.delete(name);
  else counts.set(name, after);
}
