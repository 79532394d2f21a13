import { compileFilter } from "../../core/events/event-filter.ts";
import { isOperational } from "../../core/events/event-types.ts";
import {
  type LeftOutBy,
  leftOutBy,
  listsType,
  mayWantType,
  type Subject,
} from "../../core/events/subscription.ts";
import { areNear } from "../../core/events/type-slips.ts";
import { getDialect } from "../../dialects/registry.ts";
import { readSpeech, vocabularyOf } from "../../dialects/speech.ts";
import type { EndpointMet } from "../../storage/deliveries/endpoint-versions.ts";

/** Why an event did not go to an endpoint; `about_it`: an endpoint is not told of itself. */
export type LeftOutReason = LeftOutBy | "not_there" | "deleted" | "state" | "about_it";

export type Verdict =
  | {
      outcome: "targeted";
      /** Its filters left it out at the time: a replay has brought it there since. */
      isAddedLater: boolean;
    }
  | { outcome: "left_out"; reason: LeftOutReason; detail: string };

/** An event as matching saw it. */
export interface Seen extends Subject {
  body: Record<string, unknown>;
  /** Of its body there are only the ids left. */
  isExpunged: boolean;
}

/** What `insertEndpointVersion` wrote. */
interface Snapshot {
  events: string[];
  channelKinds: string[];
  channelIds: string[];
  accountIds: string[];
  campaignIds: string[];
  ownerAccountId: string | null;
  state: "pending" | "enabled" | "disabled" | "paused" | "deleted";
  disabledBy: "user" | "failures" | "gone" | null;
  filter: string | null;
  customFields?: string[];
  dialectOptions?: string;
}

const BODY_IS_GONE =
  "What the endpoint listened to was decided by the body, which has been expunged since.";

/** Decides again, from what the endpoint was then, what was decided when the event was accepted. */
export function explain(event: Seen, met: EndpointMet): Verdict {
  const left = whyLeftOut(event, met);
  if (met.isTargeted) return { outcome: "targeted", isAddedLater: left !== null };
  const found = left ?? {
    reason: "about_it" as const,
    detail: "The event is about this endpoint, and only others are told.",
  };
  return { outcome: "left_out", ...found };
}

function whyLeftOut(
  event: Seen,
  { snapshot: text, dialect: name, isTargeted }: EndpointMet,
): { reason: LeftOutReason; detail: string } | null {
  if (text === null) {
    return { reason: "not_there", detail: "The endpoint was made after the event." };
  }
  const snapshot = JSON.parse(text) as Snapshot; // written by `insertEndpointVersion`
  const { state, disabledBy } = snapshot;
  if (state === "deleted") return { reason: "deleted", detail: "The endpoint had been deleted." };
  if (state === "pending") {
    return { reason: "state", detail: "The endpoint waited for its verification." };
  }
  if (state === "disabled" && disabledBy === "user") {
    return { reason: "state", detail: "The endpoint was disabled." };
  }
  const dialect = getDialect(name);
  const speech = readSpeech(dialect, {
    dialectOptions: snapshot.dialectOptions ?? "{}",
    customFields: snapshot.customFields ?? [],
  });
  const compiled = snapshot.filter === null ? null : compileFilter(filterOf(snapshot.filter));
  const matches = compiled?.ok ? compiled.matches : null;
  const vocabulary = vocabularyOf(dialect, speech);
  const subscription = { ...snapshot, matches: event.isExpunged ? null : matches, vocabulary };
  const reason = leftOutBy(subscription, event, () => event.body);
  const hangsOnBody =
    reason === "type"
      ? vocabulary !== null && mayWantType(subscription, event.type)
      : reason === null && matches !== null;
  // It is not decided again: who got the event, had wanted it.
  if (event.isExpunged && hangsOnBody) {
    return isTargeted ? null : { reason: reason ?? "filter", detail: BODY_IS_GONE };
  }
  if (reason === null) return null;
  if (reason === "type" && vocabulary !== null && listsType(snapshot.events, event.type)) {
    return {
      reason,
      detail: `The dialect ${name} has no event of this kind${vocabulary.extended ? "" : ", and the endpoint did not ask for extended events"}.`,
    };
  }
  return { reason, detail: detailOf(reason, event, snapshot) };
}

function detailOf(reason: LeftOutBy, event: Seen, snapshot: Snapshot): string {
  switch (reason) {
    case "account":
      return "The endpoint was made with another account's key and gets nothing but that account's.";
    case "type":
      if (isOperational(event.type) && snapshot.events.includes("*")) {
        return `${event.type} tells of Curlew itself: it goes to endpoints that name it, and not to *.`;
      }
      return `The endpoint listened to ${snapshot.events.join(", ")}, and this is ${event.type}.${slipIn(snapshot, event)}`;
    case "channel":
      return event.channelKind === null
        ? "The endpoint listened to some channels, and this came over none."
        : `The endpoint listened to other channels than this one (${event.channelKind}).`;
    case "account_filter":
      return "The endpoint listened to other accounts.";
    case "campaign":
      return event.campaignId === null
        ? "The endpoint listened to some campaigns, and this belongs to none."
        : "The endpoint listened to other campaigns.";
    case "filter":
      return `The content filter did not let it pass: ${failing(snapshot.filter ?? "{}", event.body)}.`;
  }
}

/** Says so where the endpoint may have been meant to get the event, or the event to be another's. */
function slipIn({ events }: Snapshot, { type }: Seen): string {
  const near = events.find((each) => areNear(each, type));
  return near === undefined ? "" : ` ${near} is spelled almost alike: is one of them a slip?`;
}

/** The conditions that did not hold, by name. */
function failing(filter: string, body: object): string {
  const names = Object.entries(filterOf(filter)).flatMap(([name, condition]) => {
    const compiled = compileFilter({ [name]: condition });
    return compiled.ok && !compiled.matches(body) ? [name] : [];
  });
  return names.join(", ");
}

function filterOf(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>; // as the API let it in
}
