import { isoOf } from "../../core/events/envelope.ts";
import { publicId } from "../../core/ids.ts";
import { type Content, purgedContent } from "../../core/messages/content.ts";
import type {
  InboundDeletion,
  InboundEdit,
  InboundReaction,
  InboundStatus,
  InboundWatermark,
} from "../../core/messages/inbound.ts";
import { optOutIn } from "../../core/sending/opt-out.ts";
import type { RoutedChannel } from "../../storage/channels/routing.ts";
import type { ConversationState } from "../../storage/conversations/conversations.ts";
import type { LockedMessage, MessagePlace } from "../../storage/conversations/messages.ts";
import { withMediaIds } from "./media-ids.ts";
import { errorOf, step } from "./progress.ts";
import { keptContent } from "./purge.ts";
import { handedOn } from "./purged-media.ts";
import type { Heard, Placed } from "./sort.ts";
import { latest, type Stage } from "./stage.ts";

/** Something that happened to one message. */
export interface Change extends Placed<InboundEdit | InboundDeletion | InboundReaction> {
  readonly message: MessagePlace;
}

/** How far everything in a conversation has come, and which messages that concerns. */
export interface Reached extends Placed<InboundWatermark> {
  readonly conversationId: string;
  readonly messageIds: readonly string[];
}

export function hear(stage: Stage, { item, route, message: place }: Heard): void {
  const before = stage.message(place.id);
  if (before === undefined) return;
  const taken = step(before, item, stage.now);
  stage.progress(taken.message, taken);
  const conversation = stage.conversation(place.conversationId);
  for (const { type, data } of taken.facts) stage.tell(type, route, { conversation }, data);
  const hasFailed = taken.facts.some(({ type }) => type === "message.failed");
  const wish = hasFailed ? optOutIn(route.channel.kind, errorOf(item)) : null;
  if (wish !== null) hearWish(stage, route, conversation, wish.evidence);
}

/** The provider knows of the customer's wish what we do not. */
function hearWish(
  stage: Stage,
  route: RoutedChannel,
  conversation: ConversationState,
  evidence: string,
): void {
  const { workspaceId, channel } = route;
  const { contactId } = conversation;
  const place = { workspaceId, channelId: channel.id, contactId };
  stage.consents.push({ ...place, topic: "", state: "opted_out", changedAt: stage.now });
  const said = { channel: channel.kind, topic: null, keyword: null, evidence };
  stage.tell("consent.opted_out", route, { conversation }, { ...said, at: isoOf(stage.now) });
}

/** A watermark is a status of every message up to it. */
export function reach(stage: Stage, { item, route, conversationId, messageIds }: Reached): void {
  const conversation = stage.conversation(conversationId);
  for (const id of messageIds) {
    const before = stage.message(id);
    if (before === undefined) continue;
    const taken = step(before, statusOf(item, before), stage.now);
    stage.progress(taken.message, taken);
    for (const { type, data } of taken.facts) stage.tell(type, route, { conversation }, data);
  }
}

function statusOf(mark: InboundWatermark, { providerId }: LockedMessage): InboundStatus {
  const { channel, status, at, until, person, raw } = mark;
  return {
    kind: "status",
    channel,
    providerId: providerId ?? "",
    status,
    at: at ?? until,
    token: null,
    recipient: person,
    parentBsuid: null,
    error: null,
    pricing: null,
    providerConversationId: null,
    raw,
  };
}

export function change(stage: Stage, change: Change): void {
  const before = stage.message(change.message.id);
  if (before === undefined) return;
  const { item } = change;
  switch (item.kind) {
    case "edit":
      edit(stage, change, item, before);
      return;
    case "deletion":
      remove(stage, change, item, before);
      return;
    case "reaction":
      react(stage, change, item, before);
  }
}

function namesOf({ id, providerId }: LockedMessage) {
  return { message_id: publicId("msg", id), provider_id: providerId };
}

/** The cast is safe: the column holds only what JSON.stringify made of a content. */
function contentOf({ content }: LockedMessage): Content {
  return JSON.parse(content) as Content;
}

/** An older edit that comes late, or one of what is gone, changes nothing. */
function edit(stage: Stage, change: Change, item: InboundEdit, message: LockedMessage): void {
  const at = Math.min(item.at ?? stage.now, stage.now);
  const before = contentOf(message);
  const isPurged = change.route.purges && message.direction === "inbound";
  const isGone = message.deletedAt != null || (before.type === "purged" && !isPurged);
  if (isGone || (message.editedAt ?? 0) > at || item.content === null) return;
  const words = { content: item.content, media: item.media };
  const { content: after, media } = isPurged
    ? { content: handedOn(stage, words, message.id, change.route.channel.id), media: [] }
    : withMediaIds(stage, words, message.id, change.route);
  stage.media.push(...media);
  const kept = isPurged ? keptContent(after) : null;
  stage.reword({ ...message, content: JSON.stringify(kept ?? after), editedAt: at });
  const conversation = stage.conversation(change.message.conversationId);
  const { by, revision } = item;
  const data = { ...namesOf(message), at: isoOf(at), by, revision, before, after };
  const keptData = kept && { ...data, before: keptContent(before), after: kept };
  stage.tell("message.edited", change.route, { conversation }, data, keptData);
}

/** What somebody has unsent is kept nowhere: only that there was a message. */
function remove(stage: Stage, change: Change, item: InboundDeletion, message: LockedMessage): void {
  if (message.deletedAt != null) return;
  const at = Math.min(item.at ?? stage.now, stage.now);
  const { type } = contentOf(message);
  const content = type === "purged" ? message.content : JSON.stringify(purgedContent(type));
  stage.reword({ ...message, content, deletedAt: at });
  stage.withdrawn.push(message.id);
  const conversation = stage.conversation(change.message.conversationId);
  const data = { ...namesOf(message), at: isoOf(at), by: item.by };
  stage.tell("message.deleted", change.route, { conversation }, data);
}

function react(stage: Stage, change: Change, item: InboundReaction, message: LockedMessage): void {
  const at = Math.min(item.at ?? stage.now, stage.now);
  const before = stage.conversation(change.message.conversationId);
  const opens = item.by === "contact" && item.opensWindow;
  const conversation = {
    ...before,
    lastInboundAt: latest(before.lastInboundAt, opens ? at : null),
  };
  if (opens) stage.note(conversation, false);
  const { emoji, name, by } = item;
  const target = { ...namesOf(message), direction: message.direction };
  const type = item.action === "add" ? "message.reaction_added" : "message.reaction_removed";
  const data = { reaction: { emoji, name, by }, target, at: isoOf(at) };
  const isPurged = change.route.purges && by === "contact";
  const kept = isPurged ? { ...data, reaction: { emoji: null, name: null, by } } : null;
  stage.tell(type, change.route, { conversation }, data, kept);
}
