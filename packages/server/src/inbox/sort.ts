import type {
  ChannelAddress,
  InboundItem,
  InboundMessage,
  InboundOutcome,
  InboundRequest,
  InboundStatus,
  UnroutableReason,
} from "../core/inbound.ts";
import type { MessagePlace } from "../storage/messages.ts";
import { keyOfName, type ProviderName } from "../storage/provider-refs.ts";
import { keyOfAddress, type RoutedChannel } from "../storage/routing.ts";

/** An item with the channel it belongs to and its place among all the items of the batch. */
export interface Placed<Item extends InboundItem> {
  readonly item: Item;
  readonly at: number;
  /** Which request it came with. */
  readonly unit: number;
  readonly route: RoutedChannel;
}

export interface NewInbound extends Placed<InboundMessage> {
  readonly messageId: string;
  /** Our id of the message that it answers, or null when that one is not known. */
  readonly quotedId: string | null;
}

export interface Heard extends Placed<InboundStatus> {
  /** The message of ours that it speaks of. */
  readonly message: MessagePlace;
}

/** An item that belongs nowhere, and why. */
export interface Stray {
  readonly item: InboundItem;
  readonly unit: number;
  readonly reason: UnroutableReason;
}

export interface Sorted {
  /** Each message once, however often the batch tells of it. */
  messages: Placed<InboundMessage>[];
  repeats: Placed<InboundMessage>[];
  statuses: Placed<InboundStatus>[];
  strays: Stray[];
}

export function addressesOf(requests: readonly InboundRequest[]): ChannelAddress[] {
  const addresses = new Map<string, ChannelAddress>();
  for (const { items } of requests) {
    for (const { channel } of items) if (channel) addresses.set(keyOfAddress(channel), channel);
  }
  return [...addresses.values()];
}

/** Puts every item of a batch where it belongs. */
export function sortItems(
  requests: readonly InboundRequest[],
  routes: ReadonlyMap<string, RoutedChannel>,
): Sorted {
  const sorted: Sorted = { messages: [], repeats: [], statuses: [], strays: [] };
  const seen = new Set<string>();
  let at = 0;
  requests.forEach((request, unit) => {
    for (const item of request.items) {
      const route = item.channel === null ? undefined : routes.get(keyOfAddress(item.channel));
      const reason = whyNot(request, item, route);
      if (reason !== null || route === undefined || item.kind === "unreadable") {
        sorted.strays.push({ item, unit, reason: reason ?? "unknown_channel" });
      } else if (item.kind === "status") {
        sorted.statuses.push({ item, at: at++, unit, route });
      } else if (item.kind !== "message") {
        sorted.strays.push({ item, unit, reason: "unknown_field" });
      } else {
        const placed = { item, at: at++, unit, route };
        const name = keyOfName(nameOf(placed));
        (seen.has(name) ? sorted.repeats : sorted.messages).push(placed);
        seen.add(name);
      }
    }
  });
  return sorted;
}

function whyNot(
  { onlyChannelId }: InboundRequest,
  item: InboundItem,
  route: RoutedChannel | undefined,
): UnroutableReason | null {
  if (item.kind === "unreadable") return item.reason;
  if (route === undefined) return "unknown_channel";
  // Who holds one channel's secret may speak for that channel alone.
  return onlyChannelId === null || onlyChannelId === route.channel.id ? null : "other_channel";
}

export function nameOf({ item, route }: Placed<InboundMessage | InboundStatus>): ProviderName {
  return { channelId: route.channel.id, providerId: item.providerId };
}

/** What became of each request's items. */
export function outcomesOf(
  requests: readonly InboundRequest[],
  { messages, repeats, statuses, strays }: Sorted,
): InboundOutcome[] {
  const outcomes = requests.map(() => ({
    messages: 0,
    unsupported: 0,
    duplicates: 0,
    statuses: 0,
    facts: 0,
    waiting: 0,
    unroutable: 0,
  }));
  const count = (unit: number, what: keyof InboundOutcome) => {
    const outcome = outcomes[unit];
    if (outcome) outcome[what]++;
  };
  for (const { item, unit } of messages) {
    count(unit, "messages");
    if (item.content.type === "unsupported") count(unit, "unsupported");
  }
  for (const { unit } of repeats) count(unit, "duplicates");
  for (const { unit } of statuses) count(unit, "statuses");
  for (const { unit } of strays) count(unit, "unroutable");
  return outcomes;
}
