import type { JsonObject } from "../json.ts";
import { errorItem } from "../meta/graph-error.ts";
import { newConversationId } from "../meta/ids.ts";
import type { Send } from "./sends.ts";
import type { StatusName } from "./settings.ts";

/** One entry of `statuses[]` for a message that the simulator accepted. */
export function statusItem(
  send: Send,
  given: { status: StatusName; code?: number; at: number; conversationObjects: boolean },
): JsonObject {
  const { message, user } = send;
  const { status, at } = given;
  const isCharged = status !== "failed" && showsPricing(send, status);
  return {
    id: message.id,
    status,
    timestamp: String(Math.floor(at / 1000)),
    ...recipientOf(send),
    ...(message.biz_opaque_callback_data === null
      ? {}
      : { biz_opaque_callback_data: message.biz_opaque_callback_data }),
    ...(isCharged && given.conversationObjects
      ? { conversation: conversationOf(send, given) }
      : {}),
    ...(isCharged && user ? { pricing: pricingOf(send) } : {}),
    ...(status === "failed" ? { errors: [errorItem(given.code ?? 131000)] } : {}),
  };
}

function recipientOf({ message, user }: Send): JsonObject {
  const phone = user?.hides_phone ? null : (message.wa_id ?? null);
  return {
    ...(phone === null ? {} : { recipient_id: phone }),
    ...(user?.user_id ? { recipient_user_id: user.user_id } : {}),
    ...(user?.parent_user_id ? { recipient_parent_user_id: user.parent_user_id } : {}),
  };
}

/** Pricing stands on `sent` and on one of delivered and read only: on read when delivered was skipped. */
function showsPricing({ message }: Send, status: StatusName): boolean {
  if (message.type === "reaction") return false;
  return status === "sent" || status === "delivered" || !message.statuses.includes("delivered");
}

function pricingOf({ template, inWindow }: Send): JsonObject {
  const category = template?.category.toLowerCase() ?? "service";
  const isFree = template === null || (inWindow && category === "utility");
  return {
    billable: !isFree,
    pricing_model: "PMP",
    type: isFree ? "free_customer_service" : "regular",
    category,
  };
}

function conversationOf(
  send: Send,
  { status, at }: { status: StatusName; at: number },
): JsonObject {
  const origin = { type: send.template?.category.toLowerCase() ?? "service" };
  const expiry = { expiration_timestamp: String(Math.floor(at / 1000) + 86_400) };
  return { id: newConversationId(), ...(status === "sent" ? expiry : {}), origin };
}
