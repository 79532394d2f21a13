import { publicId } from "../ids.ts";
import { API_VERSION } from "./native-body.ts";

/** What is known of an event without its body. Ids are uuids, `occurredAt` ms since the epoch. */
export interface Bodiless {
  id: string;
  workspaceId: string;
  type: string;
  occurredAt: number;
  accountId: string | null;
  channelId: string | null;
  channelKind: string | null;
  conversationId: string | null;
  seq: number | null;
}

/** The native body of an event whose body was expunged: who it was about, by id, and nothing of what was said. */
export function expungedBody(event: Bodiless): string {
  const { accountId, channelId, channelKind, conversationId, seq } = event;
  return JSON.stringify({
    id: publicId("evt", event.id),
    type: event.type,
    api_version: API_VERSION,
    occurred_at: new Date(event.occurredAt).toISOString(),
    workspace_id: publicId("ws", event.workspaceId),
    body_expunged: true,
    account: accountId && { id: publicId("acc", accountId) },
    channel:
      channelId === null && channelKind === null
        ? null
        : { id: channelId && publicId("ch", channelId), kind: channelKind },
    conversation: conversationId && { id: publicId("cnv", conversationId), seq },
    contact: null,
    data: {},
  });
}

/**
 * What such a body begins with, for PostgreSQL too. What a publisher has put into an event comes later, so
 * that nobody can make a body that looks like one.
 */
export const EXPUNGED =
  /^\{"id":"[^"]*","type":"[^"]*","api_version":"[^"]*","occurred_at":"[^"]*","workspace_id":"[^"]*","body_expunged":true,/;

export function isExpunged(payload: string): boolean {
  return EXPUNGED.test(payload);
}
