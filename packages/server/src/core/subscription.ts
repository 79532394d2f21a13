import type { Matcher } from "./event-filter.ts";
import { isOperational } from "./event-types.ts";

/** Which events an endpoint asked for. An empty list asks for all. */
export interface Subscription {
  /** `*` (all but the operational ones), `order.*`, or types. */
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
  const { ownerAccountId, accountIds, campaignIds, matches } = subscription;
  if (ownerAccountId !== null && ownerAccountId !== event.accountId) return "account";
  if (!wantsType(subscription.events, event.type)) return "type";
  if (!wantsChannel(subscription, event)) return "channel";
  if (accountIds.length > 0 && !isIn(accountIds, event.accountId)) return "account_filter";
  if (campaignIds.length > 0 && !isIn(campaignIds, event.campaignId)) return "campaign";
  if (matches !== null && !matches(body())) return "filter";
  return null;
}

function wantsType(events: readonly string[], type: string): boolean {
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
