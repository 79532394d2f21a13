import type { ChannelAddress, InboundUnreadable, UnreadableReason } from "../../core/inbound.ts";
import { factId } from "../fact-id.ts";
import { writeJson } from "./json.ts";

/** What cannot be read, kept as it came. */
export function unreadable(
  channel: ChannelAddress | null,
  reason: UnreadableReason,
  raw: unknown,
): InboundUnreadable {
  return { kind: "unreadable", channel, reason, raw: writeJson(raw) };
}

/** A name for what Meta gives none: the same item has the same. */
export function idOfItem(kind: string, raw: string): string {
  return factId(kind, raw);
}
