import type { Matcher } from "./event-filter.ts";
import { type EventFacts, type EventName, factsOf, findName } from "./event-names.ts";
import { isOperational } from "./event-types.ts";

/** Which events an endpoint asked for. An empty list asks for all. */
export interface Subscription {
  /** `*` (all but the operational ones), `order.*`, types, or the dialect's own names. */
  readonly events: readonly string[];
  /** Kinds and ids together say which channels: an event of one of either is wanted. */
  readonly channelKinds: readonly string[];
  readonly channelIds: readonly string[];
  readonly accountIds: readonly string[];
  readonly campaignIds: readonly string[];
  /** The account whose key made the endpoint: it gets nothing of any other. */
  readonly ownerAccountId: string | null;
  /** The content filter, compiled; null for none. */
  readonly matches: Matcher | null;
  /** The names that the endpoint's dialect has for events; null when it speaks of canonical types. */
  readonly vocabulary: Vocabulary | null;
}

export interface Vocabulary {
  readonly names: readonly EventName[];
  /** Events without a name are sent too, under their canonical types. */
  readonly extended: boolean;
}

/** What of an event decides who gets it. */
export interface Subject {
  readonly type: string;
  readonly channelKind: string | null;
  readonly channelId: string | null;
  readonly accountId: string | null;
  readonly campaignId: string | null;
}

/** What of a subscription keeps an event from its endpoint; the first that does, in this order. */
export type LeftOutBy = "account" | "type" | "channel" | "account_filter" | "campaign" | "filter";

/**
 * Whether an endpoint with this subscription gets this event. `body` gives the event's native body;
 * it is asked for only where a content filter must look at it.
 */
export function wants(subscription: Subscription, event: Subject, body: () => object): boolean {
  return leftOutBy(subscription, event, body) === null;
}

/** The filter that keeps an event from an endpoint; null when the endpoint gets it. */
export function leftOutBy(
  subscription: Subscription,
  event: Subject,
  body: () => object,
): LeftOutBy | null {
  const { matches } = subscription;
  const before = leftOutUnread(subscription, event, () => factsOf(event, body()));
  return before ?? (matches !== null && !matches(body()) ? "filter" : null);
}

/**
 * What keeps an event from an endpoint before its content filter has looked at it. The same for all
 * events of one subject and the same facts, which are asked for only where names depend on them.
 */
export function leftOutUnread(
  subscription: Subscription,
  event: Subject,
  facts: () => EventFacts,
): Exclude<LeftOutBy, "filter"> | null {
  const { ownerAccountId, accountIds, campaignIds, events, vocabulary } = subscription;
  if (ownerAccountId !== null && ownerAccountId !== event.accountId) return "account";
  if (!mayWantType(subscription, event.type)) return "type";
  if (!wantsChannel(subscription, event)) return "channel";
  if (accountIds.length > 0 && !isIn(accountIds, event.accountId)) return "account_filter";
  if (campaignIds.length > 0 && !isIn(campaignIds, event.campaignId)) return "campaign";
  if (vocabulary !== null && !wantsNamed(events, vocabulary, facts())) return "type";
  return null;
}

/** Whether an endpoint wants some events of a type, whatever else is asked of them. */
export function mayWantType({ events, vocabulary }: Subscription, type: string): boolean {
  if (vocabulary === null) return listsType(events, type);
  return vocabulary.extended || vocabulary.names.some((each) => each.type === type);
}

/**
 * A name stands for what the dialect means by it: an event that has none is not sent under a type
 * that is also a name of something else.
 */
function wantsNamed(events: readonly string[], vocabulary: Vocabulary, facts: EventFacts): boolean {
  const { names, extended } = vocabulary;
  const name = findName(names, facts);
  if (name !== null) return events.includes(name) || listsType(events, facts.type);
  return (
    extended && !names.some((each) => each.name === facts.type) && listsType(events, facts.type)
  );
}

/** Whether a list of selectors names a type, whatever a dialect calls it. */
export function listsType(events: readonly string[], type: string): boolean {
  if (events.length === 0) return !isOperational(type);
  return events.some((each) => {
    if (each === type) return true;
    if (each === "*") return !isOperational(type);
    return each.endsWith(".*") && type.startsWith(each.slice(0, -1));
  });
}

function wantsChannel({ channelKinds, channelIds }: Subscription, event: Subject): boolean {
  if (channelKinds.length === 0 && channelIds.length === 0) return true;
  return isIn(channelKinds, event.channelKind) || isIn(channelIds, event.channelId);
}

function isIn(list: readonly string[], value: string | null): boolean {
  return value !== null && list.includes(value);
}
