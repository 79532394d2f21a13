import type {
  ChannelAddress,
  InboundItem,
  InboundStatus,
  Pricing,
  ProviderError,
} from "../../../core/messages/inbound.ts";
import type { ProviderStatus } from "../../../core/messages/message-status.ts";
import { unreadable } from "../../meta/items.ts";
import { writeJson } from "../../meta/json.ts";
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
} from "../../meta/read.ts";
import { readRecipient } from "./people.ts";

const STATUSES: ReadonlyMap<string, ProviderStatus> = new Map(
  (["sent", "delivered", "read", "played", "failed"] as const).map((each) => [each, each]),
);

/** Reads one of `value.statuses[]`. */
export function readStatus(
  channel: ChannelAddress,
  people: readonly JsonObject[],
  raw: unknown,
): InboundItem {
  const status = objectOf(raw);
  if (status === null) return unreadable(channel, "malformed", raw);
  const providerId = idOf(status["id"]);
  if (providerId === null) return unreadable(channel, "no_provider_id", raw);
  if (status["status"] === "deleted") return deletionOf(channel, people, status, providerId);
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

/** Older numbers tell by a status that somebody has deleted what they wrote. */
function deletionOf(
  channel: ChannelAddress,
  people: readonly JsonObject[],
  status: JsonObject,
  targetProviderId: string,
): InboundItem {
  return {
    kind: "deletion",
    channel,
    providerId: `deleted:${targetProviderId}`,
    targetProviderId,
    at: instantOf(status["timestamp"]),
    by: "contact",
    person: readRecipient(status, people),
    raw: writeJson(status),
  };
}

export function readError(raw: unknown): ProviderError | null {
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
