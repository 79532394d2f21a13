import type { QuotedMessage } from "../../core/events/envelope.ts";
import { publicId } from "../../core/ids.ts";
import type { Content } from "../../core/messages/content.ts";
import type { NewMedia } from "../../storage/conversations/media.ts";
import type { NewMessage } from "../../storage/conversations/messages.ts";
import { type MediaNaming, withMediaIds } from "./media-ids.ts";
import { handedOn } from "./purged-media.ts";
import type { NewWords } from "./sort.ts";

/** The row of a message that is kept now, and what is to be fetched for it. */
export function rowOf(
  words: NewWords,
  o: MediaNaming & { conversationId: string; contactId: string; authorId: string },
): { row: NewMessage; content: Content; media: NewMedia[]; isPurged: boolean } {
  const { item, messageId, route } = words;
  const isTheirs = item.kind === "message";
  const isPurged = isTheirs && route.purges;
  const { content, media } = isPurged
    ? { content: handedOn(o, item, messageId, route.channel.id), media: [] }
    : withMediaIds(o, item, messageId, route);
  const traits = isTheirs && Object.keys(item.traits).length > 0 ? item.traits : null;
  const referral = isTheirs ? item.referral : null;
  const row: NewMessage = {
    id: messageId,
    workspaceId: route.workspaceId,
    accountId: route.account?.id ?? null,
    channelId: route.channel.id,
    conversationId: o.conversationId,
    contactId: o.contactId,
    providerId: item.providerId,
    direction: isTheirs ? "inbound" : "outbound",
    actor: isTheirs ? "contact" : "echo",
    actorId: isTheirs ? publicId("con", o.authorId) : null,
    status: isTheirs ? "received" : "sent",
    content: JSON.stringify(content),
    quoted: quotedBy(words),
    referral: referral && JSON.stringify(referral),
    traits: traits && JSON.stringify(traits),
    ticketRef: null,
    metadata: null,
    raw: item.keepRaw ? item.raw : null,
    createdAt: o.now,
    receivedAt: isTheirs ? o.now : null,
    // A provider's clock that runs ahead does not make a message of the future.
    sentAt: item.sentAt === null ? (isTheirs ? null : o.now) : Math.min(item.sentAt, o.now),
  };
  return { row, content, media, isPurged };
}

function quotedBy({ item, quotedId }: NewWords): string | null {
  if (item.quotedProviderId === null) return null;
  const quoted: QuotedMessage = {
    message_id: quotedId === null ? null : publicId("msg", quotedId),
    provider_id: item.quotedProviderId,
  };
  return JSON.stringify(quoted);
}
