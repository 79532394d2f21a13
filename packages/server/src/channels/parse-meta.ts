import type { InboundItem, UnreadableReason } from "../core/messages/inbound.ts";
import { readInstagramEntry } from "./instagram/parse.ts";
import { readPageEntry } from "./messenger/parse.ts";
import { type ParsedItem, unreadable } from "./meta/items.ts";
import { parseJson } from "./meta/json.ts";
import { type JsonObject, listOf, objectOf, plain, stringOf } from "./meta/read.ts";
import { readWhatsAppEntry } from "./whatsapp/callbacks/parse.ts";

/** Meta promises at most 1,000 updates a request; what goes far beyond is not for the database. */
const MAX_ITEMS = 5_000;
const DECODER = new TextDecoder();

/**
 * Reads one request of Meta's, whatever is in it: never throws, and every entry, change and item
 * becomes at least one item here. What cannot be read says why and costs its neighbours nothing.
 */
export function parseMeta(raw: Uint8Array): ParsedItem[] {
  let body: unknown;
  try {
    body = parseJson(DECODER.decode(raw));
  } catch {
    return [keptWhole(raw, "not_json")];
  }
  const items = readBody(body);
  return items.length > MAX_ITEMS ? [unreadable(null, "too_many_items", body)] : items;
}

function readBody(body: unknown): ParsedItem[] {
  const envelope = objectOf(body);
  const entries = listOf(envelope?.["entry"]);
  if (envelope === null || entries.length === 0) return [unreadable(null, "malformed", body)];
  const object = stringOf(envelope["object"]);
  return entries.flatMap((entry): ParsedItem[] => {
    const found = objectOf(entry);
    if (found === null) return [unreadable(null, "malformed", entry)];
    switch (object ?? objectLacked(found)) {
      case "whatsapp_business_account":
        return readWhatsAppEntry(found);
      case "page":
        return readPageEntry(found);
      case "instagram":
        return readInstagramEntry(found);
      default:
        return [unreadable(null, "unknown_object", { object, entry })];
    }
  });
}

/** Captured payloads lack the object; only WhatsApp's say themselves what they are. */
function objectLacked(entry: JsonObject): string | null {
  const isWhatsApp = listOf(entry["changes"]).some((each) => {
    const value = objectOf(objectOf(each)?.["value"]);
    return (
      value?.["messaging_product"] === "whatsapp" ||
      objectOf(value?.["waba_info"]) !== null ||
      objectOf(value?.["metadata"])?.["phone_number_id"] !== undefined
    );
  });
  return isWhatsApp ? "whatsapp_business_account" : null;
}

/** A whole request as one item, whatever it holds. */
export function keptWhole(raw: Uint8Array, reason: UnreadableReason): InboundItem {
  return { kind: "unreadable", channel: null, reason, raw: plain(DECODER.decode(raw)) };
}
