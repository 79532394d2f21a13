import type { Shape } from "../../api/client.ts";
import { CHANNEL_KINDS, type ChannelKind } from "../../parts/values/channel.tsx";

/** What the form holds: text where people type, sets where they choose. */
export interface Draft {
  name: string;
  url: string;
  dialect: string;
  everything: boolean;
  events: ReadonlySet<string>;
  channels: ReadonlySet<string>;
  accounts: ReadonlySet<string>;
  campaigns: string;
  fields: string;
  ordering: "parallel" | "conversation";
  rate: string;
  timeout: string;
  waits: string;
}

export const NEW: Draft = {
  name: "",
  url: "",
  dialect: "curlew",
  everything: true,
  events: new Set(),
  channels: new Set(),
  accounts: new Set(),
  campaigns: "",
  fields: "",
  ordering: "parallel",
  rate: "",
  timeout: "",
  waits: "",
};

/** The form of an endpoint that exists. */
export function draftOf(endpoint: Shape<"Endpoint">): Draft {
  return {
    name: endpoint.name,
    url: endpoint.url,
    dialect: endpoint.dialect,
    everything: endpoint.events.includes("*"),
    events: new Set(endpoint.events.filter((event) => event !== "*")),
    channels: new Set(endpoint.channels),
    accounts: new Set(endpoint.account_ids),
    campaigns: endpoint.campaign_ids.join(", "),
    fields: endpoint.custom_fields.join(", "),
    ordering: endpoint.ordering,
    rate: endpoint.rate_limit === null ? "" : String(endpoint.rate_limit),
    timeout: String(endpoint.timeout_ms),
    waits: endpoint.retry_schedule.join(", "),
  };
}

/** The words of a field that holds several, with commas. */
export function wordsIn(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** Seconds of a schedule that was typed; null when it cannot be read, empty for the dialect's own. */
export function waitsIn(text: string): number[] | null {
  const waits = wordsIn(text).map(Number);
  return waits.every((wait) => Number.isInteger(wait) && wait > 0) ? waits : null;
}

/** What a change of an endpoint sends; what is empty goes by the dialect. */
export function bodyOf(draft: Draft) {
  const waits = waitsIn(draft.waits);
  return {
    name: draft.name.trim(),
    url: draft.url.trim(),
    events: draft.everything ? ["*"] : [...draft.events],
    channels: [...draft.channels],
    account_ids: [...draft.accounts],
    campaign_ids: wordsIn(draft.campaigns),
    custom_fields: wordsIn(draft.fields),
    ordering: draft.ordering,
    rate_limit: draft.rate === "" ? null : Number(draft.rate),
    timeout_ms: draft.timeout === "" ? null : Number(draft.timeout),
    retry_schedule: waits === null || waits.length === 0 ? null : waits,
  };
}

/** As `bodyOf`, without what says nothing: a call that a person would write. */
export function newBodyOf(draft: Draft) {
  const body = Object.entries(bodyOf(draft)).filter(
    ([name, value]) =>
      value !== null &&
      !(Array.isArray(value) && value.length === 0) &&
      !(name === "ordering" && value === "parallel") &&
      !(name === "events" && draft.everything),
  );
  return {
    ...(Object.fromEntries(body) as Partial<ReturnType<typeof bodyOf>>),
    name: draft.name.trim(),
    url: draft.url.trim(),
    ...(draft.dialect === "curlew" ? {} : { dialect: draft.dialect }),
  };
}

export const KINDS: readonly ChannelKind[] = CHANNEL_KINDS;
