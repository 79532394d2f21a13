import type { InboundItem, UnreadableReason } from "../../core/inbound.ts";
import { readWhatsAppChange } from "../whatsapp/parse.ts";
import { parseJson, writeJson } from "./json.ts";
import { listOf, objectOf, plain, stringOf } from "./read.ts";

/** Meta promises at most 1,000 updates a request; what goes far beyond is not for the database. */
const MAX_ITEMS = 5_000;

/**
 * Reads one request of Meta's, whatever is in it: never throws, and every entry, change and item
 * becomes at least one item here. What cannot be read says why and costs its neighbours nothing.
 */
export function parseMeta(raw: Uint8Array): InboundItem[] {
  let body: unknown;
  try {
    body = parseJson(new TextDecoder().decode(raw));
  } catch {
    return [keptWhole(raw, "not_json")];
  }
  const items = readBody(body);
  return items.length > MAX_ITEMS ? [unreadable("too_many_items", writeJson(body))] : items;
}

function readBody(body: unknown): InboundItem[] {
  const envelope = objectOf(body);
  const entries = listOf(envelope?.["entry"]);
  if (envelope === null || entries.length === 0) return [unreadable("malformed", writeJson(body))];
  const object = stringOf(envelope["object"]);
  if (object !== "whatsapp_business_account") {
    return entries.map((entry) => unreadable("unknown_object", writeJson({ object, entry })));
  }
  return entries.flatMap((entry) => {
    const changes = listOf(objectOf(entry)?.["changes"]);
    return changes.length === 0
      ? [unreadable("malformed", writeJson(entry))]
      : changes.flatMap(readWhatsAppChange);
  });
}

/** A whole request as one item, whatever it holds. */
export function keptWhole(raw: Uint8Array, reason: UnreadableReason): InboundItem {
  return unreadable(reason, plain(new TextDecoder().decode(raw)));
}

function unreadable(reason: UnreadableReason, raw: string): InboundItem {
  return { kind: "unreadable", channel: null, reason, raw };
}
