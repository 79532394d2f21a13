import { type Content, purgedContent } from "../core/content.ts";
import { isoOf } from "../core/envelope.ts";
import { publicId } from "../core/ids.ts";
import type {
  InboundDeletion,
  InboundEdit,
  InboundReaction,
  InboundStatus,
  InboundWatermark,
} from "../core/inbound.ts";
import type { LockedMessage, MessagePlace } from "../storage/messages.ts";
import { withMediaIds } from "./media-ids.ts";
import { step } from "./progress.ts";
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
  const isGone = message.deletedAt != null || before.type === "purged";
  if (isGone || (message.editedAt ?? 0) > at) return;
  const { content: after, media } = withMediaIds(stage, item, message.id, change.route);
  stage.media.push(...media);
  stage.reword({ ...message, content: JSON.stringify(after), editedAt: at });
  const conversation = stage.conversation(change.message.conversationId);
  const { by, revision } = item;
  const data = { ...namesOf(message), at: isoOf(at), by, revision, before, after };
  stage.tell("message.edited", change.route, { conversation }, data);
}

/** What somebody has unsent is kept nowhere: only that there was a message. */
function remove(stage: Stage, change: Change, item: InboundDeletion, message: LockedMessage): void {
  if (message.deletedAt != null) return;
  const at = Math.min(item.at ?? stage.now, stage.now);
  const { type } = contentOf(message);
  const content = type === "purged" ? message.content : JSON.stringify(purgedContent(type));
  stage.reword({ ...message, content, deletedAt: at });
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
  stage.tell(type, change.route, { conversation }, data);
}
