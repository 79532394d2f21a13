import { publicId } from "../../core/ids.ts";
import { getDialect } from "../../dialects/registry.ts";
import { plainSpeech, readSpeech } from "../../dialects/speech.ts";
import type { DeliveryDetail } from "../../storage/deliveries/delivery-reads.ts";
import { isUnwritten } from "../attempt/attempt.ts";
import { MASKED, maskedHeaders } from "../endpoints/masked-headers.ts";

export interface RequestView {
  url: string;
  headers: Record<string, string>;
  /** Null where the event's body has been expunged. */
  body: string | null;
}

/**
 * The last request of a delivery, made anew for display: the bytes of its body, its headers with
 * everything masked that comes of a secret. Null while none was made.
 */
export function viewRequest(delivery: DeliveryDetail): RequestView | null {
  const last = delivery.attemptsMade.findLast((made) => !isUnwritten(made));
  if (!last) return null;
  const dialect = getDialect(delivery.dialect);
  const body = delivery.isExpunged ? null : bodyOfDelivery(delivery);
  const letter = {
    id: publicId("evt", delivery.eventId),
    type: delivery.eventType,
    body: body ?? "",
    timestampS: Math.floor(last.sentAt / 1000),
    attempt: last.n,
    replayed: last.round > 1,
    options: readSpeech(dialect, delivery).options,
  };
  const headers =
    last.signedBy === null
      ? dialect.headers({ ...letter, secrets: [] })
      : maskedHeaders(dialect, letter);
  return { url: delivery.url, headers: { ...ownHeaders(delivery), ...headers }, body };
}

/**
 * The bytes that a delivery was sent, or would be: those that were kept, else what follows from the
 * event alone; before the first request, what the endpoint has chosen counts.
 */
export function bodyOfDelivery(delivery: DeliveryDetail): string {
  if (delivery.body !== null) return delivery.body;
  const dialect = getDialect(delivery.dialect);
  const renderer = delivery.state === "delivered" ? delivery.renderer : null;
  const speech = renderer === null ? readSpeech(dialect, delivery) : plainSpeech(dialect);
  const event = { native: delivery.payload, history: delivery.history };
  return dialect.render(event, speech, renderer ?? dialect.renderer);
}

/** Headers of a customer's own may hold secrets, and what authenticates us is one. */
function ownHeaders({ headerNames, authShown }: DeliveryDetail): Record<string, string> {
  const names = [...(headerNames ?? []), ...(authShown === null ? [] : authHeader(authShown))];
  return Object.fromEntries(names.map((name) => [name, MASKED]));
}

function authHeader(shown: string): string[] {
  const { type } = JSON.parse(shown) as { type?: string }; // a column of ours
  return type === "client_certificate" ? [] : ["authorization"];
}
