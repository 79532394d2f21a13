import { factsOf, findName } from "../../core/events/event-names.ts";
import { type Difference, differencesOf } from "../../core/json/json-difference.ts";
import { getDialect } from "../../dialects/registry.ts";
import { plainSpeech } from "../../dialects/speech.ts";
import type { DeliveryDetail } from "../../storage/deliveries/delivery-reads.ts";
import { bodyOfDelivery } from "./request-view.ts";

const MOST_DIFFERENCES = 500;

/** A body as one dialect writes it. */
export interface Rendering {
  dialect: string;
  /** What the dialect calls the event; null where it has no name for it and would not send it. */
  name: string | null;
  body: string;
}

export interface ShadowView {
  own: Rendering;
  shadow: Rendering;
  /** From the endpoint's own body (here) to the other dialect's (there). */
  differences: Difference[];
}

/** A delivery's body beside the one that another dialect would send for the same event. Sends nothing. */
export function viewShadow(delivery: DeliveryDetail, shadowName: string): ShadowView {
  const shadow = getDialect(shadowName);
  const native: Record<string, unknown> = JSON.parse(delivery.payload);
  const { kind = null }: { kind?: string | null } = native["channel"] ?? {};
  const facts = factsOf({ type: delivery.eventType, channelKind: kind }, native);
  const nameIn = (name: string) => {
    const { events } = getDialect(name);
    return events === null ? delivery.eventType : findName(events, facts);
  };
  const speech = { ...plainSpeech(shadow), customFields: delivery.customFields };
  const event = { native: delivery.payload, history: delivery.history };
  const own = bodyOfDelivery(delivery);
  const other = shadow.render(event, speech, shadow.renderer);
  return {
    own: { dialect: delivery.dialect, name: nameIn(delivery.dialect), body: own },
    shadow: { dialect: shadowName, name: nameIn(shadowName), body: other },
    differences: differencesOf(JSON.parse(own), JSON.parse(other), MOST_DIFFERENCES),
  };
}
