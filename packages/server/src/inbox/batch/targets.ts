import type { Recording } from "../../core/events/recording.ts";
import { firstIdAt } from "../../core/ids.ts";
import type {
  InboundFact,
  InboundItem,
  InboundStatus,
  InboundWatermark,
} from "../../core/messages/inbound.ts";
import { findConversations, keyOfConversation } from "../../storage/conversations/conversations.ts";
import {
  findMessagePlaces,
  findReached,
  type MessagePlace,
  type Reach,
} from "../../storage/conversations/messages.ts";
import { findProviderRefs, keyOfName } from "../../storage/conversations/provider-refs.ts";
import { takeWaitingFor } from "../../storage/conversations/waiting.ts";
import type { Affair } from "./affairs.ts";
import type { Cast } from "./cast.ts";
import type { Change, Reached } from "./changes.ts";
import { type Heard, type NewWords, nameOf, type Placed, type Sorted } from "./sort.ts";

/** Receipts of messages that are older than this change nothing any more. */
const SETTLED_AFTER_MS = 30 * 86_400_000;

/** What waited for these messages, which are there now; it comes after everything else of the batch. */
export async function joinEarly(
  { tx }: Recording,
  words: readonly NewWords[],
): Promise<Placed<InboundStatus | InboundFact>[]> {
  const taken = await takeWaitingFor(tx, words.map(nameOf));
  if (taken.length === 0) return [];
  const routes = new Map(words.map(({ route }) => [route.channel.id, route]));
  return taken.flatMap(({ channelId, item }, n) => {
    const route = routes.get(channelId);
    if (route === undefined || !canWait(item)) return [];
    return [{ item, at: AFTER_ALL + n, unit: null, route, hasWaited: "on" as const }];
  });
}

const AFTER_ALL = 1e9;

function canWait(item: InboundItem): item is InboundStatus | InboundFact {
  return item.kind !== "message" && item.kind !== "echo" && item.kind !== "unreadable";
}

export interface Aimed {
  heard: Heard[];
  changes: Change[];
  reached: Reached[];
  affairs: Omit<Affair, "nameBefore" | "usernameBefore">[];
}

/** Finds the message or the conversation that each fact is about. What finds no message is early, or a stray. */
export async function aim(
  recording: Recording,
  sorted: Sorted,
  joined: readonly Placed<InboundStatus | InboundFact>[],
  cast: Cast,
): Promise<Aimed> {
  const { tx } = recording;
  const facts: Placed<InboundStatus | InboundFact>[] = [...sorted.facts, ...joined];
  const aimedAt = facts.flatMap((fact) => {
    const target = targetOf(fact.item);
    return target === null ? [] : [{ fact, channelId: fact.route.channel.id, providerId: target }];
  });
  const refs = await findProviderRefs(tx, aimedAt);
  const places = await findMessagePlaces(tx, [...new Set(refs.values())]);
  const found = new Map<Placed<InboundStatus | InboundFact>, MessagePlace>();
  for (const each of aimedAt) {
    const place = places.get(refs.get(keyOfName(each)) ?? "");
    if (place?.channelId === each.channelId) found.set(each.fact, place);
  }
  const missing = new Set(aimedAt.flatMap(({ fact }) => (found.has(fact) ? [] : [fact])));
  for (const fact of missing) {
    const { item, unit } = fact;
    const target = targetOf(item);
    if (fact.hasWaited === "enough") sorted.strays.push({ item, unit, reason: "unknown_message" });
    else if (target !== null) sorted.early.push({ placed: fact, target });
  }
  sorted.facts = sorted.facts.filter((fact) => !missing.has(fact));

  const conversations = await conversationsOf(recording, sorted.facts, cast);
  const aimed: Aimed = { heard: [], changes: [], reached: [], affairs: [] };
  const marks: { fact: Placed<InboundWatermark>; reach: Reach }[] = [];
  for (const fact of facts) {
    if (missing.has(fact)) continue;
    const { item } = fact;
    const message = found.get(fact);
    switch (item.kind) {
      case "status":
        if (message?.direction === "outbound") aimed.heard.push({ ...fact, item, message });
        break;
      case "edit":
      case "deletion":
      case "reaction":
        if (message) aimed.changes.push({ ...fact, item, message });
        break;
      case "watermark": {
        const conversationId =
          message?.conversationId ?? conversations.get(fact)?.conversationId ?? null;
        if (conversationId === null) break;
        const reach = {
          conversationId,
          status: item.status,
          until: message ? null : item.until,
          throughId: message?.id ?? null,
        };
        marks.push({ fact: { ...fact, item }, reach });
        break;
      }
      default: {
        const { contactId = null, conversationId = null } = conversations.get(fact) ?? {};
        aimed.affairs.push({ ...fact, item, contactId, conversationId });
      }
    }
  }
  const since = firstIdAt(recording.now - SETTLED_AFTER_MS);
  const reached = await findReached(
    tx,
    marks.map(({ reach }) => reach),
    since,
  );
  marks.forEach(({ fact, reach }, n) => {
    aimed.reached.push({
      ...fact,
      conversationId: reach.conversationId,
      messageIds: reached[n] ?? [],
    });
  });
  return aimed;
}

/** What the provider calls the message that a fact is about. */
function targetOf(item: InboundStatus | InboundFact): string | null {
  if (item.kind === "status") return item.providerId;
  return "targetProviderId" in item ? item.targetProviderId : null;
}

interface Subject {
  contactId: string | null;
  conversationId: string | null;
}

/** Whom each fact without a message is about, and their conversation where there is one. */
async function conversationsOf(
  { tx }: Recording,
  facts: readonly Placed<InboundFact>[],
  cast: Cast,
): Promise<Map<Placed<InboundStatus | InboundFact>, Subject>> {
  const subjects = facts.flatMap((fact) => {
    const contactId = cast.subjectOf(fact);
    return contactId === null ? [] : [{ fact, contactId, channelId: fact.route.channel.id }];
  });
  const wanted = new Map(subjects.map((each) => [keyOfConversation(each), each]));
  const found = await findConversations(tx, [...wanted.values()]);
  return new Map(
    subjects.map((each) => {
      const conversationId = found.get(keyOfConversation(each))?.id ?? null;
      return [each.fact, { contactId: each.contactId, conversationId }];
    }),
  );
}
