import { type EventFacts, factsOf } from "../../core/events/event-names.ts";
import {
  leftOutUnread,
  mayWantType,
  type Subject,
  type Subscription,
} from "../../core/events/subscription.ts";

/** An endpoint, as far as matching goes. */
interface Addressee {
  readonly serial: number;
  readonly subscription: Subscription;
}

/** Endpoints that are remembered at most, for all subjects together. */
const MOST_REMEMBERED = 500_000;

/** Those that might want a type: by what they narrow to, and those that do not narrow. */
interface Candidates {
  readonly byPlace: ReadonlyMap<string, readonly Addressee[]>;
  readonly everywhere: readonly Addressee[];
}

/**
 * Finds the endpoints that an event must reach. A workspace may have ten thousand: those that might
 * want a type are found once and stand under the account, channel or campaign that they narrow to.
 * Whom a subject reaches is remembered, since subjects come again. Content filters look at each event
 * anew.
 */
export class Addressees {
  readonly #endpoints: readonly Addressee[];
  readonly #haveNames: boolean;
  readonly #byType = new Map<string, Candidates>();
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
    const found = this.#near(event).filter(
      ({ subscription }) => leftOutUnread(subscription, event, getFacts) === null,
    );
    found.sort((a, b) => a.serial - b.serial);
    if (this.#remembered > MOST_REMEMBERED) this.#forget();
    this.#remembered += found.length + 1;
    this.#bySubject.set(key, found);
    return found;
  }

  /** Everybody who might want it: each stands in one kind of place only, so nobody comes twice. */
  #near({ type, accountId, channelId, campaignId }: Subject): Addressee[] {
    const { byPlace, everywhere } = this.#mayWant(type);
    const at = (place: string) => byPlace.get(place) ?? [];
    return [
      ...everywhere,
      ...at(`account ${accountId}`),
      ...at(`channel ${channelId}`),
      ...at(`campaign ${campaignId}`),
    ];
  }

  #mayWant(type: string): Candidates {
    const known = this.#byType.get(type);
    if (known) return known;
    const byPlace = new Map<string, Addressee[]>();
    const everywhere: Addressee[] = [];
    for (const endpoint of this.#endpoints) {
      if (!mayWantType(endpoint.subscription, type)) continue;
      const places = placesOf(endpoint.subscription);
      if (places === null) everywhere.push(endpoint);
      for (const place of places ?? []) {
        const there = byPlace.get(place);
        if (there) there.push(endpoint);
        else byPlace.set(place, [endpoint]);
      }
      this.#remembered += places?.length ?? 1;
    }
    const candidates = { byPlace, everywhere };
    this.#byType.set(type, candidates);
    return candidates;
  }

  #forget(): void {
    this.#byType.clear();
    this.#bySubject.clear();
    this.#remembered = 0;
  }
}

/** The places of one kind that an endpoint narrows to; null when events of anywhere may reach it. */
function placesOf(subscription: Subscription): string[] | null {
  const { ownerAccountId, accountIds, channelKinds, channelIds, campaignIds } = subscription;
  if (ownerAccountId !== null) return [`account ${ownerAccountId}`];
  if (accountIds.length > 0) return [...new Set(accountIds)].map((id) => `account ${id}`);
  if (channelIds.length > 0 && channelKinds.length === 0) {
    return [...new Set(channelIds)].map((id) => `channel ${id}`);
  }
  if (campaignIds.length > 0) return [...new Set(campaignIds)].map((id) => `campaign ${id}`);
  return null;
}

/** Types, ids and kinds hold no line breaks; what a publisher wrote may. */
function keyOf(event: Subject, facts: EventFacts | null): string {
  const { type, channelKind, channelId, accountId, campaignId } = event;
  const subject = `${type}\n${channelKind}\n${channelId}\n${accountId}\n${JSON.stringify(campaignId)}`;
  if (facts === null) return subject;
  return `${subject}\n${JSON.stringify([facts.content, facts.actor, facts.medium])}`;
}
