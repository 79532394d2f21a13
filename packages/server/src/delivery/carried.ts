import type { AddressBody } from "../core/messages/media.ts";
import type { Appended } from "./accept/append.ts";
import type { Registration } from "./processes/membership.ts";
import type { Work } from "./work.ts";

/** The first attempts that this process carries of an event that was just accepted. */
export function firstAttempts(
  { event, clear, sealed, tracked, carried, place }: Appended,
  registration: Registration,
  since: number,
  addressBody: AddressBody,
): Work[] {
  tracked.open = carried.length;
  return carried.map((endpoint) => {
    const body = sealed?.get(endpoint) ?? null;
    const isOpen = clear !== null && body === null;
    return {
      registration,
      eventId: event.id,
      endpoint,
      workspaceId: event.workspaceId,
      type: event.type,
      payload: isOpen ? addressBody(clear, endpoint) : event.payload,
      isSealed: body !== null,
      kept: isOpen ? event.payload : null,
      history: event.history,
      n: 1,
      round: 1,
      roundN: 1,
      conversationId: null,
      seq: null,
      body,
      renderer: null,
      tracked,
      leased: false,
      since,
      place,
      flight: null,
      moving: null,
    };
  });
}

/** The event's floor no longer waits for this delivery: its outcome is written, or others have it. */
export function untrack(work: Work): void {
  if (work.tracked) work.tracked.open--;
  work.tracked = null;
}

/** Lets callers wait until nothing is carried. */
export class Quiet {
  readonly #isQuiet: () => boolean;
  #waiting: (() => void)[] = [];

  constructor(isQuiet: () => boolean) {
    this.#isQuiet = isQuiet;
  }

  reached(): Promise<void> {
    return this.#isQuiet() ? Promise.resolve() : new Promise((go) => this.#waiting.push(go));
  }

  check(): void {
    if (this.#isQuiet()) for (const go of this.#waiting.splice(0)) go();
  }
}
