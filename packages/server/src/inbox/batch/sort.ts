import type {
  ChannelAddress,
  InboundEcho,
  InboundFact,
  InboundItem,
  InboundMessage,
  InboundOutcome,
  InboundRequest,
  InboundStatus,
  UnroutableReason,
} from "../../core/messages/inbound.ts";
import { keyOfAddress, type RoutedChannel } from "../../storage/channels/routing.ts";
import type { MessagePlace } from "../../storage/conversations/messages.ts";
import { keyOfName, type ProviderName } from "../../storage/conversations/provider-refs.ts";

/** An item with the channel it belongs to and its place among all the items of the batch. */
export interface Placed<Item extends InboundItem> {
  readonly item: Item;
  readonly at: number;
  /** Which request it came with; null for what has waited in the database. */
  readonly unit: number | null;
  readonly route: RoutedChannel;
  /** It has waited for its message before: nothing is new about it but that the message is there. */
  readonly hasWaited?: "on" | "enough";
}

/** A message that is kept now: a customer's, or one of the business by another way than ours. */
export interface NewWords<Item extends InboundMessage | InboundEcho = InboundMessage | InboundEcho>
  extends Placed<Item> {
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
  readonly unit: number | null;
  readonly reason: UnroutableReason;
}

/** An item whose message has not come yet. */
export interface Early {
  readonly placed: Placed<InboundStatus | InboundFact>;
  readonly target: string;
}

export interface Sorted {
  /** Each message once, however often the batch tells of it. */
  messages: Placed<InboundMessage | InboundEcho>[];
  repeats: Placed<InboundItem>[];
  statuses: Placed<InboundStatus>[];
  facts: Placed<InboundFact>[];
  strays: Stray[];
  early: Early[];
}

/** Where items can go: by `keyOfAddress`, and by a WhatsApp business account's id. */
export interface Routes {
  channels: ReadonlyMap<string, RoutedChannel>;
  businessAccounts: ReadonlyMap<string, readonly RoutedChannel[]>;
}

/** All that a batch names, each once. */
export function addressesOf(requests: readonly InboundRequest[]): {
  channels: ChannelAddress[];
  businessAccounts: string[];
} {
  const channels = new Map<string, ChannelAddress>();
  const businessAccounts = new Set<string>();
  for (const { items } of requests) {
    for (const item of items) {
      if (isOfBusinessAccount(item)) businessAccounts.add(item.channel.externalId);
      else if (item.channel) channels.set(keyOfAddress(item.channel), item.channel);
    }
  }
  return { channels: [...channels.values()], businessAccounts: [...businessAccounts] };
}

function isOfBusinessAccount(
  item: InboundItem,
): item is Extract<InboundFact, { kind: "template" | "notice" }> {
  return (item.kind === "template" || item.kind === "notice") && item.ofBusinessAccount;
}

/** Puts every item of a batch where it belongs. What waited and was taken by somebody else is left out. */
export function sortItems(
  requests: readonly InboundRequest[],
  routes: Routes,
  still: { waiting: ReadonlySet<string>; kept: ReadonlySet<string> },
): Sorted {
  const sorted: Sorted = {
    messages: [],
    repeats: [],
    statuses: [],
    facts: [],
    strays: [],
    early: [],
  };
  const seen = new Set<string>();
  let at = 0;
  requests.forEach((request, unit) => {
    request.items.forEach((item, n) => {
      const wait = request.waited?.[n];
      if (wait && !still.waiting.has(wait.id)) return;
      const kept = request.kept?.[n];
      if (kept !== undefined && !still.kept.has(kept)) return;
      const found = routesOf(item, routes, request.onlyChannelId);
      if (item.kind === "unreadable" || typeof found === "string") {
        const reason = item.kind === "unreadable" ? item.reason : found;
        sorted.strays.push({
          item,
          unit,
          reason: typeof reason === "string" ? reason : "malformed",
        });
        return;
      }
      const hasWaited = wait
        ? { hasWaited: wait.isOver ? ("enough" as const) : ("on" as const) }
        : {};
      for (const route of found) place({ item, at: at++, unit, route, ...hasWaited }, sorted, seen);
    });
  });
  return sorted;
}

function place(placed: Placed<InboundItem>, sorted: Sorted, seen: Set<string>): void {
  const { item } = placed;
  if (isA(placed, "message") || isA(placed, "echo")) {
    const name = keyOfName(nameOf(placed));
    if (seen.has(name)) sorted.repeats.push(placed);
    else sorted.messages.push(placed);
    seen.add(name);
  } else if (isA(placed, "status")) sorted.statuses.push(placed);
  else if (item.kind !== "unreadable") {
    // Every other kind is a fact.
    sorted.facts.push(placed as Placed<InboundFact>);
  }
}

function isA<Kind extends InboundItem["kind"]>(
  placed: Placed<InboundItem>,
  kind: Kind,
): placed is Placed<Extract<InboundItem, { kind: Kind }>> {
  return placed.item.kind === kind;
}

/** The channels that an item is for, or why it is for none. */
function routesOf(
  item: InboundItem,
  routes: Routes,
  only: string | null,
): readonly RoutedChannel[] | UnroutableReason {
  if (item.channel === null) return "no_channel";
  if (isOfBusinessAccount(item)) {
    const all = routes.businessAccounts.get(item.channel.externalId) ?? [];
    if (all.length === 0) return "unknown_channel";
    // Who holds one channel's secret may speak for that channel alone.
    const open = only === null ? all : all.filter(({ channel }) => channel.id === only);
    return open.length === 0 ? "other_channel" : onePerWorkspace(open);
  }
  const route = routes.channels.get(keyOfAddress(item.channel));
  if (route === undefined) return "unknown_channel";
  return only === null || only === route.channel.id ? [route] : "other_channel";
}

function onePerWorkspace(routes: readonly RoutedChannel[]): RoutedChannel[] {
  const oldest = new Map<string, RoutedChannel>();
  for (const route of routes) {
    if (!oldest.has(route.workspaceId)) oldest.set(route.workspaceId, route);
  }
  return [...oldest.values()];
}

export function nameOf({
  item,
  route,
}: Placed<InboundMessage | InboundEcho | InboundStatus>): ProviderName {
  return { channelId: route.channel.id, providerId: item.providerId };
}

/** What became of each request's items. */
export function outcomesOf(requests: readonly InboundRequest[], sorted: Sorted): InboundOutcome[] {
  const outcomes = requests.map(() => ({
    messages: 0,
    unsupported: 0,
    duplicates: 0,
    statuses: 0,
    facts: 0,
    waiting: 0,
    unroutable: 0,
  }));
  const count = (unit: number | null, what: keyof InboundOutcome) => {
    const outcome = unit === null ? undefined : outcomes[unit];
    if (outcome) outcome[what]++;
  };
  for (const { item, unit } of sorted.messages) {
    count(unit, "messages");
    if (item.content.type === "unsupported") count(unit, "unsupported");
  }
  for (const { unit } of sorted.repeats) count(unit, "duplicates");
  for (const { unit } of sorted.statuses) count(unit, "statuses");
  for (const { unit } of sorted.facts) count(unit, "facts");
  for (const { placed } of sorted.early) count(placed.unit, "waiting");
  for (const { unit } of sorted.strays) count(unit, "unroutable");
  return outcomes;
}
