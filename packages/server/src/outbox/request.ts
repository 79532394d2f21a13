import type { IdentityName } from "../core/messages/inbound.ts";
import type { Letter, Outgoing } from "../core/sending/outgoing.ts";
import type { History } from "./decide.ts";

/** The route that keys of sends belong to. */
export const SEND_ROUTE = "POST /v1/send";
/** How long a key stands for its message after the message has come to its end. */
export const KEY_KEPT_MS = 24 * 3_600_000;

/** What the outbox knows of a message until it has left; JSON in its entry. */
export interface OutboxRequest extends History {
  contactId: string;
  to: IdentityName;
  content: Outgoing;
  /** The provider's id of the message that this one answers. */
  replyTo: string | null;
  actor: Letter["actor"];
  tag: Letter["tag"];
  /** The idempotency key that stands for it. */
  key: string | null;
}

export function writeRequest(request: OutboxRequest): string {
  return JSON.stringify(request);
}

export function readRequest(text: string): OutboxRequest {
  return JSON.parse(text) as OutboxRequest; // written by `writeRequest` alone
}
