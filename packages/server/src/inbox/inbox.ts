import type { AcceptorSpec, Queryable, Recording } from "../core/events/recording.ts";
import type {
  InboundItem,
  InboundOutcome,
  InboundRequest,
  Person,
} from "../core/messages/inbound.ts";
import type { MediaAddresses } from "../core/messages/media.ts";
import {
  keyOfAddress,
  routeAddresses,
  routeBusinessAccounts,
} from "../storage/channels/routing.ts";
import { makeTemplatesStale } from "../storage/channels/templates.ts";
import { REQUEST_WAIT_MS } from "../storage/connections/connections.ts";
import { saveConsents } from "../storage/conversations/consents.ts";
import {
  findIdentities,
  keyOfIdentity,
  readContacts,
  renameContacts,
  setUsernames,
} from "../storage/conversations/contacts.ts";
import {
  keyOfConversation,
  lockConversationStates,
  openConversations,
} from "../storage/conversations/conversations.ts";
import { insertMedia, removeMediaOf } from "../storage/conversations/media.ts";
import {
  insertMessages,
  lockMessages,
  saveProgress,
  saveWords,
} from "../storage/conversations/messages.ts";
import { takeNewcomerItems } from "../storage/conversations/newcomers.ts";
import { type LearnedIdentity, lookUpIdentities } from "../storage/conversations/people.ts";
import { takeWaiting } from "../storage/conversations/waiting.ts";
import { failedAmong, noteFailed } from "../storage/sending/fallbacks.ts";
import { deleteOutbox } from "../storage/sending/outbox.ts";
import type { Affair } from "./batch/affairs.ts";
import { assemble, type Cast, namesIn } from "./batch/cast.ts";
import { mergeDraft, narrate } from "./batch/narrate.ts";
import { keptOf } from "./batch/purge.ts";
import type { Received } from "./batch/receive.ts";
import { recognise } from "./batch/recognise.ts";
import { rowOf } from "./batch/rows.ts";
import { countHeard } from "./batch/sms-calls.ts";
import { addressesOf, type Heard, type NewWords, outcomesOf, sortItems } from "./batch/sort.ts";
import type { Story } from "./batch/stage.ts";
import { type Aimed, aim, joinEarly } from "./batch/targets.ts";
import { keepUnplaced } from "./batch/unplaced.ts";

/** Requests of one item each that share a transaction at most. */
const MAX_REQUESTS = 128;
/** A request holds up to a thousand items: one such makes a transaction big enough. */
const MAX_ITEMS = 1_000;

/**
 * Takes providers' requests: each becomes contacts, conversations, messages, statuses and the events
 * that tell of them, or is kept as unroutable, all in one transaction with the requests that came at
 * the same time. The number of statements does not depend on how many items there are.
 */
export function inboxSpec(
  files: MediaAddresses | null = null,
): AcceptorSpec<InboundRequest, InboundOutcome> {
  return {
    name: "inbox",
    maxUnits: MAX_REQUESTS,
    bringsWebhooks: true,
    weightOf: ({ items }) => items.length,
    maxWeight: MAX_ITEMS,
    laneOf: lanesOf,
    turnOf: ({ items }) => addressIn(items),
    waitMs: REQUEST_WAIT_MS,
    run: (recording, requests) => takeRequests(recording, requests, files),
  };
}

/** What a request is for is known, whose that is not yet: a busy channel costs another a turn. */
function addressIn(items: readonly InboundItem[]): string {
  const address = items.find(({ channel }) => channel !== null)?.channel;
  return address ? keyOfAddress(address) : "";
}

/** What two transactions of a process should not wait for each other over: a person, a message. */
function lanesOf({ items }: InboundRequest): string[] {
  const lanes = new Set<string>();
  for (const item of items) {
    if (item.kind === "unreadable") continue;
    const place = `${item.channel.kind} ${item.channel.externalId}`;
    const add = (name: string | null) => name !== null && lanes.add(`${place} ${name}`);
    add(item.providerId);
    if ("targetProviderId" in item) add(item.targetProviderId);
    const person = personIn(item);
    for (const { kind, value } of person?.identities ?? []) add(`${kind} ${value}`);
  }
  return [...lanes];
}

function personIn(item: Exclude<InboundItem, { kind: "unreadable" }>): Person | null {
  if ("sender" in item) return item.sender;
  if ("recipient" in item) return item.recipient;
  return "person" in item ? item.person : null;
}

async function takeRequests(
  recording: Recording,
  requests: readonly InboundRequest[],
  files: MediaAddresses | null,
): Promise<InboundOutcome[]> {
  const { tx, opening, now } = recording;
  const addresses = addressesOf(requests);
  const [channels, businessAccounts] = await Promise.all([
    routeAddresses(opening, addresses.channels),
    routeBusinessAccounts(opening, addresses.businessAccounts),
  ]);
  const waited = requests.flatMap((request) => request.waited ?? []);
  const stillWaiting = await takeWaiting(
    tx,
    waited.map(({ id }) => id),
  );
  const stillKept = await takeNewcomerItems(
    tx,
    requests.flatMap((request) => request.kept ?? []),
  );
  const still = { waiting: stillWaiting, kept: stillKept };
  const sorted = sortItems(requests, { channels, businessAccounts }, still);
  const [before, { words, heard }] = await Promise.all([
    lookUpIdentities(tx, namesIn(sorted.messages)),
    recognise(recording, sorted),
  ]);
  const { facts } = sorted;
  const learned = heard.flatMap(learnedFrom);
  const cast = await assemble(recording, { words, facts, learned, before });
  const [early, kept] = await Promise.all([
    joinEarly(recording, words),
    keep(recording, words, cast, files),
  ]);
  const aimed = await aim(recording, sorted, early, cast);
  const names = await renameContacts(tx, newNames(aimed), now);
  const usernames = await takeUsernames(tx, aimed.affairs);
  const happened = {
    received: kept,
    heard: [...heard, ...aimed.heard],
    changes: aimed.changes,
    reached: aimed.reached,
    affairs: aimed.affairs.map((each) => ({
      ...each,
      nameBefore: names.get(each.contactId ?? "") ?? null,
      usernameBefore: usernames.get(each.item) ?? null,
    })),
  };
  const { conversations, messages, contacts } = await lockAll(tx, happened, cast);
  recording.hasLocked([...conversations.values()]);
  const newId = () => recording.newId();
  const story = narrate({ now, newId, files, conversations, contacts, messages }, happened);

  await save(recording, story);
  await keepUnplaced(recording, requests, sorted);
  await makeTemplatesStale(tx, accountsWithNewTemplates(requests));
  const merged = cast.merges.flatMap((merge) => {
    const everything = [...words, ...sorted.facts];
    const route = everything.find(({ route: each }) => each.channel.id === merge.channelId)?.route;
    return route ? [mergeDraft(merge, route, contacts, now)] : [];
  });
  const quota = await countHeard(recording, happened.heard, story.leftOutbox);
  await recording.append([...merged, ...story.drafts, ...quota], story.inbound);
  return outcomesOf(requests, sorted);
}

/** Business accounts that tell of a template: Meta is asked for all of them anew. */
function accountsWithNewTemplates(requests: readonly InboundRequest[]): string[] {
  const told = requests.flatMap(({ items }) => items.filter(({ kind }) => kind === "template"));
  return [
    ...new Set(told.flatMap(({ channel }) => (channel === null ? [] : [channel.externalId]))),
  ];
}

/** Opens the conversations that the messages belong to and writes them down. */
async function keep(
  recording: Recording,
  words: readonly NewWords[],
  cast: Cast,
  files: MediaAddresses | null,
): Promise<Received[]> {
  const { tx, now } = recording;
  const keys = words.map((each) => ({
    workspaceId: each.route.workspaceId,
    accountId: each.route.account?.id ?? null,
    channelId: each.route.channel.id,
    contactId: cast.ownerOf(each),
  }));
  const opened = await openConversations(recording, keys, cast.conversations);
  const rows = words.map((each, at) => {
    const key = keys[at];
    const conversation = key && opened.get(keyOfConversation(key));
    if (!conversation) throw new Error("A conversation was opened, and nobody has it");
    return rowOf(each, {
      conversationId: conversation.id,
      contactId: key.contactId,
      authorId: cast.authorOf(each),
      now,
      files,
      newId: () => recording.newId(),
    });
  });
  const serials = await insertMessages(
    tx,
    rows.map(({ row, isPurged }) => (isPurged ? keptOf(row) : row)),
  );
  await insertMedia(
    tx,
    rows.flatMap(({ media }) => media),
    now,
  );
  return words.map((each, at): Received => {
    const kept = rows[at];
    const serial = serials.get(each.messageId);
    if (!kept || serial === undefined) throw new Error("A message was kept without a number");
    const { row, content, isPurged } = kept;
    return { ...each, row, content, isPurged, serial, authorId: cast.authorOf(each) };
  });
}

async function save({ tx, now }: Recording, story: Story): Promise<void> {
  await saveProgress(tx, story.progress);
  await noteFailed(tx, failedAmong(story.progress), now);
  await saveWords(tx, story.reworded);
  await removeMediaOf(tx, story.withdrawn, now);
  await insertMedia(tx, story.media, now);
  await saveConsents(tx, story.consents);
  await deleteOutbox(tx, story.leftOutbox);
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

interface Happened extends Omit<Aimed, "affairs"> {
  received: readonly Received[];
  affairs: readonly Affair[];
}

function newNames({ affairs }: Aimed): { id: string; name: string }[] {
  return affairs.flatMap(({ item, contactId }) => {
    if (item.kind !== "profile" || contactId === null || item.person.name === null) return [];
    return [{ id: contactId, name: item.person.name }];
  });
}

/** Notes what people call themselves now, and answers what they called themselves before. */
async function takeUsernames(
  tx: Queryable,
  affairs: Aimed["affairs"],
): Promise<Map<InboundItem, string | null>> {
  const told = affairs.flatMap(({ item, route, contactId }) => {
    if (item.kind !== "profile" || contactId === null) return [];
    const { identities, username } = item.person;
    const [first] = identities;
    if (username === null || first === undefined) return [];
    return [{ item, channelId: route.channel.id, kind: first.kind, value: first.value, username }];
  });
  const found = await findIdentities(tx, told);
  await setUsernames(tx, told);
  return new Map(told.map((each) => [each.item, found.get(keyOfIdentity(each))?.username ?? null]));
}

/** Locks what happened something to, conversations first, and reads who is meant after that. */
async function lockAll(tx: Queryable, happened: Happened, cast: Cast) {
  const [conversations, messages, known] = await Promise.all([
    lockConversationStates(tx, conversationIds(happened)),
    lockMessages(tx, messageIds(happened)),
    readContacts(tx, contactIds(happened, cast)),
  ]);
  const others = [...conversations.values()].map(({ contactId }) => contactId);
  const unknown = [...new Set(others)].filter((id) => !known.has(id));
  const contacts = new Map([...known, ...(await readContacts(tx, unknown))]);
  return { conversations, messages, contacts };
}

function conversationIds({ received, heard, changes, reached, affairs }: Happened): string[] {
  return [
    ...new Set([
      ...received.map(({ row }) => row.conversationId),
      ...heard.map(({ message }) => message.conversationId),
      ...changes.map(({ message }) => message.conversationId),
      ...reached.map(({ conversationId }) => conversationId),
      ...affairs.flatMap(({ conversationId }) => conversationId ?? []),
    ]),
  ];
}

/** As far as they are known before the conversations are read. */
function contactIds({ received, heard, changes, affairs }: Happened, { merges }: Cast): string[] {
  return [
    ...new Set([
      ...received.flatMap(({ row, authorId }) => [row.contactId, authorId]),
      ...heard.map(({ message }) => message.contactId),
      ...changes.map(({ message }) => message.contactId),
      ...affairs.flatMap(({ contactId }) => contactId ?? []),
      ...merges.map(({ to }) => to),
    ]),
  ];
}

function messageIds({ heard, changes, reached }: Happened): string[] {
  return [
    ...new Set([
      ...heard.map(({ message }) => message.id),
      ...changes.map(({ message }) => message.id),
      ...reached.flatMap((each) => each.messageIds),
    ]),
  ];
}
