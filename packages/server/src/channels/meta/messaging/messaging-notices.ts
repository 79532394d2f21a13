import type { InboundItem } from "../../../core/messages/inbound.ts";
import { wordsIn } from "../details.ts";
import { idOfItem, unreadable } from "../items.ts";
import { idOf, type JsonObject, labelOf, sentenceOf } from "../read.ts";
import type { Exchange } from "./exchange.ts";

/** Another application wants, gets or takes the conversation. */
export function readHandover({ channel, person, at, item, raw }: Exchange, part: JsonObject) {
  if (person.identities.length === 0) return [unreadable(channel, "no_sender", item)];
  const change =
    item["pass_thread_control"] !== undefined
      ? "passed"
      : item["take_thread_control"] !== undefined
        ? "taken"
        : "requested";
  return [
    {
      kind: "handover",
      channel,
      providerId: idOfItem("handover", raw),
      at,
      person,
      change,
      fromAppId: idOf(part["previous_owner_app_id"]),
      toAppId: idOf(part["new_owner_app_id"]) ?? idOf(part["requested_owner_app_id"]),
      metadata: labelOf(part["metadata"]),
      raw,
    },
  ] satisfies InboundItem[];
}

/** What Meta has decided about the Page, and which applications answer for it. */
export function readNotice({ channel, at, item, raw }: Exchange, part: JsonObject) {
  const isRoles = item["app_roles"] !== undefined;
  const action = labelOf(part["action"])?.toLowerCase() ?? null;
  return [
    {
      kind: "notice",
      channel,
      ofBusinessAccount: false,
      providerId: idOfItem("notice", raw),
      at,
      change: action === "block" ? "degraded" : action === "unblock" ? "connected" : "updated",
      code: isRoles ? "app_roles" : `policy_enforcement${action === null ? "" : `.${action}`}`,
      reason: sentenceOf(part["reason"]),
      details: wordsIn(part, ["reason"]),
      raw,
    },
  ] satisfies InboundItem[];
}
