import { isoOf, messageObject } from "../core/events/envelope.ts";
import { publicId } from "../core/ids.ts";
import type { ChannelKind } from "../core/messages/channel-kinds.ts";
import type { IdentityName } from "../core/messages/inbound.ts";
import { isBeforeSent, type MessageStatus } from "../core/messages/message-status.ts";
import { isWindowOpen } from "../core/messages/window.ts";
import type { SendError, SendOutcome } from "../core/sending/send-outcome.ts";
import type { ConversationState } from "../storage/conversations/conversations.ts";
import type { LockedMessage } from "../storage/conversations/messages.ts";
import type { KeyName } from "../storage/idempotency.ts";
import type { LockedEntry } from "../storage/sending/outbox.ts";
import { type Decision, decide, type History } from "./decide.ts";
import type { Fact } from "./draft.ts";
import { readRequest, SEND_ROUTE, writeRequest } from "./request.ts";

/** What became of one leave to go, or what time has made of a message that waits. */
export type Word =
  | SendOutcome
  /** It was to leave and did not: nothing of it was handed to anybody. This process lets its channel rest. */
  | { kind: "not_left"; restMs?: number }
  /** Its leave to go was given and, as far as a look at both could see, never heard of. */
  | { kind: "unheard" }
  /** The provider's own word has been waited for long enough. */
  | { kind: "overdue" }
  /** The channel that it waits for is gone. */
  | { kind: "stranded" }
  /** An operator, or whoever sent it, has cancelled what was queued. */
  | { kind: "cancelled" };

export interface SettleUnit {
  messageId: string;
  workspaceId: string;
  channelId: string;
  channelKind: ChannelKind;
  conversationId: string;
  /** The leave to go that the word is about; null where it is about none. */
  attempt: number | null;
  word: Word;
  /** What the provider calls the recipient, where that is news. */
  learned: { contactId: string; name: IdentityName } | null;
  /** In [0, 1). */
  spread: number;
}

/** How things stand with a message after a word about it. */
export interface Settled {
  status: MessageStatus;
  providerId: string | null;
  error: SendError | null;
  /** When it may leave again; null when that is not known, or it need not. */
  nextAt: number | null;
}

export interface LedgerRows {
  now: number;
  conversations: ReadonlyMap<string, ConversationState>;
  messages: ReadonlyMap<string, LockedMessage>;
  entries: readonly LockedEntry[];
}

/** The messages of one transaction, locked, and what words about them make of them. Pure. */
export class Ledger {
  readonly facts: Fact[] = [];
  readonly #now: number;
  readonly #conversations: ReadonlyMap<string, ConversationState>;
  readonly #messages: Map<string, LockedMessage>;
  readonly #entries: Map<string, LockedEntry>;
  readonly #changed = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #queued = new Map<string, { messageId: string; request: string; nextAt: number }>();
  readonly #doubted = new Set<string>();
  readonly #endedKeys: KeyName[] = [];

  constructor({ now, conversations, messages, entries }: LedgerRows) {
    this.#now = now;
    this.#conversations = conversations;
    this.#messages = new Map(messages);
    this.#entries = new Map(entries.map((each) => [each.messageId, each]));
  }

  /** Takes one word and answers how things stand after it. */
  hear(unit: SettleUnit): Settled {
    const message = this.#messages.get(unit.messageId);
    const entry = this.#entries.get(unit.messageId);
    if (message) this.#weigh(unit, message, entry);
    // Retention took it: there is nothing left to tell of.
    else this.#end(unit, entry);
    return this.#standing(unit);
  }

  progress(): LockedMessage[] {
    return [...this.#messages.values()].filter(({ id }) => this.#changed.has(id));
  }

  gone(): string[] {
    return [...this.#gone];
  }

  queued(): { messageId: string; request: string; nextAt: number }[] {
    return [...this.#queued.values()];
  }

  doubted(): string[] {
    return [...this.#doubted];
  }

  /** Keys whose messages have come to their end here. */
  endedKeys(expiresAt: number): (KeyName & { expiresAt: number })[] {
    return this.#endedKeys.map((key) => ({ ...key, expiresAt }));
  }

  #weigh(unit: SettleUnit, message: LockedMessage, entry: LockedEntry | undefined): void {
    const { word } = unit;
    if (word.kind === "overdue") {
      const isOver = entry?.state === "in_doubt" && (entry.doubtUntil ?? 0) <= this.#now;
      if (isOver) this.#giveUpWaiting(unit, message, entry);
    } else if (word.kind === "stranded") {
      // Also after a leave to go: nothing of it was handed to anybody then.
      const isOurs = unit.attempt === null ? entry?.state === "queued" : this.#isOurs(unit, entry);
      if (isOurs) this.#fail(unit, message, entry, CHANNEL_GONE);
    } else if (word.kind === "cancelled") {
      if (entry?.state === "queued") this.#fail(unit, message, entry, CANCELLED);
    } else if (word.kind === "unheard") {
      // Heard of after the look, it may have been handed over: then it does not stand so any more.
      const isStill = this.#isOurs(unit, entry) && entry.state === "sending";
      if (isStill) this.#queue(unit, message, entry, this.#now);
    } else if (word.kind === "not_left") {
      if (this.#isOurs(unit, entry)) this.#queue(unit, message, entry, this.#now);
    } else this.#apply(unit, message, entry, this.#decide(unit, word, entry));
  }

  /** Whether the entry still stands where the leave to go has put it. */
  #isOurs(unit: SettleUnit, entry: LockedEntry | undefined): entry is LockedEntry {
    return entry !== undefined && entry.attempt === unit.attempt && entry.state !== "queued";
  }

  #decide(unit: SettleUnit, word: SendOutcome, entry: LockedEntry | undefined): Decision {
    const { lastInboundAt = null } = this.#conversations.get(unit.conversationId) ?? {};
    return decide(word, {
      now: this.#now,
      history: entry ? readRequest(entry.request) : NO_HISTORY,
      isWindowOpen: isWindowOpen(unit.channelKind, lastInboundAt, this.#now),
      spread: unit.spread,
    });
  }

  #apply(
    unit: SettleUnit,
    message: LockedMessage,
    entry: LockedEntry | undefined,
    decision: Decision,
  ): void {
    switch (decision.kind) {
      case "sent":
        this.#send(unit, message, entry, decision.providerId);
        return;
      case "failed":
        // Without an entry nobody waited for this word any more, and it still decides.
        if (!entry || this.#isOurs(unit, entry)) this.#fail(unit, message, entry, decision.error);
        return;
      case "again":
        if (this.#isOurs(unit, entry)) {
          this.#queue(unit, message, entry, decision.at, decision.history);
        } else if (!entry && decision.error) {
          this.#fail(unit, message, entry, { ...decision.error, retryable: true });
        }
        return;
      case "doubt":
        if (this.#isOurs(unit, entry) && entry.state === "sending") this.#doubt(entry);
    }
  }

  /** The provider has it. Its status may have said so before; then only the name is news. */
  #send(
    unit: SettleUnit,
    message: LockedMessage,
    entry: LockedEntry | undefined,
    providerId: string | null,
  ): void {
    const isNews = isBeforeSent(message.status);
    const after: LockedMessage = {
      ...message,
      providerId: message.providerId ?? providerId,
      ...(isNews ? { status: "sent", sentAt: message.sentAt ?? this.#now, error: null } : {}),
    };
    this.#keep(after);
    this.#end(unit, entry);
    if (isNews) this.#tell(unit, "message.sent", { message: messageObject(after, null) });
  }

  #fail(
    unit: SettleUnit,
    message: LockedMessage,
    entry: LockedEntry | undefined,
    error: SendError,
  ): void {
    this.#end(unit, entry);
    if (!isBeforeSent(message.status)) return;
    this.#keep({
      ...message,
      status: "failed",
      failedAt: this.#now,
      error: JSON.stringify(error),
    });
    this.#tell(unit, "message.failed", { ...this.#namesOf(message), error });
  }

  #giveUpWaiting(unit: SettleUnit, message: LockedMessage, entry: LockedEntry): void {
    this.#end(unit, entry);
    if (message.status !== "sending" && message.status !== "queued") return;
    this.#keep({ ...message, status: "unconfirmed" });
    const reason = "The provider's answer was lost, and it has not spoken of the message since.";
    this.#tell(unit, "message.unconfirmed", { ...this.#namesOf(message), reason });
  }

  #queue(
    unit: SettleUnit,
    message: LockedMessage,
    entry: LockedEntry,
    nextAt: number,
    history?: History,
  ): void {
    if (!isBeforeSent(message.status)) {
      this.#end(unit, entry);
      return;
    }
    const request = writeRequest({ ...readRequest(entry.request), ...history });
    this.#queued.set(message.id, { messageId: message.id, request, nextAt });
    this.#entries.set(message.id, { ...entry, state: "queued", request, nextAt });
    this.#keep({ ...message, status: "queued" });
  }

  #doubt(entry: LockedEntry): void {
    this.#doubted.add(entry.messageId);
    this.#entries.set(entry.messageId, { ...entry, state: "in_doubt" });
  }

  #end({ workspaceId }: SettleUnit, entry: LockedEntry | undefined): void {
    if (!entry) return;
    this.#gone.add(entry.messageId);
    this.#queued.delete(entry.messageId);
    this.#entries.delete(entry.messageId);
    const { key } = readRequest(entry.request);
    if (key !== null) this.#endedKeys.push({ workspaceId, route: SEND_ROUTE, key });
  }

  #keep(message: LockedMessage): void {
    this.#messages.set(message.id, message);
    this.#changed.add(message.id);
  }

  #namesOf({ id, providerId }: LockedMessage) {
    return {
      message_id: publicId("msg", id),
      provider_id: providerId,
      at: isoOf(this.#now),
    };
  }

  #tell({ channelId, conversationId }: SettleUnit, type: string, data: object): void {
    const conversation = this.#conversations.get(conversationId);
    if (!conversation) throw new Error(`there is no conversation ${conversationId}`);
    this.facts.push({ type, channelId, conversation, data });
  }

  #standing({ messageId, word }: SettleUnit): Settled {
    const message = this.#messages.get(messageId);
    const entry = this.#entries.get(messageId);
    return {
      status: message?.status ?? "unconfirmed",
      providerId: message?.providerId ?? null,
      error: message?.error ? (JSON.parse(message.error) as SendError) : null, // written above or by the inbox
      nextAt: entry?.state === "queued" && word.kind !== "pause_channel" ? entry.nextAt : null,
    };
  }
}

const NO_HISTORY: History = { failures: 0, windowRetried: false };

const CANCELLED: SendError = {
  code: "cancelled",
  provider_code: null,
  message: "It was cancelled before it left.",
  details: null,
  retryable: false,
  advice: "Nothing of it was handed to the provider. Send it again if it is still wanted.",
};

const CHANNEL_GONE: SendError = {
  code: "channel_deleted",
  provider_code: null,
  message: "The channel was deleted before the message left.",
  details: null,
  retryable: false,
  advice: "Connect the channel again, then send the message anew.",
};
