import type { ChannelAddress, InboundItem } from "../../../core/messages/inbound.ts";
import { unreadable } from "../../meta/items.ts";
import { idOf, instantOf, type JsonObject, listOf, objectOf, stringOf } from "../../meta/read.ts";
import { readCall, readCallStatus } from "./calls.ts";
import { readEcho, readHistory } from "./echoes.ts";
import { readField, readValueErrors } from "./fields.ts";
import { readPayment } from "./payments.ts";
import { readStatus } from "./statuses.ts";
import { readMessage } from "./words.ts";

/** The parts of a `messages` or a `calls` change that are read; what stands beside them is kept as unreadable. */
const READ_LISTS: ReadonlySet<string> = new Set([
  "contacts",
  "messages",
  "statuses",
  "calls",
  "errors",
]);
const READ_VALUES: ReadonlySet<string> = new Set(["messaging_product", "metadata"]);

/** Reads an entry of `object: "whatsapp_business_account"`. Never throws; gives at least one item. */
export function readWhatsAppEntry(entry: JsonObject): InboundItem[] {
  const changes = listOf(entry["changes"]);
  return changes.length === 0
    ? [unreadable(null, "malformed", entry)]
    : changes.flatMap((each) => readChange(entry, each));
}

function readChange(entry: JsonObject, raw: unknown): InboundItem[] {
  const change = objectOf(raw);
  const value = objectOf(change?.["value"]);
  if (change === null || value === null) return [unreadable(null, "malformed", raw)];
  const channel = addressOf(value);
  const people = listOf(value["contacts"])
    .map(objectOf)
    .filter((each) => each !== null);
  // Captured payloads lack the field, or have it beside the change or inside the value.
  const field =
    stringOf(change["field"]) ?? stringOf(value["field"]) ?? stringOf(entry["field"]) ?? "messages";
  const items = readValue(entry, field, value, channel, people);
  if (items.length > 0) return items;
  const isMessages = field === "messages";
  return [unreadable(channel, isMessages ? "malformed" : "unknown_field", raw)];
}

function readValue(
  entry: JsonObject,
  field: string,
  value: JsonObject,
  channel: ChannelAddress | null,
  people: readonly JsonObject[],
): InboundItem[] {
  switch (field) {
    case "messages":
    case "calls":
      return readMessages(entry, value, channel, people);
    case "smb_message_echoes":
      return listOf(value["message_echoes"]).map((each) =>
        channel === null ? unreadable(null, "no_channel", each) : readEcho(channel, people, each),
      );
    case "history": {
      if (channel === null) return [];
      const place = { channel, people, isHistory: true };
      const old = [
        ...listOf(value["history"]).flatMap((each) => readHistory(channel, each)),
        ...listOf(value["messages"]).flatMap((each) => readMessage(place, each)),
      ];
      if (old.length > 0) return old;
    }
  }
  const waba = idOf(entry["id"]);
  return readField({
    field,
    value,
    channel,
    businessAccount: waba === null ? null : { kind: "whatsapp", externalId: waba },
    at: instantOf(entry["time"]),
    people,
  });
}

function readMessages(
  entry: JsonObject,
  value: JsonObject,
  channel: ChannelAddress | null,
  people: readonly JsonObject[],
): InboundItem[] {
  const of = (name: string) => listOf(value[name]);
  const parts = ["messages", "statuses", "calls", "errors"];
  const calls = callsOf(channel, people, value);
  const items =
    channel === null
      ? parts
          .flatMap(of)
          .map((each) =>
            unreadable(null, objectOf(each) === null ? "malformed" : "no_channel", each),
          )
      : [
          ...of("messages").flatMap((each) =>
            readMessage({ channel, people, isHistory: false }, each),
          ),
          ...of("statuses").map((each) => readAnyStatus(channel, people, each)),
          ...calls,
          // Beside a call they say why it failed.
          ...(calls.length > 0
            ? []
            : readValueErrors(channel, instantOf(entry["time"]), of("errors"))),
        ];
  const rest = Object.keys(value).filter((name) => !isRead(name, value[name]));
  if (rest.length > 0) {
    const { metadata } = value;
    const unread = Object.fromEntries(rest.map((name) => [name, value[name]]));
    items.push(unreadable(channel, "unknown_field", { metadata, ...unread }));
  }
  return items;
}

function callsOf(
  channel: ChannelAddress | null,
  people: readonly JsonObject[],
  value: JsonObject,
): InboundItem[] {
  if (channel === null) return [];
  const ownNumber = idOf(objectOf(value["metadata"])?.["display_phone_number"]);
  const place = { channel, people, ownNumber, error: listOf(value["errors"])[0] };
  return listOf(value["calls"]).map((each) => readCall(place, each));
}

/** How far a message has come; of a call or a payment it is told in the same list. */
function readAnyStatus(
  channel: ChannelAddress,
  people: readonly JsonObject[],
  raw: unknown,
): InboundItem {
  switch (objectOf(raw)?.["type"]) {
    case "call":
      return readCallStatus(channel, people, raw);
    case "payment":
      return readPayment(channel, people, raw);
    default:
      return readStatus(channel, people, raw);
  }
}

function isRead(name: string, part: unknown): boolean {
  return READ_VALUES.has(name) || (READ_LISTS.has(name) && Array.isArray(part));
}

function addressOf(value: JsonObject): ChannelAddress | null {
  const externalId = idOf(objectOf(value["metadata"])?.["phone_number_id"]);
  return externalId === null ? null : { kind: "whatsapp", externalId };
}
