import type {
  ChannelAddress,
  InboundEcho,
  InboundItem,
  InboundMessage,
  MessageTraits,
  Person,
} from "../../../core/messages/inbound.ts";
import { unreadable } from "../../meta/items.ts";
import { writeJson } from "../../meta/json.ts";
import type { JsonObject } from "../../meta/read.ts";

/** Something between the business and a customer that neither of them wrote: a call, a payment. */
export interface Happening {
  providerId: string;
  /** What it is, in our words. */
  code: string;
  text: string;
  at: number | null;
  by: "contact" | "business";
  person: Person;
  opensWindow: boolean;
  /** The provider's id of the message that it is about. */
  answers: string | null;
  traits: MessageTraits;
}

/** A happening as the line in the conversation that it is: of the side that it came from. */
export function lineOf(
  channel: ChannelAddress,
  item: JsonObject,
  { code, text, at, by, person, opensWindow, answers, traits, providerId }: Happening,
): InboundItem {
  if (person.identities.length === 0) return unreadable(channel, "no_sender", item);
  const words = {
    channel,
    providerId,
    content: { type: "system", code, text },
    media: [],
    sentAt: at,
    quotedProviderId: answers,
    isHistory: false,
    keepRaw: true,
    raw: writeJson(item),
  } as const;
  if (by === "business") {
    return {
      kind: "echo",
      ...words,
      recipient: person,
      token: null,
      appId: null,
    } satisfies InboundEcho;
  }
  return {
    kind: "message",
    ...words,
    sender: person,
    thread: null,
    opensWindow,
    referral: null,
    traits,
  } satisfies InboundMessage;
}
