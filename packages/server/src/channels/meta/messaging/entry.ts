import type { ChannelAddress } from "../../../core/messages/inbound.ts";
import { type ParsedItem, unreadable } from "../items.ts";
import { idOf, type JsonObject, listOf, objectOf, stringOf } from "../read.ts";
import type { Platform } from "./exchange.ts";
import { readMessaging } from "./messaging.ts";

/** Reads what concerns the account and no conversation of its; null for a field that it does not know. */
export type ReadChange = (
  channel: ChannelAddress,
  field: string | null,
  value: JsonObject | null,
  entry: JsonObject,
) => ParsedItem | null;

/**
 * Reads an entry of a Page or of an Instagram account: what was said, what was overheard while another
 * application holds the conversation, and what happened in public.
 */
export function readExchanges(
  platform: Platform,
  entry: JsonObject,
  readChange: ReadChange,
): ParsedItem[] {
  const changes = listOf(entry["changes"]);
  // With Instagram's own login a change stands in the entry itself.
  const own = entry["field"] === undefined ? [] : [entry];
  const items = [
    ...listOf(entry["messaging"]).flatMap((each) => readMessaging(platform, entry, each)),
    ...listOf(entry["standby"]).flatMap((each) => readMessaging(platform, entry, each, true)),
    ...[...changes, ...own].flatMap((each) => readOne(platform, entry, each, readChange)),
  ];
  return items.length > 0 ? items : [unreadable(null, "malformed", entry)];
}

function readOne(
  platform: Platform,
  entry: JsonObject,
  raw: unknown,
  readChange: ReadChange,
): ParsedItem[] {
  const change = objectOf(raw);
  const externalId = idOf(entry["id"]);
  if (change === null) return [unreadable(null, "malformed", raw)];
  const value = objectOf(change["value"]);
  // The button in Meta's dashboard sends a message as a change, by the field that is tested.
  if (value !== null && objectOf(value["recipient"]) !== null) {
    return readMessaging(platform, entry, value, change["field"] === "standby");
  }
  if (externalId === null) return [unreadable(null, "no_channel", raw)];
  const channel = { kind: platform.kind, externalId };
  const read = readChange(channel, stringOf(change["field"]), value, entry);
  return [read ?? unreadable(channel, "unknown_field", raw)];
}
