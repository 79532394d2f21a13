import {
  accountObject,
  channelObject,
  contactObject,
  conversationObject,
  messageObject,
} from "../core/envelope.ts";
import { publicId } from "../core/ids.ts";
import type { EventDraft } from "../core/recording.ts";
import type { Contact } from "../storage/contacts.ts";
import type { ConversationState } from "../storage/conversations.ts";
import type { LockedMessage, NewMessage } from "../storage/messages.ts";
import type { Merge } from "../storage/people.ts";
import type { RoutedChannel } from "../storage/routing.ts";
import { type Step, step } from "./progress.ts";
import type { Heard, NewInbound } from "./sort.ts";

/** A new message with the conversation that it belongs to. */
export interface Received extends NewInbound {
  readonly row: NewMessage;
  readonly serial: number;
  readonly opens: boolean;
}

/** What the batch is told against: rows as they are now, locked. */
export interface Scene {
  readonly now: number;
  readonly conversations: ReadonlyMap<string, ConversationState>;
  readonly contacts: ReadonlyMap<string, Contact>;
  readonly messages: ReadonlyMap<string, LockedMessage>;
}

export interface Story {
  drafts: EventDraft[];
  /** Messages that have come further. */
  progress: LockedMessage[];
  /** Messages that the provider has spoken of for the first time. */
  leftOutbox: string[];
  /** Conversations that customers have written in. */
  inbound: { id: string; lastInboundAt: number | null; reopens: boolean }[];
}

/** Tells what happened, item by item in the order of the batch, and what is different after it. */
export function narrate(
  scene: Scene,
  received: readonly Received[],
  heard: readonly Heard[],
): Story {
  const teller = new Teller(scene);
  for (const item of [...received, ...heard].sort((a, b) => a.at - b.at)) {
    if ("row" in item) teller.receive(item);
    else teller.hear(item);
  }
  return teller.story();
}

class Teller {
  readonly #scene: Scene;
  readonly #drafts: EventDraft[] = [];
  readonly #conversations: Map<string, ConversationState>;
  readonly #messages: Map<string, LockedMessage>;
  readonly #changed = new Set<string>();
  readonly #leftOutbox = new Set<string>();
  readonly #opened = new Set<string>();
  readonly #inbound = new Map<string, Story["inbound"][number]>();

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#conversations = new Map(scene.conversations);
    this.#messages = new Map(scene.messages);
  }

  receive({ item, row, serial, opens, route }: Received): void {
    const before = this.#conversation(row.conversationId);
    const reopens = before.status === "closed";
    const heardAt = item.opensWindow ? Math.min(item.sentAt ?? row.createdAt, row.createdAt) : null;
    const conversation: ConversationState = {
      ...before,
      status: reopens ? "open" : before.status,
      lastInboundAt: latest(before.lastInboundAt, heardAt),
    };
    this.#conversations.set(conversation.id, conversation);
    const noted = this.#inbound.get(conversation.id);
    this.#inbound.set(conversation.id, {
      id: conversation.id,
      lastInboundAt: conversation.lastInboundAt,
      reopens: reopens || noted?.reopens === true,
    });

    const name = this.#scene.contacts.get(row.contactId)?.name ?? null;
    const message = messageObject({ ...row, serial, error: null }, name);
    if (opens && !this.#opened.has(conversation.id)) {
      this.#opened.add(conversation.id);
      this.#tell("conversation.created", route, conversation, { first_message: message });
    }
    if (reopens) {
      const changes = [{ field: "status", from: "closed", to: "open" }];
      this.#tell("conversation.reopened", route, conversation, {
        changes,
        first_message: message,
      });
    }
    this.#tell("message.received", route, conversation, { message });
  }

  hear({ item, route, message: place }: Heard): void {
    const before = this.#messages.get(place.id);
    // Retention took it between two statements.
    if (before === undefined) return;
    const taken: Step = step(before, item, this.#scene.now);
    this.#messages.set(place.id, taken.message);
    if (taken.isChanged) this.#changed.add(place.id);
    if (taken.isFirstWord) this.#leftOutbox.add(place.id);
    const conversation = this.#conversation(place.conversationId);
    for (const { type, data } of taken.facts) this.#tell(type, route, conversation, data);
  }

  story(): Story {
    return {
      drafts: this.#drafts,
      progress: [...this.#messages.values()].filter(({ id }) => this.#changed.has(id)),
      leftOutbox: [...this.#leftOutbox],
      inbound: [...this.#inbound.values()],
    };
  }

  #conversation(id: string): ConversationState {
    const conversation = this.#conversations.get(id);
    if (conversation === undefined) throw new Error(`There is no conversation ${id}`);
    return conversation;
  }

  #tell(
    type: string,
    { workspaceId, account, channel, aiEnabled }: RoutedChannel,
    conversation: ConversationState,
    data: object,
  ): void {
    const contact = this.#scene.contacts.get(conversation.contactId);
    this.#drafts.push({
      workspaceId,
      type,
      occurredAt: this.#scene.now,
      accountId: account?.id ?? null,
      channelId: channel.id,
      channelKind: channel.kind,
      conversationId: conversation.id,
      campaignId: null,
      account: accountObject(account),
      channel: channelObject(channel),
      conversation: conversationObject(conversation, channel.kind, aiEnabled),
      contact: contact === undefined ? null : contactObject(contact, contact.identities),
      data,
    });
  }
}

/** Two contacts turned out to be one person; the addresses of the one are the other's now. */
export function mergeDraft(
  { from, to, workspaceId }: Merge,
  { account, channel }: RoutedChannel,
  contacts: ReadonlyMap<string, Contact>,
  now: number,
): EventDraft {
  const contact = contacts.get(to);
  return {
    workspaceId,
    type: "contact.merged",
    occurredAt: now,
    accountId: account?.id ?? null,
    channelId: channel.id,
    channelKind: channel.kind,
    conversationId: null,
    campaignId: null,
    account: accountObject(account),
    channel: channelObject(channel),
    conversation: null,
    contact: contact === undefined ? null : contactObject(contact, contact.identities),
    data: { surviving: { id: publicId("con", to) }, discarded: { id: publicId("con", from) } },
  };
}

function latest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
