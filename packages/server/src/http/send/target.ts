import type { Queryable } from "../../core/events/recording.ts";
import { parseId } from "../../core/ids.ts";
import type { ChannelKind } from "../../core/messages/channel-kinds.ts";
import { findQuotable } from "../../storage/sending/sending.ts";
import { fieldRefused } from "../api.ts";
import { type Destination, serialOf } from "./destination.ts";

/** A message that another one, or a reaction, is about. */
export interface Target {
  /** Null for one from before the channel was connected: the provider alone knows it. */
  messageId: string | null;
  providerId: string;
}

/** What the provider calls messages, by the kind of channel. */
const LOOKS_LIKE_ITS: Partial<Record<ChannelKind, RegExp>> = {
  whatsapp: /^wamid\./,
  messenger: /^m(id)?[._]/,
  instagram: /^aWdf|^m(id)?[._]/,
};

/** Finds a message of the conversation by our id, its serial or the provider's id. */
export async function findTarget(
  db: Queryable,
  { channel, target }: Destination,
  given: string | number,
  pointer: string,
): Promise<Target> {
  const refuse = (detail: string) => fieldRefused(pointer, detail);
  const text = String(given);
  const isItsOwn = LOOKS_LIKE_ITS[channel.kind]?.test(text) === true;
  if (target.kind === "stranger") throw refuse("there is no conversation to answer in yet");
  const id = parseId("msg", text);
  const serial = serialOf(given);
  const by =
    id !== null
      ? { id }
      : serial !== null
        ? { serial }
        : { providerId: text, channelId: channel.id };
  const found = await findQuotable(db, target.conversationId, by);
  if (found && found.conversationId === target.conversationId) {
    if (found.providerId === null) throw refuse("has not left yet, so it cannot be answered");
    return { messageId: found.messageId, providerId: found.providerId };
  }
  if (!found && isItsOwn) return { messageId: null, providerId: text };
  throw refuse("there is no such message in this conversation");
}
