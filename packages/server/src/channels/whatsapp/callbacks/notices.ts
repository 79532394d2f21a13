import type { InboundItem, InboundNotice } from "../../../core/messages/inbound.ts";
import { wordsIn } from "../../meta/details.ts";
import { idOfItem } from "../../meta/items.ts";
import { writeJson } from "../../meta/json.ts";
import {
  instantOf,
  type JsonObject,
  labelOf,
  listOf,
  objectOf,
  sentenceOf,
} from "../../meta/read.ts";
import type { FieldChange } from "./field-change.ts";

type Change = InboundNotice["change"];

/** What each event of a field means for how well the channel works; what is not here is only passed on. */
const MEANINGS: Readonly<Record<string, ReadonlyMap<string, Change>>> = {
  account_update: new Map<string, Change>([
    ["ACCOUNT_VIOLATION", "degraded"],
    ["ACCOUNT_RESTRICTION", "degraded"],
    ["DISABLE", "disconnected"],
    ["SCHEDULE_FOR_DISABLE", "degraded"],
    ["REINSTATE", "connected"],
    ["VERIFIED_ACCOUNT", "updated"],
    ["PARTNER_ADDED", "connected"],
    ["PARTNER_REMOVED", "disconnected"],
    ["ACCOUNT_DELETED", "disconnected"],
    ["ACCOUNT_OFFBOARDED", "disconnected"],
    ["ACCOUNT_RECONNECTED", "connected"],
    ["PARTNER_APP_UNINSTALLED", "disconnected"],
  ]),
  account_review_update: new Map<string, Change>([
    ["APPROVED", "connected"],
    ["REJECTED", "degraded"],
    ["DEFERRED", "degraded"],
  ]),
  account_alerts: new Map<string, Change>([
    ["CRITICAL", "degraded"],
    ["WARNING", "degraded"],
  ]),
  phone_number_quality_update: new Map<string, Change>([
    ["FLAGGED", "degraded"],
    ["DOWNGRADE", "degraded"],
    ["UNFLAGGED", "connected"],
  ]),
};

/** Fields that are passed on as they are. */
const PASSED_ON: ReadonlySet<string> = new Set([
  ...Object.keys(MEANINGS),
  "phone_number_name_update",
  "phone_number_username_update",
  "business_capability_update",
  "business_status_update",
  "business_username_update",
  "account_settings_update",
  "message_template_components_update",
  "payment_configuration_update",
  "partner_solutions",
  "security",
  "flows",
  "history",
  "group_lifecycle_update",
  "group_participants_update",
  "group_settings_update",
  "group_status_update",
]);

/** Reads what concerns an account, a number or a group. Empty for a field that nobody here knows. */
export function readNotice(change: FieldChange): InboundItem[] {
  const groups = listOf(change.value["groups"])
    .map(objectOf)
    .filter((each) => each !== null);
  if (groups.length === 0) return noticeOf(change);
  return groups.flatMap((value) =>
    noticeOf({ ...change, value, at: instantOf(value["timestamp"]) ?? change.at }),
  );
}

function noticeOf(change: FieldChange): InboundItem[] {
  const { field, value, at, channel, businessAccount } = change;
  const address = channel ?? accountOf(value, businessAccount);
  if (!PASSED_ON.has(field) || address === null) return [];
  const raw = writeJson(value);
  const event = eventOf(field, value);
  const info = infoOf(value);
  return [
    {
      kind: "notice",
      channel: address,
      ofBusinessAccount: channel === null,
      providerId: idOfItem(field, `${at} ${raw}`),
      at,
      change: MEANINGS[field]?.get(verdictOf(field, value)?.toUpperCase() ?? "") ?? "updated",
      code: event === null ? field : `${field}.${event.toLowerCase()}`,
      reason: reasonOf(info) ?? reasonOf(value),
      details: wordsIn(value, ["messaging_product", "metadata"]),
      raw,
    },
  ];
}

function accountOf(value: JsonObject, businessAccount: FieldChange["businessAccount"]) {
  const named = labelOf(objectOf(value["waba_info"])?.["waba_id"]);
  return named === null ? businessAccount : { kind: "whatsapp" as const, externalId: named };
}

function eventOf(field: string, value: JsonObject): string | null {
  const info = infoOf(value);
  const said =
    labelOf(value["event"]) ??
    labelOf(value["decision"]) ??
    labelOf(info["alert_type"]) ??
    (value["group_id"] === undefined ? null : labelOf(value["type"]));
  return said === field ? null : said;
}

/** The word that decides: a ban says more than that there is one. */
function verdictOf(field: string, value: JsonObject): string | null {
  const info = infoOf(value);
  return (
    labelOf(info["waba_ban_state"]) ??
    (field === "account_alerts" ? labelOf(info["alert_severity"]) : null) ??
    eventOf(field, value)
  );
}

function infoOf(value: JsonObject): JsonObject {
  for (const name of ["ban_info", "violation_info", "alert_info", "restriction_info"]) {
    const info = objectOf(value[name]);
    if (info) return info;
  }
  return value;
}

function reasonOf(info: JsonObject): string | null {
  for (const name of ["alert_description", "violation_type", "rejection_reason", "reason"]) {
    const said = sentenceOf(info[name]);
    if (said !== null && said !== "NONE") return said;
  }
  return null;
}
