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
}

/** What of an event decides who gets it. */
export interface Subject {
  readonly type: string;
  readonly channelKind: string | null;
  readonly channelId: string | null;
  readonly accountId: string | null;
  readonly campaignId: string | null;
}

/** Whether an endpoint with this subscription gets this event. */
export function wants(subscription: Subscription, event: Subject): boolean {
  const { ownerAccountId } = subscription;
  return (
    (ownerAccountId === null || ownerAccountId === event.accountId) &&
    wantsType(subscription.events, event.type) &&
    wantsChannel(subscription, event) &&
    (subscription.accountIds.length === 0 || isIn(subscription.accountIds, event.accountId)) &&
    (subscription.campaignIds.length === 0 || isIn(subscription.campaignIds, event.campaignId))
  );
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
