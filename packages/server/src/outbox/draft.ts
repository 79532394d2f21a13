import {
  accountObject,
  channelObject,
  contactObject,
  conversationObject,
} from "../core/events/envelope.ts";
import type { EventDraft, Queryable } from "../core/events/recording.ts";
import type { RoutedChannel } from "../storage/channels/routing.ts";
import { routeChannels } from "../storage/channels/routing.ts";
import { type Contact, readContacts } from "../storage/conversations/contacts.ts";
import type { ConversationState } from "../storage/conversations/conversations.ts";

/** Something that happened to a message of ours. */
export interface Fact {
  type: string;
  channelId: string;
  /** As it is now, locked. */
  conversation: ConversationState;
  data: object;
}

/** The facts as drafts of events, with everything that their envelopes show. */
export async function draftsOf(
  tx: Queryable,
  facts: readonly Fact[],
  now: number,
): Promise<EventDraft[]> {
  if (facts.length === 0) return [];
  const routes = await routeChannels(tx, {
    channels: [...new Set(facts.map((each) => each.channelId))],
    conversations: [],
  });
  const contacts = await readContacts(tx, [
    ...new Set(facts.map((each) => each.conversation.contactId)),
  ]);
  return facts.map((fact) => {
    const route = routes.get(fact.channelId);
    if (!route) throw new Error(`there is no channel ${fact.channelId}`);
    return draft(fact, route, contacts.get(fact.conversation.contactId), now);
  });
}

function draft(
  { type, conversation, data }: Fact,
  { workspaceId, account, channel, aiEnabled }: RoutedChannel,
  contact: Contact | undefined,
  now: number,
): EventDraft {
  return {
    workspaceId,
    type,
    occurredAt: now,
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
  };
}
