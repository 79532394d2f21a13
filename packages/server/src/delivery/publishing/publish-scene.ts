import {
  accountObject,
  channelObject,
  contactObject,
  conversationObject,
} from "../../core/events/envelope.ts";
import type { EventDraft, Recording } from "../../core/events/recording.ts";
import type { RoutedChannel } from "../../storage/channels/routing.ts";
import { routeChannels } from "../../storage/channels/routing.ts";
import { type Contact, readContactsOf } from "../../storage/conversations/contacts.ts";
import {
  type LockedConversation,
  lockForPublishing,
  readAccounts,
} from "../../storage/events/publishing.ts";
import type { PublishItem, PublishRequest, Refusal } from "./publish-request.ts";

/** Where an event belongs, and the objects of its body that show it. */
export type Place = Pick<
  EventDraft,
  "accountId" | "channelId" | "channelKind" | "account" | "channel" | "conversation" | "contact"
>;

const NOWHERE: Place = {
  accountId: null,
  channelId: null,
  channelKind: null,
  account: null,
  channel: null,
  conversation: null,
  contact: null,
};

const none = new Map<string, never>();

type Account = NonNullable<RoutedChannel["account"]> & { workspaceId: string };

/** What the items of one transaction refer to. */
export class Scene {
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #channels: ReadonlyMap<string, RoutedChannel>;
  readonly #conversations: ReadonlyMap<string, LockedConversation>;
  readonly #contacts: ReadonlyMap<string, Contact>;

  constructor(
    accounts: ReadonlyMap<string, Account> = new Map(),
    channels: ReadonlyMap<string, RoutedChannel> = new Map(),
    conversations: ReadonlyMap<string, LockedConversation> = new Map(),
    contacts: ReadonlyMap<string, Contact> = new Map(),
  ) {
    this.#accounts = accounts;
    this.#channels = channels;
    this.#conversations = conversations;
    this.#contacts = contacts;
  }

  /** Refuses what is not there, what a confined key may not use, and what does not belong together. */
  placeOf(request: PublishRequest, item: PublishItem): Place | Refusal {
    const { conversationId, channel, accountId } = item;
    if (conversationId !== null) return this.#inConversation(request, item, conversationId);
    if (channel !== null && "id" in channel) return this.#onChannel(request, item, channel.id);
    const account = this.#account(request, accountId ?? request.confinedTo);
    if (account !== null && "detail" in account) return account;
    if (account === null && channel === null) return NOWHERE;
    return {
      ...NOWHERE,
      accountId: account?.id ?? null,
      account: accountObject(account),
      channelKind: channel?.kind ?? null,
      channel: channel && {
        id: null,
        serial: null,
        kind: channel.kind,
        name: null,
        external_id: null,
      },
    };
  }

  #inConversation(request: PublishRequest, item: PublishItem, id: string): Place | Refusal {
    const found = this.#conversations.get(id);
    const place = found && this.#visibleChannel(request, found.channelId);
    if (!found || !place) return refusal("conversation_id", "there is no such conversation");
    const { channel } = place;
    if (item.channel !== null) {
      const isSame =
        "id" in item.channel ? item.channel.id === channel.id : item.channel.kind === channel.kind;
      if (!isSame) return refusal("channel", "is not the conversation's");
    }
    const contact = this.#contacts.get(found.contactId);
    return (
      ofOtherAccount(item, place) ?? {
        ...on(place),
        conversation: conversationObject(found, channel.kind, place.aiEnabled),
        contact: contact ? contactObject(contact, contact.identities) : null,
      }
    );
  }

  #onChannel(request: PublishRequest, item: PublishItem, id: string): Place | Refusal {
    const place = this.#visibleChannel(request, id);
    if (!place) return refusal("channel", "there is no such channel");
    return ofOtherAccount(item, place) ?? on(place);
  }

  #visibleChannel({ workspaceId, confinedTo }: PublishRequest, id: string): RoutedChannel | null {
    const found = this.#channels.get(id);
    if (found?.workspaceId !== workspaceId) return null;
    return confinedTo === null || found.account?.id === confinedTo ? found : null;
  }

  #account(
    { workspaceId, confinedTo }: PublishRequest,
    id: string | null,
  ): Account | Refusal | null {
    if (id === null) return null;
    const found = this.#accounts.get(id);
    const isVisible = found?.workspaceId === workspaceId && (confinedTo ?? id) === id;
    return found && isVisible ? found : refusal("account_id", "there is no such account");
  }
}

/** Reads what items refer to; conversations are locked first. Costs no statement where none refers to any. */
export async function readScene(
  recording: Pick<Recording, "opening" | "hasLocked">,
  requests: readonly PublishRequest[],
): Promise<Scene> {
  const { opening } = recording;
  const accountIds = new Set<string>();
  const channelIds = new Set<string>();
  const conversationIds = new Set<string>();
  for (const { items, confinedTo } of requests) {
    for (const { accountId, channel, conversationId } of items) {
      if (conversationId !== null) conversationIds.add(conversationId);
      else if (channel !== null && "id" in channel) channelIds.add(channel.id);
      else if (accountId !== null) accountIds.add(accountId);
      else if (confinedTo !== null) accountIds.add(confinedTo);
    }
  }
  if (accountIds.size + channelIds.size + conversationIds.size === 0) return new Scene();
  // Three statements that travel together: those after the lock see what it has waited for.
  const named = [...conversationIds];
  const [conversations, contacts, channels, accounts] = await Promise.all([
    named.length === 0 ? none : lockForPublishing(opening, named),
    named.length === 0 ? none : readContactsOf(opening, named),
    named.length + channelIds.size === 0
      ? none
      : routeChannels(opening, { channels: [...channelIds], conversations: named }),
    accountIds.size === 0 ? none : readAccounts(opening, [...accountIds]),
  ]);
  recording.hasLocked([...conversations.values()]);
  return new Scene(accounts, channels, conversations, contacts);
}

function on({ channel, account }: RoutedChannel): Place {
  return {
    ...NOWHERE,
    accountId: account?.id ?? null,
    channelId: channel.id,
    channelKind: channel.kind,
    account: accountObject(account),
    channel: channelObject(channel),
  };
}

function ofOtherAccount({ accountId }: PublishItem, { account }: RoutedChannel): Refusal | null {
  if (accountId === null || accountId === account?.id) return null;
  return refusal("account_id", "is not the account that the channel belongs to");
}

function refusal(field: Refusal["field"], detail: string): Refusal {
  return { field, code: "invalid_request", detail };
}
