import { publicId } from "../ids.ts";
import { isoOf } from "./envelope.ts";
import type { EventDraft } from "./recording.ts";

/** The version of the native body. A change that a consumer could notice gets a new one. */
export const API_VERSION = "2026-11-01";

/**
 * The native body of an event, frozen as text when it is accepted. The text is one `JSON.stringify`
 * of this, and nothing is ever spliced in, so that parsing and writing it again gives the same bytes.
 * With `isPurged` it is what is kept of an event whose body is not.
 */
export function nativeBody(
  draft: EventDraft,
  id: string,
  seq: number | null,
  isPurged = false,
): object {
  return {
    id: publicId("evt", id),
    type: draft.type,
    api_version: API_VERSION,
    occurred_at: isoOf(draft.occurredAt),
    workspace_id: publicId("ws", draft.workspaceId),
    ...(isPurged ? { body_purged: true } : {}),
    account: draft.account,
    channel: draft.channel,
    conversation: draft.conversation === null ? null : { ...draft.conversation, seq },
    contact: draft.contact,
    data: isPurged ? (draft.kept ?? {}) : draft.data,
  };
}
