import { parseId } from "../core/ids.ts";
import type { InboundMessage, InboundStatus } from "../core/inbound.ts";
import type { Recording } from "../core/recording.ts";
import { findMessagePlaces, type MessagePlace } from "../storage/messages.ts";
import {
  findProviderRefs,
  insertProviderRefs,
  keyOfName,
  type ProviderRef,
} from "../storage/provider-refs.ts";
import { type Heard, type NewInbound, nameOf, type Placed, type Sorted } from "./sort.ts";

/**
 * Tells what is new from what was told before, and whose statuses these are. Messages that are known
 * join the repeats, statuses of messages that nobody knows the strays.
 *
 * A status names its message by the provider's id, and by the token that we sent along: our own id.
 * The token is what reconciles a message whose answer was lost: the provider's id is learned here.
 */
export async function recognise(
  recording: Recording,
  sorted: Sorted,
): Promise<{ messages: NewInbound[]; heard: Heard[] }> {
  const { tx } = recording;
  const tokens = new Map<Placed<InboundStatus>, string>();
  for (const status of sorted.statuses) {
    const id = status.item.token === null ? null : parseId("msg", status.item.token);
    if (id !== null) tokens.set(status, id);
  }
  const places = await findMessagePlaces(tx, [...new Set(tokens.values())]);

  const refs = new Map<string, ProviderRef>();
  for (const message of sorted.messages) {
    const name = nameOf(message);
    refs.set(keyOfName(name), { ...name, messageId: recording.newId() });
  }
  for (const [status, messageId] of tokens) {
    const name = nameOf(status);
    if (refs.has(keyOfName(name)) || !isOurs(places.get(messageId), status)) continue;
    refs.set(keyOfName(name), { ...name, messageId });
  }
  const taken = await insertProviderRefs(tx, [...refs.values()]);
  const messages = keepNew(sorted, taken);
  const known = await findProviderRefs(tx, [
    ...sorted.statuses.map(nameOf),
    ...messages.flatMap(({ item, route }) =>
      item.quotedProviderId === null
        ? []
        : [{ channelId: route.channel.id, providerId: item.quotedProviderId }],
    ),
  ]);
  const unread = [...known.values()].filter((id) => !places.has(id));
  for (const [id, place] of await findMessagePlaces(tx, unread)) places.set(id, place);

  return {
    messages: messages.flatMap((message) => {
      const ref = refs.get(keyOfName(nameOf(message)));
      return ref
        ? [{ ...message, messageId: ref.messageId, quotedId: quotedId(message, known) }]
        : [];
    }),
    heard: hear(sorted, known, places),
  };
}

function isOurs(place: MessagePlace | undefined, { route }: Placed<InboundStatus>): boolean {
  return place?.direction === "outbound" && place.channelId === route.channel.id;
}

function keepNew(sorted: Sorted, taken: ReadonlySet<string>): Placed<InboundMessage>[] {
  const isNew = (message: Placed<InboundMessage>) => taken.has(keyOfName(nameOf(message)));
  sorted.repeats.push(...sorted.messages.filter((message) => !isNew(message)));
  sorted.messages = sorted.messages.filter(isNew);
  return sorted.messages;
}

function quotedId(
  { item, route }: Placed<InboundMessage>,
  known: ReadonlyMap<string, string>,
): string | null {
  if (item.quotedProviderId === null) return null;
  const name = { channelId: route.channel.id, providerId: item.quotedProviderId };
  return known.get(keyOfName(name)) ?? null;
}

function hear(
  sorted: Sorted,
  known: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, MessagePlace>,
): Heard[] {
  const heard: Heard[] = [];
  for (const status of sorted.statuses) {
    const message = places.get(known.get(keyOfName(nameOf(status))) ?? "");
    if (message !== undefined && isOurs(message, status)) heard.push({ ...status, message });
    else sorted.strays.push({ item: status.item, unit: status.unit, reason: "unknown_message" });
  }
  sorted.statuses = heard;
  return heard;
}
