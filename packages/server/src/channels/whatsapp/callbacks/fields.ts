import type { ChannelAddress, IdentityName, InboundItem } from "../../../core/messages/inbound.ts";
import { wordsIn } from "../../meta/details.ts";
import { idOfItem, unreadable } from "../../meta/items.ts";
import { writeJson } from "../../meta/json.ts";
import {
  idOf,
  instantOf,
  type JsonObject,
  labelOf,
  listOf,
  objectOf,
  sentenceOf,
} from "../../meta/read.ts";
import type { FieldChange } from "./field-change.ts";
import { readNotice } from "./notices.ts";
import { readPerson } from "./people.ts";
import { readError } from "./statuses.ts";

/** Reads a change that is about neither messages nor their statuses. Empty where nothing here knows it. */
export function readField(change: FieldChange): InboundItem[] {
  const { value, channel } = change;
  switch (change.field) {
    case "user_preferences":
      return channel ? each(change, "user_preferences", readPreference) : [];
    case "user_id_update":
      return channel ? each(change, "user_id_update", readUserIdUpdate) : [];
    case "smb_app_state_sync":
      return channel ? each(change, "state_sync", readStateSync) : [];
    case "message_template_status_update":
    case "message_template_quality_update":
    case "template_category_update":
    case "template_correct_category_detection":
      return readTemplate(change, value);
    default:
      return readNotice(change);
  }
}

type ReadOne = (
  channel: ChannelAddress,
  part: JsonObject,
  raw: string,
  people: readonly JsonObject[],
) => InboundItem;

function each({ value, channel, people }: FieldChange, name: string, read: ReadOne): InboundItem[] {
  return listOf(value[name]).map((raw) => {
    const part = objectOf(raw);
    if (part === null || channel === null) return unreadable(channel, "malformed", raw);
    return read(channel, part, writeJson(part), people);
  });
}

const readPreference: ReadOne = (channel, part, raw, people) => {
  const person = readPerson(part["user_id"], part["wa_id"], people);
  const value = labelOf(part["value"])?.toLowerCase();
  if (person.identities.length === 0) return unreadable(channel, "no_sender", part);
  if (value !== "stop" && value !== "resume" && value !== "signup") {
    return unreadable(channel, "unknown_status", part);
  }
  return {
    kind: "consent",
    channel,
    providerId: idOfItem("consent", raw),
    at: instantOf(part["timestamp"]),
    person,
    change: value === "stop" ? "opted_out" : "opted_in",
    topic: labelOf(part["category"]),
    keyword: value,
    evidence: sentenceOf(part["detail"]),
    raw,
  };
};

const readUserIdUpdate: ReadOne = (channel, part, raw) => {
  const ids = objectOf(part["user_id"]);
  const [previous, current] = [idOf(ids?.["previous"]), idOf(ids?.["current"])];
  const waId = readPerson(null, part["wa_id"], []).identities;
  if (current === null) return unreadable(channel, "malformed", part);
  const from: IdentityName[] =
    previous === null || previous === current ? [] : [{ kind: "bsuid", value: previous }];
  return {
    kind: "identity_change",
    channel,
    providerId: idOfItem("identity_change", raw),
    at: instantOf(part["timestamp"]),
    from,
    to: [{ kind: "bsuid", value: current }, ...waId],
    raw,
  };
};

/** The address book of the telephone that the number also lives on. */
const readStateSync: ReadOne = (channel, part, raw) => {
  const contact = objectOf(part["contact"]);
  const person = readPerson(contact?.["user_id"], contact?.["phone_number"], []);
  if (person.identities.length === 0) return unreadable(channel, "malformed", part);
  return {
    kind: "profile",
    channel,
    providerId: idOfItem("profile", raw),
    at: instantOf(objectOf(part["metadata"])?.["timestamp"]),
    person: {
      ...person,
      name: labelOf(contact?.["full_name"]) ?? labelOf(contact?.["first_name"]),
    },
    raw,
  };
};

/** The value tells what it is about: Meta's own examples stand under each other's fields. */
function readTemplate({ businessAccount, at }: FieldChange, value: JsonObject): InboundItem[] {
  if (businessAccount === null) return [];
  const raw = writeJson(value);
  const base = {
    kind: "template" as const,
    channel: businessAccount,
    ofBusinessAccount: true as const,
    providerId: idOfItem("template", `${at} ${raw}`),
    at,
    template: {
      id: idOf(value["message_template_id"]),
      name: labelOf(value["message_template_name"]),
      language: labelOf(value["message_template_language"]),
    },
    raw,
  };
  const lower = (name: string) => labelOf(value[name])?.toLowerCase() ?? null;
  const quality = lower("new_quality_score");
  if (quality !== null) {
    const before = lower("previous_quality_score");
    return [{ ...base, change: "quality", before, after: quality, reason: null }];
  }
  const category = lower("new_category") ?? lower("correct_category");
  if (category !== null) {
    const before = lower("previous_category");
    return [{ ...base, change: "category", before, after: category, reason: null }];
  }
  const after = lower("event");
  if (after === null) return [];
  const said = sentenceOf(value["reason"]);
  const reason = said === null || said === "NONE" ? sentenceOf(titleOf(value)) : said;
  return [{ ...base, change: "status", before: null, after, reason }];
}

function titleOf(value: JsonObject): unknown {
  return (
    objectOf(value["other_info"])?.["description"] ??
    objectOf(value["disable_info"])?.["disable_date"]
  );
}

/** `value.errors[]`: what went wrong with the number itself, not with one message. */
export function readValueErrors(
  channel: ChannelAddress,
  at: number | null,
  errors: readonly unknown[],
): InboundItem[] {
  return errors.map((raw) => {
    const error = readError(raw);
    const part = objectOf(raw);
    if (error === null || part === null) return unreadable(channel, "malformed", raw);
    const json = writeJson(part);
    return {
      kind: "notice",
      channel,
      ofBusinessAccount: false,
      // Without a time the same error said again may be a new one.
      providerId: at === null ? null : idOfItem("notice", `${at} ${json}`),
      at,
      change: "degraded",
      code: "provider_error",
      reason: error.details ?? error.message ?? error.title,
      details: wordsIn(part, ["href"]),
      raw: json,
    };
  });
}
