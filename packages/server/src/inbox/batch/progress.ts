import { providerOf } from "../../channels/registry.ts";
import { isoOf, messageObject } from "../../core/events/envelope.ts";
import { publicId } from "../../core/ids.ts";
import type { InboundStatus } from "../../core/messages/inbound.ts";
import { eventsOfMove, isBeforeSent, movesUp } from "../../core/messages/message-status.ts";
import type { SendError } from "../../core/sending/send-outcome.ts";
import type { LockedMessage } from "../../storage/conversations/messages.ts";

export interface Step {
  message: LockedMessage;
  /** Something of the row is different. */
  isChanged: boolean;
  /** The first that was heard of it after it left: it is in the outbox no more. */
  isFirstWord: boolean;
  /** What to record, in order. */
  facts: { type: string; data: object }[];
}

const PROGRESS = [
  "status",
  "providerId",
  "error",
  "sentAt",
  "deliveredAt",
  "readAt",
  "failedAt",
] as const satisfies (keyof LockedMessage)[];

const NO_REASON = { code: null, title: null, message: null, details: null };

/**
 * What a provider's word makes of a message. It never goes backwards; a word that comes late still
 * tells when something was.
 */
export function step(message: LockedMessage, word: InboundStatus, now: number): Step {
  const at = Math.min(word.at ?? now, now);
  const moves = movesUp(message.status, word.status);
  const after: LockedMessage = {
    ...message,
    ...stamps(message, word, at, moves),
    providerId: message.providerId ?? word.providerId,
    ...(moves ? { status: word.status } : {}),
    ...(moves && word.status === "failed" ? { error: JSON.stringify(errorOf(word)) } : {}),
  };
  return {
    message: after,
    isChanged: PROGRESS.some((column) => after[column] !== message[column]),
    isFirstWord: isBeforeSent(message.status),
    facts: eventsOfMove(message.status, word.status).map((type) => ({
      type,
      data: dataOf(type, after, word, at),
    })),
  };
}

/** In the words of the API. */
export function errorOf({ channel, error }: InboundStatus): SendError {
  const provider = providerOf(channel.kind);
  if (!provider) throw new Error(`nothing sends by ${channel.kind}`);
  return provider.errorOf(error ?? NO_REASON);
}

function stamps(
  { status, sentAt, deliveredAt, readAt, failedAt }: LockedMessage,
  { status: said }: InboundStatus,
  at: number,
  moves: boolean,
): Partial<LockedMessage> {
  switch (said) {
    case "sent":
      return { sentAt: sentAt ?? at };
    case "delivered":
      return { sentAt: sentAt ?? at, deliveredAt: deliveredAt ?? at };
    case "read":
    case "played":
      return { sentAt: sentAt ?? at, readAt: readAt ?? at };
    case "failed":
      return moves && status !== said ? { failedAt: failedAt ?? at } : {};
  }
}

function dataOf(type: string, message: LockedMessage, word: InboundStatus, at: number): object {
  const ids = { message_id: publicId("msg", message.id), provider_id: message.providerId };
  switch (type) {
    case "message.sent":
      return { message: messageObject({ ...message, status: "sent" }, null) };
    case "message.failed":
      return { ...ids, at: isoOf(at), error: errorOf(word) };
    default:
      return {
        ...ids,
        at: isoOf(at),
        is_final: type === "message.read",
        pricing: word.pricing,
      };
  }
}
