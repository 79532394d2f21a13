/**
 * How far a message has come. An outbound message climbs
 * `queued < sending < unconfirmed < sent < delivered < read < played` and may leave steps out.
 * `failed` is reached from everything below `delivered` and is never left. `received` is what an
 * inbound message is, from the beginning and for good.
 */
export const MESSAGE_STATUSES = [
  "queued",
  "sending",
  "unconfirmed",
  "sent",
  "delivered",
  "read",
  "played",
  "failed",
  "received",
] as const;

export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/** What a provider can say about a message that we gave it. */
export type ProviderStatus = "sent" | "delivered" | "read" | "played" | "failed";

const HEIGHT = {
  queued: 0,
  sending: 1,
  unconfirmed: 2,
  sent: 3,
  delivered: 4,
  read: 5,
  played: 6,
} as const satisfies Partial<Record<MessageStatus, number>>;

const KNOWN: ReadonlySet<string> = new Set(MESSAGE_STATUSES);

export function isMessageStatus(text: string): text is MessageStatus {
  return KNOWN.has(text);
}

/** Whether `to` is news for a message that is `from`: never backwards, never out of `failed`. */
export function movesUp(from: MessageStatus, to: MessageStatus): boolean {
  if (from === "failed" || from === "received" || to === "received") return false;
  if (to === "failed") return HEIGHT[from] < HEIGHT.delivered;
  return HEIGHT[from] < HEIGHT[to];
}

/** True while nobody has said yet that the message left: whoever moves it on records `message.sent`. */
export function isBeforeSent(status: MessageStatus): boolean {
  return status === "queued" || status === "sending" || status === "unconfirmed";
}

/**
 * The events that a move stands for, in order. A message that is heard of as delivered has been
 * sent: the move out of `queued`, `sending` or `unconfirmed` says so once, whatever came first.
 */
export function eventsOfMove(from: MessageStatus, to: MessageStatus): readonly string[] {
  if (!movesUp(from, to)) return [];
  switch (to) {
    case "sent":
    case "delivered":
    case "read":
    case "played": {
      const sent = isBeforeSent(from) ? ["message.sent"] : [];
      if (to === "delivered") return [...sent, "message.delivered"];
      // `played` has no event of its own: it says that the message was seen, unless that was said.
      if (to === "read" || (to === "played" && from !== "read")) return [...sent, "message.read"];
      return sent;
    }
    case "unconfirmed":
      return ["message.unconfirmed"];
    case "failed":
      return ["message.failed"];
    default:
      return [];
  }
}
