import { textContent } from "../../../core/messages/content.ts";
import type {
  InboundItem,
  InboundStatus,
  InboundWatermark,
} from "../../../core/messages/inbound.ts";
import { idOfItem, unreadable } from "../items.ts";
import { idOf, instantOf, integerOf, type JsonObject, labelOf, listOf, stringOf } from "../read.ts";
import type { Exchange } from "./exchange.ts";

export function readReaction({ channel, person, at, item, raw }: Exchange, part: JsonObject) {
  const target = idOf(part["mid"]);
  if (target === null) return [unreadable(channel, "no_provider_id", item)];
  if (person.identities.length === 0) return [unreadable(channel, "no_sender", item)];
  const action = part["action"] === "unreact" ? "remove" : "add";
  return [
    {
      kind: "reaction",
      channel,
      providerId: idOfItem("reaction", raw),
      targetProviderId: target,
      at,
      by: "contact",
      person,
      action,
      emoji: labelOf(part["emoji"]),
      name: labelOf(part["reaction"]),
      opensWindow: true,
      raw,
    },
  ] satisfies InboundItem[];
}

export function readEdit({ channel, person, at, item, raw }: Exchange, part: JsonObject) {
  const target = idOf(part["mid"]);
  const text = stringOf(part["text"]);
  if (target === null) return [unreadable(channel, "no_provider_id", item)];
  const revision = integerOf(part["num_edit"]);
  // Instagram tells of new messages as edited no times.
  if (text === null && revision !== 0) return [unreadable(channel, "malformed", item)];
  return [
    {
      kind: "edit",
      channel,
      providerId: idOfItem("edit", raw),
      targetProviderId: target,
      at,
      by: "contact",
      person,
      content: text === null ? null : textContent(text),
      media: [],
      revision,
      raw,
    },
  ] satisfies InboundItem[];
}

/** Messenger says until when somebody has read, Instagram which message was the last. */
export function readSeen(exchange: Exchange, part: JsonObject): InboundItem[] {
  const mark = watermarkOf(exchange, "read", part["watermark"], idOf(part["mid"]));
  return [mark ?? unreadable(exchange.channel, "malformed", exchange.item)];
}

/** Which messages arrived, as far as Messenger names them, and until when all did. */
export function readDelivery(exchange: Exchange, part: JsonObject): InboundItem[] {
  const { channel, person, at, raw } = exchange;
  const named = listOf(part["mids"]).flatMap((mid): InboundStatus[] => {
    const providerId = idOf(mid);
    if (providerId === null) return [];
    return [
      {
        kind: "status",
        channel,
        providerId,
        status: "delivered",
        at: instantOf(part["watermark"]) ?? at,
        token: null,
        recipient: person,
        parentBsuid: null,
        error: null,
        pricing: null,
        providerConversationId: null,
        raw,
      },
    ];
  });
  const mark = watermarkOf(exchange, "delivered", part["watermark"], null);
  const items = mark === null ? named : [...named, mark];
  return items.length > 0 ? items : [unreadable(channel, "malformed", exchange.item)];
}

function watermarkOf(
  { channel, person, at, raw }: Exchange,
  status: InboundWatermark["status"],
  watermark: unknown,
  targetProviderId: string | null,
): InboundWatermark | null {
  const until = instantOf(watermark);
  if ((until === null && targetProviderId === null) || person.identities.length === 0) return null;
  return {
    kind: "watermark",
    channel,
    providerId: idOfItem(status, raw),
    at: at ?? until,
    status,
    person,
    until,
    targetProviderId,
    raw,
  };
}
