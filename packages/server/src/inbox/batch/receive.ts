import { messageObject } from "../../core/events/envelope.ts";
import type { Content } from "../../core/messages/content.ts";
import type { ConversationState } from "../../storage/conversations/conversations.ts";
import type { NewMessage } from "../../storage/conversations/messages.ts";
import { keptOf } from "./purge.ts";
import type { NewWords } from "./sort.ts";
import { latest, type Stage } from "./stage.ts";

/** A new message with the conversation that it belongs to. */
export interface Received extends NewWords {
  readonly row: NewMessage;
  /** What the row says. */
  readonly content: Content;
  readonly serial: number;
  /** It was not kept as it stands here: what the customer wrote is forwarded and no more. */
  readonly isPurged: boolean;
  /** Who wrote it: somebody else than the conversation's contact in a group. */
  readonly authorId: string;
}

/** Tells of a message that is kept now: what it does to its conversation, and what it says. */
export function receive(stage: Stage, received: Received): void {
  const { item, row, content, serial, route, authorId, isPurged } = received;
  const before = stage.conversation(row.conversationId);
  // What was said before the channel was connected is news to nobody.
  if (item.isHistory) return;
  const isTheirs = item.kind === "message";
  const reopens = isTheirs && before.status === "closed";
  const conversation: ConversationState = isTheirs
    ? {
        ...before,
        status: reopens ? "open" : before.status,
        lastInboundAt: latest(
          before.lastInboundAt,
          item.opensWindow ? Math.min(item.sentAt ?? row.createdAt, row.createdAt) : null,
        ),
        firstTouch: before.firstTouch ?? (isPurged ? null : row.referral) ?? null,
      }
    : before;
  if (isTheirs) stage.note(conversation, reopens);

  const author = isTheirs ? (stage.contacts.get(authorId)?.name ?? null) : null;
  const message = messageObject({ ...row, serial, error: null }, author, content);
  const kept = isPurged ? messageObject({ ...keptOf(row), serial, error: null }, author) : null;
  if (before.seq === 0) {
    stage.introduce(conversation);
    const referral = isTheirs && item.referral ? { referral: item.referral } : {};
    stage.tell(
      "conversation.created",
      route,
      { conversation },
      { first_message: message, ...referral },
      kept && { first_message: kept },
    );
  }
  if (reopens) {
    const changes = [{ field: "status", from: "closed", to: "open" }];
    stage.tell(
      "conversation.reopened",
      route,
      { conversation },
      { changes, first_message: message },
      kept && { changes, first_message: kept },
    );
  }
  const type = isTheirs ? "message.received" : "message.sent";
  stage.tell(type, route, { conversation }, { message }, kept && { message: kept });
}
