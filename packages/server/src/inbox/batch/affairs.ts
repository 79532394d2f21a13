import { contactObject, isoOf } from "../../core/events/envelope.ts";
import type {
  IdentityName,
  InboundComment,
  InboundConsent,
  InboundHandover,
  InboundIdentityChange,
  InboundNotice,
  InboundProfile,
  InboundTemplateChange,
} from "../../core/messages/inbound.ts";
import type { Placed } from "./sort.ts";
import type { Stage } from "./stage.ts";

type AffairItem =
  | InboundComment
  | InboundConsent
  | InboundHandover
  | InboundIdentityChange
  | InboundNotice
  | InboundProfile
  | InboundTemplateChange;

/** What concerns a person, something public or the channel itself, and no single message. */
export interface Affair extends Placed<AffairItem> {
  /** Whom it concerns; null for nobody who is known here. */
  readonly contactId: string | null;
  readonly conversationId: string | null;
  /** What the contact was called before (`profile`). */
  readonly nameBefore: string | null;
  readonly usernameBefore: string | null;
}

export function attend(stage: Stage, affair: Affair): void {
  const { item, route, contactId } = affair;
  const conversation =
    affair.conversationId === null ? null : stage.conversation(affair.conversationId);
  const about = { conversation, contactId };
  const at = isoOf(Math.min(item.at ?? stage.now, stage.now));
  switch (item.kind) {
    case "comment":
      stage.tell(commentType(item), route, { contactId }, { comment: commentOf(item, at) });
      return;
    case "consent": {
      const { change, topic, keyword, evidence } = item;
      if (contactId === null) return;
      stage.consents.push({
        workspaceId: route.workspaceId,
        channelId: route.channel.id,
        contactId,
        topic: topic ?? "",
        state: change,
        changedAt: Math.min(item.at ?? stage.now, stage.now),
      });
      const data = { channel: route.channel.kind, topic, keyword, evidence, at };
      const kept = route.purges ? { ...data, keyword: null, evidence: null } : null;
      stage.tell(`consent.${change}`, route, about, data, kept);
      return;
    }
    case "handover":
      stage.tell(HANDOVERS[item.change], route, about, handoverOf(item, at));
      return;
    case "identity_change":
    case "profile": {
      const contact = stage.contacts.get(contactId ?? "");
      if (contact === undefined) return;
      const changes = changesOf(affair, item);
      if (changes.length === 0) return;
      const shown = contactObject(contact, contact.identities);
      stage.tell("contact.updated", route, about, { contact: shown, changes });
      return;
    }
    case "template": {
      const { template, before, after, reason } = item;
      const data = { template, before, after, reason, at };
      stage.tell(`template.${item.change}_changed`, route, {}, data);
      return;
    }
    case "notice": {
      const { code, reason, details } = item;
      const data = { code, reason, details, at, action_url: null };
      stage.tell(`account.${item.change}`, route, {}, data);
    }
  }
}

const HANDOVERS = {
  requested: "control.offered",
  passed: "control.passed",
  taken: "control.released",
} as const satisfies Record<InboundHandover["change"], string>;

function handoverOf({ change, fromAppId, toAppId, metadata }: InboundHandover, at: string | null) {
  const app = (id: string | null) => (id === null ? null : { app_id: id });
  return { from: app(fromAppId), to: app(toAppId), reason: change, metadata, at };
}

function commentType({ change, isOwn }: InboundComment): string {
  if (change === "edited") return "comment.edited";
  if (change === "removed") return "comment.deleted";
  return isOwn ? "comment.replied" : "comment.received";
}

function commentOf(item: InboundComment, at: string | null) {
  const [author] = item.author.identities;
  return {
    id: item.commentId,
    text: item.text,
    author: { id: author?.value ?? null, name: item.author.name, username: item.author.username },
    post: { id: item.postId, permalink: item.permalink, ad_id: item.adId },
    parent_id: item.parentId,
    is_live: item.isLive,
    is_mention: item.isMention,
    at,
  };
}

function changesOf(
  { nameBefore, usernameBefore }: Affair,
  item: InboundIdentityChange | InboundProfile,
): { field: string; from: unknown; to: unknown }[] {
  if (item.kind === "profile") {
    const { name, username } = item.person;
    return [
      { field: "name", from: nameBefore, to: name },
      { field: "username", from: usernameBefore, to: username },
    ].filter(({ from, to }) => to !== null && to !== from);
  }
  const shown = (names: readonly IdentityName[]) =>
    names.map(({ kind, value }) => ({ kind, id: value }));
  return [{ field: "identities", from: shown(item.from), to: shown(item.to) }];
}
