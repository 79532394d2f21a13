import { accountObject, channelObject, contactObject } from "../../core/events/envelope.ts";
import type { EventDraft } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { RoutedChannel } from "../../storage/channels/routing.ts";
import type { Contact } from "../../storage/conversations/contacts.ts";
import type { Merge } from "../../storage/conversations/people.ts";
import { type Affair, attend } from "./affairs.ts";
import { type Change, change, hear, type Reached, reach } from "./changes.ts";
import { type Received, receive } from "./receive.ts";
import type { Heard } from "./sort.ts";
import { type Scene, Stage, type Story } from "./stage.ts";

/** Everything of a batch that is to be told. */
export interface Happenings {
  received: readonly Received[];
  heard: readonly Heard[];
  changes: readonly Change[];
  reached: readonly Reached[];
  affairs: readonly Affair[];
}

/** Tells what happened, item by item in the order of the batch, and what is different after it. */
export function narrate(scene: Scene, happened: Happenings): Story {
  const stage = new Stage(scene);
  const came = new Map(happened.received.map(({ messageId, at }) => [messageId, at]));
  // What was said of a message before it came, and in the same batch, is told after it.
  const after = ({ at, message }: Heard | Change) =>
    Math.max(at, (came.get(message.id) ?? Number.NEGATIVE_INFINITY) + 0.5);
  const acts = [
    ...happened.received.map((each) => ({ at: each.at, act: () => receive(stage, each) })),
    ...happened.heard.map((each) => ({ at: after(each), act: () => hear(stage, each) })),
    ...happened.changes.map((each) => ({ at: after(each), act: () => change(stage, each) })),
    ...happened.reached.map((each) => ({ at: each.at, act: () => reach(stage, each) })),
    ...happened.affairs.map((each) => ({ at: each.at, act: () => attend(stage, each) })),
  ];
  for (const { act } of acts.sort((a, b) => a.at - b.at)) act();
  return stage.story();
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
