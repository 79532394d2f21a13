import type { Recording } from "../../core/events/recording.ts";
import type { InboundEcho, InboundFact, InboundMessage } from "../../core/messages/inbound.ts";
import { findMessagePlaces, type MessagePlace } from "../../storage/conversations/messages.ts";
import {
  type FactName,
  findProviderRefs,
  insertProviderRefs,
  keyOfFact,
  keyOfName,
  type ProviderRef,
  takeFacts,
} from "../../storage/conversations/provider-refs.ts";
import { claimOurs, isOurs } from "./own-echoes.ts";
import { type Heard, type NewWords, nameOf, type Placed, type Sorted } from "./sort.ts";

/**
 * Tells what is new from what was told before, and whose statuses these are. Messages and facts that are
 * known join the repeats, statuses of messages that nobody knows those that came too early.
 *
 * A status names its message by the provider's id, and by the token that we sent along: our own id.
 * The token is what reconciles a message whose answer was lost: the provider's id is learned here.
 */
export async function recognise(
  recording: Recording,
  sorted: Sorted,
): Promise<{ words: NewWords[]; heard: Heard[] }> {
  const { tx } = recording;
  const { messageIds, places } = await claimOurs(tx, sorted);

  const refs = new Map<string, ProviderRef>();
  for (const message of sorted.messages) {
    const name = nameOf(message);
    refs.set(keyOfName(name), { ...name, messageId: recording.newId() });
  }
  for (const [status, messageId] of messageIds) {
    const name = nameOf(status);
    if (!refs.has(keyOfName(name))) refs.set(keyOfName(name), { ...name, messageId });
  }
  const taken = await insertProviderRefs(tx, [...refs.values()]);
  const fresh = keepNew(sorted, refs, taken);
  await keepNewFacts(recording, sorted);
  const known = await findProviderRefs(tx, [
    ...sorted.statuses.map(nameOf),
    ...fresh.flatMap(({ message: { item, route } }) =>
      item.quotedProviderId === null
        ? []
        : [{ channelId: route.channel.id, providerId: item.quotedProviderId }],
    ),
  ]);
  const unread = [...known.values()].filter((id) => !places.has(id));
  for (const [id, place] of await findMessagePlaces(tx, unread)) places.set(id, place);

  return {
    words: fresh.map(({ message, messageId }) => ({
      ...message,
      messageId,
      quotedId: quotedId(message, known),
    })),
    heard: hear(sorted, known, places),
  };
}

interface Fresh {
  message: Placed<InboundMessage | InboundEcho>;
  messageId: string;
}

function keepNew(
  sorted: Sorted,
  refs: ReadonlyMap<string, ProviderRef>,
  taken: ReadonlySet<string>,
): Fresh[] {
  const fresh: Fresh[] = [];
  for (const message of sorted.messages) {
    const key = keyOfName(nameOf(message));
    const ref = refs.get(key);
    if (ref && taken.has(key)) fresh.push({ message, messageId: ref.messageId });
    else sorted.repeats.push(message);
  }
  sorted.messages = fresh.map(({ message }) => message);
  return fresh;
}

/** Facts without a name are all new; those that have waited were new when they came. */
async function keepNewFacts(recording: Recording, sorted: Sorted): Promise<void> {
  const names = new Map<string, FactName & { id: string }>();
  const first = new Map<string, Placed<InboundFact>>();
  for (const fact of sorted.facts) {
    const name = factNameOf(fact);
    if (name === null || names.has(keyOfFact(name))) continue;
    names.set(keyOfFact(name), { ...name, id: recording.newId() });
    first.set(keyOfFact(name), fact);
  }
  const taken = await takeFacts(recording.tx, [...names.values()]);
  const isNew = (fact: Placed<InboundFact>) => {
    const name = factNameOf(fact);
    if (name === null) return true;
    return taken.has(keyOfFact(name)) && first.get(keyOfFact(name)) === fact;
  };
  sorted.repeats.push(...sorted.facts.filter((fact) => !isNew(fact)));
  sorted.facts = sorted.facts.filter(isNew);
}

function factNameOf({ item, route, hasWaited }: Placed<InboundFact>): FactName | null {
  if (item.providerId === null || hasWaited) return null;
  const channelId = route.channel.id;
  // A comment is looked for by its name when it is answered.
  return item.kind === "comment" && item.providerId === item.commentId
    ? { channelId, kind: "comment", providerId: item.providerId }
    : { channelId, kind: "fact", providerId: `${item.kind}:${item.providerId}` };
}

function quotedId(
  { item, route }: Placed<InboundMessage | InboundEcho>,
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
    const { item, unit, hasWaited } = status;
    const message = places.get(known.get(keyOfName(nameOf(status))) ?? "");
    if (message !== undefined && isOurs(message, status)) heard.push({ ...status, message });
    // Of a customer's message there is no status; of an unknown one it may come before its answer.
    else if (message !== undefined || hasWaited === "enough") {
      sorted.strays.push({ item, unit, reason: "unknown_message" });
    } else sorted.early.push({ placed: status, target: item.providerId });
  }
  sorted.statuses = heard;
  return heard;
}
