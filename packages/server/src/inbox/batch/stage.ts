import {
  accountObject,
  channelObject,
  contactObject,
  conversationObject,
} from "../../core/events/envelope.ts";
import type { EventDraft, InboundNote } from "../../core/events/recording.ts";
import type { MediaAddresses } from "../../core/messages/media.ts";
import type { RoutedChannel } from "../../storage/channels/routing.ts";
import type { Consent } from "../../storage/conversations/consents.ts";
import type { Contact } from "../../storage/conversations/contacts.ts";
import type { ConversationState } from "../../storage/conversations/conversations.ts";
import type { NewMedia } from "../../storage/conversations/media.ts";
import type { LockedMessage } from "../../storage/conversations/messages.ts";

/** What the batch is told against: rows as they are now, locked. */
export interface Scene {
  readonly now: number;
  newId(): string;
  /** Null where nobody serves files. */
  readonly files: MediaAddresses | null;
  readonly conversations: ReadonlyMap<string, ConversationState>;
  readonly contacts: ReadonlyMap<string, Contact>;
  readonly messages: ReadonlyMap<string, LockedMessage>;
}

export interface Story {
  drafts: EventDraft[];
  /** Messages that have come further. */
  progress: LockedMessage[];
  /** Messages that say something else now, or nothing. */
  reworded: LockedMessage[];
  /** Messages that the provider has spoken of for the first time. */
  leftOutbox: string[];
  /** Conversations that customers have written in. */
  inbound: InboundNote[];
  media: NewMedia[];
  /** Messages whose files are to be had no more. */
  withdrawn: string[];
  consents: Consent[];
}

type Shown = Pick<EventDraft, "account" | "channel">;

/** The rows of a batch while it is told: what one item changes, the next one finds changed. */
export class Stage {
  readonly now: number;
  readonly contacts: ReadonlyMap<string, Contact>;
  readonly media: NewMedia[] = [];
  readonly withdrawn: string[] = [];
  readonly consents: Consent[] = [];
  readonly newId: () => string;
  readonly files: MediaAddresses | null;
  readonly #drafts: EventDraft[] = [];
  readonly #conversations: Map<string, ConversationState>;
  readonly #messages: Map<string, LockedMessage>;
  readonly #progressed = new Set<string>();
  readonly #reworded = new Set<string>();
  readonly #leftOutbox = new Set<string>();
  readonly #inbound = new Map<string, InboundNote>();
  readonly #shown = new Map<RoutedChannel, Shown>();

  constructor({ now, newId, files, conversations, contacts, messages }: Scene) {
    this.now = now;
    this.newId = newId;
    this.files = files;
    this.contacts = contacts;
    this.#conversations = new Map(conversations);
    this.#messages = new Map(messages);
  }

  conversation(id: string): ConversationState {
    const conversation = this.#conversations.get(id);
    if (conversation === undefined) throw new Error(`There is no conversation ${id}`);
    return conversation;
  }

  /** Undefined where retention took it between two statements. */
  message(id: string): LockedMessage | undefined {
    return this.#messages.get(id);
  }

  progress(message: LockedMessage, o: { isChanged: boolean; isFirstWord: boolean }): void {
    this.#messages.set(message.id, message);
    if (o.isChanged) this.#progressed.add(message.id);
    if (o.isFirstWord) this.#leftOutbox.add(message.id);
  }

  reword(message: LockedMessage): void {
    this.#messages.set(message.id, message);
    this.#reworded.add(message.id);
  }

  /** Keeps what a conversation has become by something that a customer did. */
  note(conversation: ConversationState, reopens: boolean): void {
    this.#conversations.set(conversation.id, conversation);
    const noted = this.#inbound.get(conversation.id);
    this.#inbound.set(conversation.id, {
      id: conversation.id,
      lastInboundAt: conversation.lastInboundAt,
      reopens: reopens || noted?.reopens === true,
      firstTouch: conversation.firstTouch ?? null,
    });
  }

  /** From now on somebody has been told that there is this conversation. */
  introduce(conversation: ConversationState): void {
    this.#conversations.set(conversation.id, { ...conversation, seq: 1 });
  }

  tell(
    type: string,
    route: RoutedChannel,
    about: { conversation?: ConversationState | null; contactId?: string | null },
    data: object,
    /** What is kept of it where a customer's words are not: see `EventDraft`. */
    kept: object | null = null,
  ): void {
    const { conversation = null } = about;
    const { workspaceId, account, channel, aiEnabled } = route;
    const contact = this.contacts.get(about.contactId ?? conversation?.contactId ?? "");
    this.#drafts.push({
      workspaceId,
      type,
      occurredAt: this.now,
      accountId: account?.id ?? null,
      channelId: channel.id,
      channelKind: channel.kind,
      conversationId: conversation?.id ?? null,
      campaignId: null,
      ...this.#show(route),
      conversation: conversation && conversationObject(conversation, channel.kind, aiEnabled),
      contact: contact === undefined ? null : contactObject(contact, contact.identities),
      data,
      kept,
    });
  }

  /** The channel and its account as events show them: the same for all that happens there. */
  #show(route: RoutedChannel): Shown {
    let shown = this.#shown.get(route);
    if (shown === undefined) {
      shown = { account: accountObject(route.account), channel: channelObject(route.channel) };
      this.#shown.set(route, shown);
    }
    return shown;
  }

  story(): Story {
    const messages = [...this.#messages.values()];
    return {
      drafts: this.#drafts,
      progress: messages.filter(({ id }) => this.#progressed.has(id)),
      reworded: messages.filter(({ id }) => this.#reworded.has(id)),
      leftOutbox: [...this.#leftOutbox],
      inbound: [...this.#inbound.values()],
      media: this.media,
      withdrawn: this.withdrawn,
      consents: this.consents,
    };
  }
}

export function latest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
