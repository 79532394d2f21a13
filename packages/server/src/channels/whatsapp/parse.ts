import type {
  ChannelAddress,
  InboundItem,
  InboundMessage,
  InboundStatus,
  Pricing,
  ProviderError,
  UnreadableReason,
} from "../../core/inbound.ts";
import type { ProviderStatus } from "../../core/message-status.ts";
import { writeJson } from "../meta/json.ts";
import {
  booleanOf,
  idOf,
  instantOf,
  integerOf,
  type JsonObject,
  labelOf,
  listOf,
  objectOf,
  sentenceOf,
  stringOf,
} from "../meta/read.ts";
import { hasMoreThanText, readContent } from "./content.ts";
import { readRecipient, readSender } from "./people.ts";

/** The parts of a `messages` change that are read; what stands beside them is kept as unreadable. */
const READ_LISTS: ReadonlySet<string> = new Set(["contacts", "messages", "statuses"]);
const READ_VALUES: ReadonlySet<string> = new Set(["messaging_product", "metadata"]);

const STATUSES: ReadonlyMap<string, ProviderStatus> = new Map(
  (["sent", "delivered", "read", "played", "failed"] as const).map((each) => [each, each]),
);

/** Reads one of `entry[].changes[]`. Never throws; gives at least one item. */
export function readWhatsAppChange(raw: unknown): InboundItem[] {
  const change = objectOf(raw);
  const value = objectOf(change?.["value"]);
  if (change === null || value === null) return [unreadable(null, "malformed", raw)];
  const channel = addressOf(value);
  const field = stringOf(change["field"]);
  // Captured payloads lack the field; other fields may hold `messages` that are no news (history).
  if (field !== null && field !== "messages") return [unreadable(channel, "unknown_field", raw)];

  const people = listOf(value["contacts"])
    .map(objectOf)
    .filter((each) => each !== null);
  const items = [
    ...listOf(value["messages"]).map((each) => readMessage(channel, people, each)),
    ...listOf(value["statuses"]).map((each) => readStatus(channel, people, each)),
  ];
  const rest = Object.entries(value).filter(([name, part]) => !isRead(name, part));
  if (rest.length > 0) {
    const reason = Array.isArray(value["errors"]) ? "provider_error" : "unknown_field";
    const { metadata } = value;
    items.push(unreadable(channel, reason, { metadata, ...Object.fromEntries(rest) }));
  }
  return items.length > 0 ? items : [unreadable(channel, "malformed", raw)];
}

function isRead(name: string, part: unknown): boolean {
  return READ_VALUES.has(name) || (READ_LISTS.has(name) && Array.isArray(part));
}

function readMessage(
  channel: ChannelAddress | null,
  people: readonly JsonObject[],
  raw: unknown,
): InboundItem {
  const message = objectOf(raw);
  if (message === null) return unreadable(channel, "malformed", raw);
  if (channel === null) return unreadable(null, "no_channel", raw);
  const providerId = idOf(message["id"]);
  if (providerId === null) return unreadable(channel, "no_provider_id", raw);
  // A group has no conversation of its own here yet, and its members' own would be the wrong one.
  if (idOf(message["group_id"]) !== null) return unreadable(channel, "group_message", raw);
  const sender = readSender(message, people);
  if (sender.identities.length === 0) return unreadable(channel, "no_sender", raw);
  const content = readContent(message);
  return {
    kind: "message",
    channel,
    providerId,
    sender,
    thread: null,
    content,
    media: [],
    referral: null,
    traits: {},
    isHistory: false,
    sentAt: instantOf(message["timestamp"]),
    quotedProviderId: idOf(objectOf(message["context"])?.["id"]),
    // A notice about a changed number is WhatsApp's, not the customer's.
    opensWindow: message["type"] !== "system",
    keepRaw: content.type !== "text" || hasMoreThanText(message),
    raw: writeJson(message),
  } satisfies InboundMessage;
}

function readStatus(
  channel: ChannelAddress | null,
  people: readonly JsonObject[],
  raw: unknown,
): InboundItem {
  const status = objectOf(raw);
  if (status === null) return unreadable(channel, "malformed", raw);
  if (channel === null) return unreadable(null, "no_channel", raw);
  const providerId = idOf(status["id"]);
  if (providerId === null) return unreadable(channel, "no_provider_id", raw);
  const reached = STATUSES.get(stringOf(status["status"]) ?? "");
  if (reached === undefined) return unreadable(channel, "unknown_status", raw);
  return {
    kind: "status",
    channel,
    providerId,
    status: reached,
    at: instantOf(status["timestamp"]),
    token: idOf(status["biz_opaque_callback_data"]),
    recipient: readRecipient(status, people),
    // Two spellings are in circulation.
    parentBsuid:
      idOf(status["recipient_parent_user_id"]) ?? idOf(status["parent_recipient_user_id"]),
    error: readError(listOf(status["errors"])[0]),
    pricing: readPricing(objectOf(status["pricing"])),
    providerConversationId: idOf(objectOf(status["conversation"])?.["id"]),
    raw: writeJson(status),
  } satisfies InboundStatus;
}

function readError(raw: unknown): ProviderError | null {
  const error = objectOf(raw);
  if (error === null) return null;
  return {
    code: integerOf(error["code"]),
    title: labelOf(error["title"]),
    message: sentenceOf(error["message"]),
    details: sentenceOf(objectOf(error["error_data"])?.["details"] ?? error["details"]),
  };
}

function readPricing(pricing: JsonObject | null): Pricing | null {
  if (pricing === null) return null;
  return {
    billable: booleanOf(pricing["billable"]),
    model: labelOf(pricing["pricing_model"]),
    type: labelOf(pricing["type"]),
    category: labelOf(pricing["category"]),
  };
}

function addressOf(value: JsonObject): ChannelAddress | null {
  const externalId = idOf(objectOf(value["metadata"])?.["phone_number_id"]);
  return externalId === null ? null : { kind: "whatsapp", externalId };
}

function unreadable(
  channel: ChannelAddress | null,
  reason: UnreadableReason,
  raw: unknown,
): InboundItem {
  return { kind: "unreadable", channel, reason, raw: writeJson(raw) };
}
