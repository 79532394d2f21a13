import type { FieldError } from "./curlew-error.ts";
import type { Delivery, DeliveryState } from "./deliveries.ts";
import { everyItem, type Page, type PageQuery } from "./page.ts";
import { followStream } from "./stream.ts";
import type { RequestOptions, Transport, WriteOptions } from "./transport.ts";
import type { WebhookEvent } from "./webhook-event.ts";

/** An event of your own. */
export interface EventDraft {
  /** Dotted lower case, such as `order.shipped`. */
  type: string;
  data: Readonly<Record<string, unknown>>;
  account_id?: string | null;
  campaign_id?: string | null;
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
  warnings?: readonly FieldError[];
}

/** An event as lists show it: without its body. */
export interface EventSummary {
  id: string;
  type: string;
  occurred_at: string;
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
  /** What left it out: `type`, `channel`, `filter` and the like. */
  reason: string | null;
  detail: string;
  delivery_id: string | null;
  attempts: number;
}

export type Events = ReturnType<typeof eventCalls>;

export function eventCalls(call: Transport) {
  const path = ["events"];
  const list = (query: EventQuery = {}, options?: RequestOptions) =>
    call<Page<EventSummary>>({ method: "GET", path, query: { ...query }, options });
  return {
    publish: (body: EventDraft, options?: WriteOptions) =>
      call<PublishedEvent>({ method: "POST", path, body, options }),
    /** All or nothing; the idempotency keys are those of the items. */
    publishMany: async (
      body: readonly EventDraft[],
      options?: RequestOptions,
    ): Promise<PublishedEvent[]> => {
      const { data } = await call<{ data: PublishedEvent[] }>({
        method: "POST",
        path,
        body,
        options,
      });
      return data;
    },
    list,
    /** Every event, read page by page. */
    all: (query: EventQuery = {}, options?: RequestOptions) =>
      everyItem((page: EventQuery) => list(page, options), query),
    /** One page of the log, the oldest first: in order and without gaps. */
    pull: (query: FeedQuery, options?: RequestOptions) =>
      call<FeedPage>({ method: "GET", path, query: { ...query }, options }),
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
            query: { ...query },
            headers: {
              accept: "text/event-stream",
              ...(lastEventId === null ? {} : { "last-event-id": lastEventId }),
            },
            ...(signal ? { options: { signal } } : {}),
          }),
        options?.signal,
      ),
    /** Where an event went, and why not to the other endpoints. */
    why: (id: string, query: PageQuery & { endpoint_id?: string } = {}, options?: RequestOptions) =>
      call<Page<Why>>({ method: "GET", path: [...path, id, "why"], query: { ...query }, options }),
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
