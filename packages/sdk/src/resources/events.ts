import type { FieldError } from "../calls/curlew-error.ts";
import { newIdempotencyKey } from "../calls/idempotency-key.ts";
import { listCalls, type PageQuery } from "../calls/page.ts";
import { followStream } from "../calls/stream.ts";
import type { IdempotentOptions, RequestOptions, Transport } from "../calls/transport.ts";
import type { WebhookEvent } from "../webhooks/webhook-event.ts";
import type { Delivery, DeliveryState, EventSource } from "./deliveries.ts";

/** An event of your own. */
export interface EventDraft {
  /** Dotted lower case, such as `order.shipped`. */
  type: string;
  data: Readonly<Record<string, unknown>>;
  account_id?: string | null;
  campaign_id?: string | number | null;
  conversation_id?: string | null;
  /** A kind or an id. */
  channel?: string | null;
  idempotency_key?: string | null;
}

export interface PublishedEvent {
  id: string;
  /** The key was used before: nothing new was published. */
  duplicate: boolean;
  /** Of a single event: its type looks like a slip of another one. It was kept as it is. */
  warnings?: FieldError[];
}

/** An event as lists show it: without its body. */
export interface EventSummary {
  id: string;
  type: string;
  occurred_at: string;
  /** Null where it is about neither. */
  from: EventSource | null;
  account_id: string | null;
  channel_id: string | null;
  conversation_id: string | null;
  campaign_id: string | null;
  seq: number | null;
  /** Its body is gone: of it there are the ids, and `data` is empty. */
  body_expunged: boolean;
}

/** What expunging an event came to. */
export interface ExpungedEvent {
  id: string;
  body_expunged: true;
  /** It had been expunged before. */
  was_expunged: boolean;
  /** Deliveries that kept a body. */
  deliveries: number;
  /** Attempts that kept an answer. */
  attempts: number;
  /** Deliveries that waited, and will not be made. */
  cancelled: number;
  /** Requests of it in catchers. */
  caught: number;
}

export interface EventDetail extends EventSummary {
  /** The body of its native webhook. */
  payload: WebhookEvent;
  /** Where it went, 100 at most. */
  deliveries: Delivery[];
}

/** Which events of the log are wanted. */
export interface EventFilter {
  /** Types and prefixes (`order.*`), with commas between them. */
  type?: string;
  /** Kinds and ids of channels, with commas between them. */
  channel?: string;
  account_id?: string;
  conversation_id?: string;
}

/** Where the log is read from: after an event's id or a `next_cursor`, from its `start`, or from `now` on. */
export interface FeedQuery extends EventFilter {
  after: string;
  /** 1 to 100. */
  limit?: number;
}

/** An event of the log, as pulled: with the body of its native webhook. */
export type FeedEvent = EventSummary & { payload: WebhookEvent };

/** A page may be empty although there is more; `next_cursor` is the next `after`. */
export interface FeedPage {
  data: FeedEvent[];
  has_more: boolean;
  next_cursor: string;
}

export interface EventQuery extends PageQuery, EventFilter {
  /** What became of a message: all events that tell of it. */
  message_id?: string;
  /** RFC 3339. */
  since?: string;
  until?: string;
}

/** What became of an event at one endpoint. */
export interface Why {
  endpoint_id: string;
  endpoint_name: string;
  outcome: DeliveryState | "left_out";
  /** What left it out, as the endpoint stood when the event was accepted. */
  reason:
    | "not_there"
    | "deleted"
    | "state"
    | "account"
    | "type"
    | "channel"
    | "account_filter"
    | "campaign"
    | "filter"
    | "about_it"
    | null;
  detail: string;
  delivery_id: string | null;
  attempts: number;
}

export interface WhyQuery extends PageQuery {
  endpoint_id?: string;
}

export type Events = ReturnType<typeof eventCalls>;

export function eventCalls(call: Transport) {
  const path = ["events"];
  return {
    /** Resolves when it is kept, and on its way to every endpoint that wants it. */
    publish: (body: EventDraft, options?: IdempotentOptions) => {
      const idempotencyKey = options?.idempotencyKey ?? body.idempotency_key ?? newIdempotencyKey();
      return call<PublishedEvent>({ method: "POST", path, body, idempotencyKey, options });
    },
    /** All or nothing, 1,000 at most; each has an idempotency key of its own. */
    publishMany: async (
      events: readonly EventDraft[],
      options?: RequestOptions,
    ): Promise<PublishedEvent[]> => {
      const body = events.map((event) => ({
        ...event,
        idempotency_key: event.idempotency_key ?? newIdempotencyKey(),
      }));
      const many = { method: "POST", path, body, isRepeatable: true, options } as const;
      const { data } = await call<{ data: PublishedEvent[] }>(many);
      return data;
    },
    ...listCalls<EventSummary, EventQuery>(call, path),
    /** One page of the log, the oldest first: in order and without gaps. */
    pull: (query: FeedQuery, options?: RequestOptions) =>
      call<FeedPage>({ method: "GET", path, query, options }),
    /**
     * Every event from now on, or after `after`, as it is accepted. It connects again by itself and goes
     * on where it was; it ends when the signal is aborted and rejects when the server refuses.
     */
    follow: (query: EventFilter & { after?: string } = {}, options?: RequestOptions) =>
      followStream(
        (lastEventId, signal) =>
          call.open({
            method: "GET",
            path: ["stream"],
            query,
            headers: {
              accept: "text/event-stream",
              ...(lastEventId === null ? {} : { "last-event-id": lastEventId }),
            },
            options: { signal },
          }),
        options?.signal,
      ),
    /** Where an event went, and why not to the other endpoints. */
    why: (id: string, query?: WhyQuery, options?: RequestOptions) =>
      listCalls<Why, WhyQuery>(call, [...path, id, "why"]).list(query, options),
    /**
     * Expunges an event's body now, wherever it is kept; the log of it stays. To ask again changes nothing.
     * The key needs `events:expunge`. Rejects with `conflict` while a request with it is being made.
     */
    expunge: (id: string, options?: RequestOptions) =>
      call<ExpungedEvent>({ method: "POST", path: [...path, id, "expunge"], options }),
    get: (id: string, options?: RequestOptions) =>
      call<EventDetail>({ method: "GET", path: [...path, id], options }),
  };
}
