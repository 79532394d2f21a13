import type { QuotedMessage } from "../core/envelope.ts";
import { publicId } from "../core/ids.ts";
import type { InboundItem, InboundOutcome, InboundRequest } from "../core/inbound.ts";
import type { AcceptorSpec, Recording } from "../core/recording.ts";
import { readContacts } from "../storage/contacts.ts";
import {
  keyOfConversation,
  lockConversationStates,
  noteInbound,
  openConversations,
} from "../storage/conversations.ts";
import { failedAmong, noteFailed } from "../storage/fallbacks.ts";
import {
  insertMessages,
  lockMessages,
  type NewMessage,
  saveProgress,
} from "../storage/messages.ts";
import { deleteOutbox } from "../storage/outbox.ts";
import { type LearnedIdentity, resolvePeople } from "../storage/people.ts";
import { routeAddresses } from "../storage/routing.ts";
import { insertUnroutable } from "../storage/unroutable.ts";
import { mergeDraft, narrate, type Received } from "./narrate.ts";
import { recognise } from "./recognise.ts";
import { countHeard } from "./sms-calls.ts";
import { addressesOf, type Heard, type NewInbound, outcomesOf, sortItems } from "./sort.ts";

/** A request holds up to a thousand items: so many of these make one transaction big enough. */
const MAX_REQUESTS = 32;

/**
 * Takes providers' requests: each becomes contacts, conversations, messages, statuses and the events
 * that tell of them, or is kept as unroutable, all in one transaction with the requests that came at
 * the same time. The number of statements does not depend on how many items there are.
 */
export function inboxSpec(): AcceptorSpec<InboundRequest, InboundOutcome> {
  return { name: "inbox", maxUnits: MAX_REQUESTS, laneOf: lanesOf, run: takeRequests };
}

/** What two transactions of a process should not wait for each other over: a person, a message. */
function lanesOf({ items }: InboundRequest): string[] {
  return [...new Set(items.flatMap(laneNames))];
}

function laneNames(item: InboundItem): string[] {
  if (item.kind !== "message" && item.kind !== "status") return [];
  const { kind, externalId } = item.channel;
  const { identities } = item.kind === "message" ? item.sender : item.recipient;
  return [item.providerId, ...identities.map((each) => `${each.kind} ${each.value}`)].map(
    (name) => `${kind} ${externalId} ${name}`,
  );
}

async function takeRequests(
  recording: Recording,
  requests: readonly InboundRequest[],
): Promise<InboundOutcome[]> {
  const { tx, now } = recording;
  const sorted = sortItems(requests, await routeAddresses(tx, addressesOf(requests)));
  const { messages, heard } = await recognise(recording, sorted);

  const people = messages.map((message) => ({ ...ownerOf(message), person: message.item.sender }));
  const { contactIds, merges } = await resolvePeople(recording, people, heard.flatMap(learnedFrom));
  const keys = messages.map((message, at) => ({
    ...ownerOf(message),
    contactId: contactIds[at] ?? "",
  }));
  const opened = await openConversations(recording, keys);
  const conversations = await lockConversationStates(tx, [
    ...new Set([
      ...[...opened.values()].map(({ id }) => id),
      ...heard.map(({ message }) => message.conversationId),
    ]),
  ]);
  const contacts = await readContacts(tx, [
    ...new Set([...conversations.values()].map(({ contactId }) => contactId)),
  ]);

  const rows = messages.map((message, at) => {
    const key = keys[at];
    const conversation = key && opened.get(keyOfConversation(key));
    if (!conversation) throw new Error("A conversation was opened, and nobody has it");
    return { row: rowOf(message, conversation.id, key, now), opens: conversation.isNew };
  });
  const serials = await insertMessages(
    tx,
    rows.map(({ row }) => row),
  );
  const received = messages.map((message, at): Received => {
    const made = rows[at];
    const serial = serials.get(message.messageId);
    if (!made || serial === undefined) throw new Error("A message was kept without a number");
    return { ...message, ...made, serial };
  });
  const locked = await lockMessages(tx, [...new Set(heard.map(({ message }) => message.id))]);
  const story = narrate({ now, conversations, contacts, messages: locked }, received, heard);

  await saveProgress(tx, story.progress);
  await noteFailed(tx, failedAmong(story.progress), now);
  await deleteOutbox(tx, story.leftOutbox);
  await noteInbound(tx, story.inbound);
  await insertUnroutable(
    tx,
    sorted.strays.map(({ item, unit, reason }) => ({
      id: recording.newId(),
      provider: requests[unit]?.provider ?? "meta",
      reason,
      channelKind: item.channel?.kind ?? null,
      externalId: item.channel?.externalId ?? null,
      payload: item.raw,
      receivedAt: now,
    })),
  );
  const merged = merges.flatMap((merge) => {
    const route = messages.find(({ route: each }) => each.channel.id === merge.channelId)?.route;
    return route ? [mergeDraft(merge, route, contacts, now)] : [];
  });
  const quota = await countHeard(recording, heard, story.leftOutbox);
  await recording.append([...merged, ...story.drafts, ...quota]);
  return outcomesOf(requests, sorted);
}

function ownerOf({ route }: NewInbound) {
  const { workspaceId, account, channel } = route;
  return { workspaceId, accountId: account?.id ?? null, channelId: channel.id };
}

/** A status may name its recipient otherwise than we did: who answers by that name is the same person. */
function learnedFrom({ item, route, message }: Heard): LearnedIdentity[] {
  const { workspaceId, channel } = route;
  return item.recipient.identities.map(({ kind, value }) => ({
    workspaceId,
    channelId: channel.id,
    kind,
    value,
    contactId: message.contactId,
  }));
}

function rowOf(
  { item, messageId, quotedId }: NewInbound,
  conversationId: string,
  owner: Pick<NewMessage, "workspaceId" | "accountId" | "channelId" | "contactId">,
  now: number,
): NewMessage {
  const quoted: QuotedMessage | null =
    item.quotedProviderId === null
      ? null
      : {
          message_id: quotedId === null ? null : publicId("msg", quotedId),
          provider_id: item.quotedProviderId,
        };
  return {
    ...owner,
    id: messageId,
    conversationId,
    providerId: item.providerId,
    direction: "inbound",
    actor: "contact",
    actorId: publicId("con", owner.contactId),
    status: "received",
    content: JSON.stringify(item.content),
    quoted: quoted && JSON.stringify(quoted),
    ticketRef: null,
    metadata: null,
    raw: item.keepRaw ? item.raw : null,
    createdAt: now,
    receivedAt: now,
    // A provider's clock that runs ahead does not make a message of the future.
    sentAt: item.sentAt === null ? null : Math.min(item.sentAt, now),
  };
}
