import { type EventFacts, factsOf } from "../core/event-names.ts";
import {
  leftOutUnread,
  mayWantType,
  type Subject,
  type Subscription,
} from "../core/subscription.ts";

/** An endpoint, as far as matching goes. */
interface Addressee {
  readonly serial: number;
  readonly subscription: Subscription;
}

/** Endpoints that are remembered at most, for all subjects together. */
const MOST_REMEMBERED = 500_000;

/**
 * Finds the endpoints that an event must reach. A workspace may have ten thousand: those that might
 * want a type are found once, and whom a subject reaches is remembered, since subjects come again.
 * Content filters look at each event anew.
 */
export class Addressees {
  readonly #endpoints: readonly Addressee[];
  readonly #haveNames: boolean;
  readonly #byType = new Map<string, readonly Addressee[]>();
  readonly #bySubject = new Map<string, readonly Addressee[]>();
  #remembered = 0;

  constructor(endpoints: readonly Addressee[]) {
    this.#endpoints = endpoints;
    this.#haveNames = endpoints.some(({ subscription }) => subscription.vocabulary !== null);
  }

  /** Their serials; `body` is the event's native body. */
  of(event: Subject, body: object): number[] {
    const facts = this.#haveNames ? factsOf(event, body) : null;
    const serials: number[] = [];
    for (const { serial, subscription } of this.#unfiltered(event, body, facts)) {
      if (subscription.matches === null || subscription.matches(body)) serials.push(serial);
    }
    return serials;
  }

  #unfiltered(event: Subject, body: object, facts: EventFacts | null): readonly Addressee[] {
    const key = keyOf(event, facts);
    const known = this.#bySubject.get(key);
    if (known) return known;
    const getFacts = () => facts ?? factsOf(event, body);
    const found = this.#mayWant(event.type).filter(
      ({ subscription }) => leftOutUnread(subscription, event, getFacts) === null,
    );
    if (this.#remembered > MOST_REMEMBERED) this.#forget();
    this.#remembered += found.length + 1;
    this.#bySubject.set(key, found);
    return found;
  }

  #mayWant(type: string): readonly Addressee[] {
    let endpoints = this.#byType.get(type);
    if (!endpoints) {
      endpoints = this.#endpoints.filter(({ subscription }) => mayWantType(subscription, type));
      this.#remembered += endpoints.length + 1;
      this.#byType.set(type, endpoints);
    }
    return endpoints;
  }

  #forget(): void {
    this.#byType.clear();
    this.#bySubject.clear();
    this.#remembered = 0;
  }
}

/** Types, ids and kinds hold no line breaks; what a publisher wrote may. */
function keyOf(event: Subject, facts: EventFacts | null): string {
  const { type, channelKind, channelId, accountId, campaignId } = event;
  const subject = `${type}\n${channelKind}\n${channelId}\n${accountId}\n${JSON.stringify(campaignId)}`;
  if (facts === null) return subject;
  return `${subject}\n${JSON.stringify([facts.content, facts.actor, facts.medium])}`;
}
