import type { EventName } from "../../core/events/event-names.ts";
import { isCatalogued, isOwnType, notAType } from "../../core/events/event-types.ts";
import { nativeBody } from "../../core/events/native-body.ts";
import type { EventDraft } from "../../core/events/recording.ts";
import { type SampleWish, sampleDraft } from "../../core/samples/event-samples.ts";
import { EXTENDED_EVENTS } from "../../dialects/options.ts";
import type { EndpointView } from "../directory/directory.ts";

const TEST_TYPE = "endpoint.tested";
/** The number of a sample in its made-up conversation. */
const SAMPLE_SEQ = 18;

export interface SampleChoice {
  /** Canonical, or a type of the customer's own. */
  type: string;
  wish: SampleWish;
}

interface Choosing extends Pick<EndpointView, "dialect" | "speech"> {
  subscription: Pick<EndpointView["subscription"], "events">;
}

/**
 * Which event a test of an endpoint sends: the one that is asked for, by its canonical name or the
 * dialect's; else the first that the endpoint subscribes to by name; in the native dialect
 * `endpoint.tested`, which nobody takes for a customer's message.
 */
export function chooseSample(
  { dialect, speech, subscription }: Choosing,
  asked: string | undefined,
): SampleChoice | { refusal: string } {
  const names = dialect.events;
  if (asked === undefined) {
    if (names === null) return { type: TEST_TYPE, wish: {} };
    const [first] = subscription.events.flatMap((text) => findEventName(names, text) ?? []);
    const chosen = first ?? names[0];
    return chosen ? named(chosen) : { type: TEST_TYPE, wish: {} };
  }
  const own = names === null ? null : findEventName(names, asked);
  if (own) return named(own);
  const known = [...new Set((names ?? []).map(({ name }) => name))];
  if (!isCatalogued(asked) && !isOwnType(asked)) {
    return { refusal: notAType(asked, known) };
  }
  if (names !== null && speech.options[EXTENDED_EVENTS.name] !== true) {
    return { refusal: `${dialect.name} has no event for ${asked}; it has ${known.join(", ")}` };
  }
  return { type: asked, wish: {} };
}

/** The native body of a sample, marked as a test. */
export function writeSample(
  { type, wish }: SampleChoice,
  o: { now: number; workspaceId: string; eventId: string; data?: object },
): string {
  const { now, workspaceId, eventId, data } = o;
  const draft = isCatalogued(type)
    ? sampleDraft(type, { now, workspaceId }, wish)
    : ownDraft(type, now, workspaceId);
  const body = nativeBody({ ...draft, data: data ?? draft.data }, eventId, SAMPLE_SEQ);
  return JSON.stringify({ ...body, test: true });
}

/** Of a customer's own type nobody here knows what it holds. */
function ownDraft(type: string, occurredAt: number, workspaceId: string): EventDraft {
  return {
    ...{ workspaceId, type, occurredAt, data: {} },
    ...{ accountId: null, channelId: null, channelKind: null, conversationId: null },
    ...{ campaignId: null, account: null, channel: null, conversation: null, contact: null },
  };
}

function findEventName(names: readonly EventName[], text: string): EventName | undefined {
  return names.find(({ name }) => name === text) ?? names.find(({ type }) => type === text);
}

/** A sample that the dialect calls by this very name. */
function named({ type, channels, contents, actors, media }: EventName): SampleChoice {
  const wish = {
    channelKind: channels?.find((each) => each !== "none"),
    content: contents?.[0],
    actor: actors?.[0],
    medium: media?.[0],
  };
  const given = Object.entries(wish).filter(([, value]) => value !== undefined);
  return { type, wish: Object.fromEntries(given) as SampleWish }; // names are made of such words
}
