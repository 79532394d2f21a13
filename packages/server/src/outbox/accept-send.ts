import type { Provider } from "../channels/provider.ts";
import { shownSms } from "../channels/twilio/shown.ts";
import { messageObject, type QuotedMessage } from "../core/events/envelope.ts";
import type { AcceptorSpec, Recording } from "../core/events/recording.ts";
import { publicId } from "../core/ids.ts";
import type { Content } from "../core/messages/content.ts";
import type { IdentityName } from "../core/messages/inbound.ts";
import type { Letter, Outgoing } from "../core/sending/outgoing.ts";
import { shownContent } from "../core/sending/shown-content.ts";
import { REQUEST_WAIT_MS } from "../storage/connections/connections.ts";
import {
  type ConversationState,
  keyOfConversation,
  lockConversationStates,
  openConversations,
} from "../storage/conversations/conversations.ts";
import { insertMessages, type NewMessage } from "../storage/conversations/messages.ts";
import { resolvePeople } from "../storage/conversations/people.ts";
import { giveToMessages, type TakenFile } from "../storage/conversations/uploads.ts";
import { claimKeys, type HeldKey } from "../storage/idempotency.ts";
import { type Fallback, insertFallbacks } from "../storage/sending/fallbacks.ts";
import { insertOutbox } from "../storage/sending/outbox.ts";
import { setTicketRefs } from "../storage/sending/sending.ts";
import { draftsOf, type Fact } from "./draft.ts";
import { SEND_ROUTE, writeRequest } from "./request.ts";

/** One message to send, with everything that had to be looked up. */
export interface SendUnit {
  workspaceId: string;
  accountId: string | null;
  channelId: string;
  /** A conversation that there is, or whom to open one with. */
  target:
    | { kind: "conversation"; conversationId: string; contactId: string }
    | { kind: "stranger"; identity: IdentityName };
  to: IdentityName;
  content: Outgoing;
  actor: Letter["actor"];
  tag: Letter["tag"];
  /** How its provider's word about it is recognised. */
  reconciles: Provider["reconciles"];
  replyTo: { messageId: string | null; providerId: string } | null;
  ticketRef: string | null;
  /** A JSON object as text. */
  metadata: string | null;
  /** When it is to leave, ms since the epoch; null for now. */
  sendAt: number | null;
  /** What is tried in turn when it fails. */
  fallback: readonly StandIn[];
  /** As `POST /v1/send` was given it, and the hash of that request. */
  key: { key: string; hash: Buffer } | null;
}

/** What may stand in for a message that has failed; JSON in the database. */
export type StandIn = Omit<SendUnit, "sendAt" | "fallback" | "key">;

export type SendAnswer =
  | { kind: "accepted"; messageId: string; conversationId: string }
  /** Another request holds the key. */
  | { kind: "held"; held: HeldKey };

/** Keeps the message, its place in the outbox and the key that stands for it, or none of them. */
export function acceptSendSpec(): AcceptorSpec<SendUnit, SendAnswer> {
  return {
    name: "send",
    maxUnits: 200,
    laneOf: lanesOf,
    waitMs: REQUEST_WAIT_MS,
    run: acceptSends,
  };
}

function lanesOf({ workspaceId, channelId, target, key }: SendUnit): string[] {
  const lane =
    target.kind === "conversation"
      ? target.conversationId
      : `${channelId} ${target.identity.kind} ${target.identity.value}`;
  return key === null ? [lane] : [lane, `${workspaceId} ${key.key}`];
}

async function acceptSends(
  recording: Recording,
  units: readonly SendUnit[],
): Promise<SendAnswer[]> {
  const ids = units.map(() => recording.newId());
  const held = await claim(recording, units, ids);
  const winners = units.flatMap((unit, at) => {
    const messageId = ids[at];
    if (held.has(at) || messageId === undefined) return [];
    return [{ unit, messageId, key: unit.key?.key ?? null }];
  });
  const conversationOf = await keepMessages(recording, winners);
  return units.map((_, at): SendAnswer => {
    const holder = held.get(at);
    if (holder) return { kind: "held", held: holder };
    const messageId = ids[at] ?? "";
    return { kind: "accepted", messageId, conversationId: conversationOf.get(messageId) ?? "" };
  });
}

/** Keeps messages and their places in the outbox; answers their conversations, by the message. */
export async function keepMessages(
  recording: Recording,
  winners: readonly Winner[],
): Promise<Map<string, string>> {
  const { tx, now } = recording;
  const places = await findPlaces(recording, winners);
  const touched = places.filter(({ isNew, unit }) => isNew || unit.ticketRef !== null);
  const conversations = await lockConversationStates(tx, [
    ...new Set(touched.map((each) => each.conversationId)),
  ]);
  await setTicketRefs(tx, ticketRefsOf(touched, conversations));

  const messages = places.map((place) => newMessage(place, now));
  const serials = await insertMessages(tx, messages);
  if (places.length > 0) await insertOutbox(tx, places.map(entryOf(now)), now);
  await giveToMessages(tx, places.flatMap(fileOf));
  await insertFallbacks(tx, winners.flatMap(fallbackOf), now);
  await recording.append(
    await draftsOf(tx, createdFacts(places, messages, serials, conversations), now),
  );
  return new Map(places.map((each) => [each.messageId, each.conversationId]));
}

function fileOf({ unit, messageId }: Place): TakenFile[] {
  const { content, channelId } = unit;
  if (content.type !== "media" || !content.file) return [];
  return [{ id: content.file.id, channelId, messageId, kind: content.kind }];
}

function fallbackOf({ unit, messageId, key }: Winner): Fallback[] {
  const { fallback, workspaceId } = unit;
  if (fallback.length === 0) return [];
  return [{ messageId, workspaceId, units: JSON.stringify(fallback), key }];
}

/** Who holds the keys of the units (by their place in the list) that did not win them. */
async function claim(
  { tx, now }: Recording,
  units: readonly SendUnit[],
  ids: readonly string[],
): Promise<Map<number, HeldKey>> {
  const claims = units.flatMap(({ workspaceId, key }, at) => {
    const messageId = ids[at];
    if (key === null || messageId === undefined) return [];
    return [
      { at, claim: { workspaceId, route: SEND_ROUTE, ...key, refs: [messageId], expiresAt: null } },
    ];
  });
  const answers = await claimKeys(
    tx,
    claims.map((each) => each.claim),
    now,
  );
  return new Map(
    answers.flatMap((holder, i) => {
      const at = claims[i]?.at;
      return holder === null || at === undefined ? [] : [[at, holder]];
    }),
  );
}

export interface Winner {
  unit: SendUnit;
  messageId: string;
  /** The key that stands for it. */
  key: string | null;
}

interface Place extends Winner {
  conversationId: string;
  contactId: string;
  /** This message opens the conversation. */
  isNew: boolean;
}

async function findPlaces(recording: Recording, winners: readonly Winner[]): Promise<Place[]> {
  const strangers = winners.flatMap(({ unit, messageId }) => {
    const { workspaceId, accountId, channelId, target } = unit;
    if (target.kind !== "stranger") return [];
    const person = { identities: [target.identity], name: null, username: null };
    return [{ messageId, owner: { workspaceId, accountId, channelId }, person }];
  });
  const { contactIds } = await resolvePeople(
    recording,
    strangers.map(({ owner, person }) => ({ ...owner, person })),
  );
  const owners = strangers.map(({ messageId, owner }, at) => ({
    messageId,
    key: { ...owner, contactId: contactIds[at] ?? "" },
  }));
  const opened = await openConversations(
    recording,
    owners.map(({ key }) => key),
  );
  const keys = new Map(owners.map(({ messageId, key }) => [messageId, key]));
  const announced = new Set<string>();
  return winners.map((winner): Place => {
    const { target } = winner.unit;
    if (target.kind === "conversation") {
      const { conversationId, contactId } = target;
      return { ...winner, conversationId, contactId, isNew: false };
    }
    const key = keys.get(winner.messageId);
    const conversation = key && opened.get(keyOfConversation(key));
    if (!conversation) throw new Error("a conversation was opened, and nobody has it");
    const isNew = conversation.isNew && !announced.has(conversation.id);
    announced.add(conversation.id);
    return { ...winner, conversationId: conversation.id, contactId: key.contactId, isNew };
  });
}

/** The last one said stands; the rows in hand are brought up to date with it. */
function ticketRefsOf(
  places: readonly Place[],
  conversations: Map<string, ConversationState>,
): { id: string; ticketRef: string }[] {
  const changes = new Map<string, string>();
  for (const { unit, conversationId } of places) {
    if (unit.ticketRef !== null) changes.set(conversationId, unit.ticketRef);
  }
  for (const [id, ticketRef] of changes) {
    const before = conversations.get(id);
    if (before) conversations.set(id, { ...before, ticketRef });
  }
  return [...changes].map(([id, ticketRef]) => ({ id, ticketRef }));
}

/** A telephone number of its own is what SMS goes to. */
function shown({ to, content }: SendUnit): Content {
  return to.kind === "phone" ? shownSms(content) : shownContent(content);
}

function newMessage(
  { unit, messageId, conversationId, contactId }: Place,
  now: number,
): NewMessage {
  return {
    id: messageId,
    workspaceId: unit.workspaceId,
    accountId: unit.accountId,
    channelId: unit.channelId,
    conversationId,
    contactId,
    direction: "outbound",
    actor: unit.actor,
    actorId: null,
    status: "queued",
    content: JSON.stringify(shown(unit)),
    raw: null,
    providerId: null,
    quoted: unit.replyTo && JSON.stringify(quotedOf(unit.replyTo)),
    ticketRef: unit.ticketRef,
    metadata: unit.metadata,
    createdAt: now,
    receivedAt: null,
    sentAt: null,
  };
}

function quotedOf({ messageId, providerId }: NonNullable<SendUnit["replyTo"]>): QuotedMessage {
  return {
    message_id: messageId === null ? null : publicId("msg", messageId),
    provider_id: providerId,
  };
}

function entryOf(now: number) {
  return ({ unit, messageId, conversationId, contactId, key }: Place) => ({
    messageId,
    workspaceId: unit.workspaceId,
    channelId: unit.channelId,
    conversationId,
    nextAt: Math.max(now, unit.sendAt ?? now),
    sendAt: unit.sendAt,
    holdsInDoubt: unit.reconciles === "order" && unit.content.type !== "reaction",
    request: writeRequest({
      contactId,
      to: unit.to,
      content: unit.content,
      replyTo: unit.replyTo?.providerId ?? null,
      actor: unit.actor,
      tag: unit.tag,
      key,
      failures: 0,
      windowRetried: false,
    }),
  });
}

function createdFacts(
  places: readonly Place[],
  messages: readonly NewMessage[],
  serials: ReadonlyMap<string, number>,
  conversations: ReadonlyMap<string, ConversationState>,
): Fact[] {
  return places.flatMap(({ unit, conversationId, isNew }, at) => {
    const conversation = conversations.get(conversationId);
    const message = messages[at];
    if (!isNew || !conversation || !message) return [];
    const serial = serials.get(message.id);
    if (serial === undefined) throw new Error("a message was kept without a number");
    const shown = messageObject({ ...message, serial, error: null }, null);
    const data = { first_message: shown };
    return [{ type: "conversation.created", channelId: unit.channelId, conversation, data }];
  });
}
