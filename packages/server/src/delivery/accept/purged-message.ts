import type { EventDraft } from "../../core/events/recording.ts";
import { parseId } from "../../core/ids.ts";

/** What remains of a native body, as far as it is read here. */
interface Kept {
  account: { id: string } | null;
  channel: { id: string; kind: string } | null;
  conversation: { id: string; seq?: number } | null;
  contact: object | null;
  data: { message?: Named; first_message?: Named } & Partial<Named>;
}

interface Named {
  id?: string;
  message_id?: string;
  provider_id: string | null;
}

/** How a purged message is named; `kept` is what remains of an event's native body, JSON text. */
export function messageOf(kept: string): { message_id: string | null; provider_id: string | null } {
  const { data } = JSON.parse(kept) as Kept; // ours
  const message = data.message ?? data.first_message ?? data;
  return {
    message_id: message.id ?? message.message_id ?? null,
    provider_id: message.provider_id ?? null,
  };
}

/** An event about a purged message, in the surroundings of the event that told of it. */
export function draftAbout(
  kept: string,
  o: { workspaceId: string; now: number; type: string; data: object },
): EventDraft {
  const { account, channel, conversation, contact } = JSON.parse(kept) as Kept; // ours
  const { seq: _, ...place } = conversation ?? { id: "" };
  return {
    workspaceId: o.workspaceId,
    type: o.type,
    occurredAt: o.now,
    accountId: account && parseId("acc", account.id),
    channelId: channel && parseId("ch", channel.id),
    channelKind: channel?.kind ?? null,
    conversationId: conversation && parseId("cnv", conversation.id),
    campaignId: null,
    ...{ account, channel, contact },
    conversation: conversation && place,
    data: { ...messageOf(kept), ...o.data },
  };
}
