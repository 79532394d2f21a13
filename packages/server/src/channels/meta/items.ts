import type {
  ChannelAddress,
  InboundIgnored,
  InboundItem,
  InboundUnreadable,
  UnreadableReason,
} from "../../core/messages/inbound.ts";
import { factId } from "../fact-id.ts";
import { writeJson } from "./json.ts";

/** Whatever a request may hold: what the inbox is to take, and what nobody wants. */
export type ParsedItem = InboundItem | InboundIgnored;

/** What cannot be read, kept as it came. */
export function unreadable(
  channel: ChannelAddress | null,
  reason: UnreadableReason,
  raw: unknown,
): InboundUnreadable {
  return { kind: "unreadable", channel, reason, raw: writeJson(raw) };
}

export function ignored(channel: ChannelAddress, raw: unknown): InboundIgnored {
  return { kind: "ignored", channel, raw: writeJson(raw) };
}

export function isIgnored(item: ParsedItem): item is InboundIgnored {
  return item.kind === "ignored";
}

/** All but what nobody wants. */
export function wanted(items: readonly ParsedItem[]): InboundItem[] {
  return items.filter((item): item is InboundItem => !isIgnored(item));
}

/** A name for what Meta gives none: the same item has the same. */
export function idOfItem(kind: string, raw: string): string {
  return factId(kind, raw);
}
