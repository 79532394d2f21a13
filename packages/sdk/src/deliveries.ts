import type { ReplayAnswer } from "./endpoints.ts";
import { everyItem, type Page, type PageQuery } from "./page.ts";
import type { RequestOptions, Transport, WriteOptions } from "./transport.ts";

export type DeliveryState = "pending" | "delivered" | "dead" | "cancelled";

/** One event on its way to one endpoint. */
export interface Delivery {
  id: string;
  event_id: string;
  event_type: string;
  endpoint_id: string;
  /** The channel and the person; null where its event is about neither. */
  from: { channel_id: string | null; channel_kind: string | null; name: string | null } | null;
  state: DeliveryState;
  /** How many requests were made. */
  attempts: number;
  /** 1, and one more with each replay. */
  round: number;
  /** When it is tried again; null while it is under way and when it has ended. */
  next_attempt_at: string | null;
  last_status: number | null;
  last_error: string | null;
  /** Why it is dead or cancelled. */
  reason: string | null;
  is_replay: boolean;
  /** The event's body is gone: it is not replayed. */
  body_expunged: boolean;
  created_at: string;
  last_at: string | null;
  /** How long the last request took. */
  last_ms: number | null;
}

/** One request of a delivery, and what came back. */
export interface Attempt {
  n: number;
  round: number;
  sent_at: string;
  ms: number;
  /** It took longer than its dialect finds healthy. */
  slow: boolean;
  /** Null, as the next two, where a connection that was open served. */
  dns_ms: number | null;
  connect_ms: number | null;
  tls_ms: number | null;
  first_byte_ms: number | null;
  status: number | null;
  /** What went wrong where nothing answered. */
  error: string | null;
  detail: string | null;
  /** The beginning of the answer's body. */
  response: string | null;
  process: number;
  /** The signing secret that the receiver was sent, or took, a signature of. */
  signed_by: string | null;
  /** What the first request was answered, where it was sent again signed with an older secret. */
  resent_after: number | null;
}

/** A delivery with everything that was sent for it. */
export type DeliveryDetail = Omit<Delivery, "attempts"> & {
  attempt_count: number;
  attempts: Attempt[];
  /** The last request; what comes of a secret is masked. */
  request: {
    method: "POST";
    url: string;
    headers: Record<string, string>;
    /** Null where it has been expunged. */
    body: string | null;
  } | null;
};

/** `started`: a new round. `due`: its next attempt is now. `under_way`: one is being made. */
export type ReplayedDelivery = Delivery & { replay: "started" | "due" | "under_way" };

/** What narrows a list of deliveries. A page may be short, and still have a next one. */
export interface DeadLetterQuery extends PageQuery {
  endpoint_id?: string;
  event_id?: string;
  /** Types and prefixes (`order.*`), with commas between them. */
  type?: string;
  /** Kinds and ids of channels, with commas between them. */
  channel?: string;
  conversation_id?: string;
  /** RFC 3339: of events accepted from then on, and before then. */
  since?: string;
  until?: string;
  /** Any id: of a delivery, an event, an endpoint, a conversation or a channel. */
  q?: string;
}

export interface DeliveryQuery extends DeadLetterQuery {
  state?: DeliveryState;
}

export type Deliveries = ReturnType<typeof deliveryCalls>;

export function deliveryCalls(call: Transport) {
  const list = (query: DeliveryQuery = {}, options?: RequestOptions) =>
    call<Page<Delivery>>({ method: "GET", path: ["deliveries"], query: { ...query }, options });
  return {
    list,
    /** Every delivery, read page by page. */
    all: (query: DeliveryQuery = {}, options?: RequestOptions) =>
      everyItem((page: DeliveryQuery) => list(page, options), query),
    get: (id: string, options?: RequestOptions) =>
      call<DeliveryDetail>({ method: "GET", path: ["deliveries", id], options }),
    /** Makes it again, under the same `webhook-id`. */
    replay: (id: string, options?: WriteOptions) =>
      call<ReplayedDelivery>({ method: "POST", path: ["deliveries", id, "replay"], options }),
  };
}

/** Which dead letters are to be delivered again. */
export interface DeadLetterReplay {
  /** At most 1,000. */
  ids?: readonly string[];
  endpoint_id?: string;
  /** RFC 3339. */
  since?: string;
  until?: string;
  /** Types, and prefixes such as `order.*`. */
  types?: readonly string[];
  /** Counts, and replays nothing. */
  dry_run?: boolean;
}

/** Why dead letters died. */
export interface DeadLetterCause {
  /** What the last request was answered; null where nothing answered. */
  status: number | null;
  error: string | null;
  reason: string | null;
  /** Where each endpoint's causes are asked for apart. */
  endpoint_id: string | null;
  count: number;
  /** How many endpoints it struck. */
  endpoints: number;
  last_at: string;
}

export interface DeadLetterCauses {
  /** The most frequent first. */
  data: DeadLetterCause[];
  /** False where there are more than were looked at. */
  is_exact: boolean;
}

export interface DeadLetterCauseQuery {
  endpoint_id?: string;
  /** Each endpoint's causes apart. */
  by?: "endpoint";
}

export type DeadLetters = ReturnType<typeof deadLetterCalls>;

export function deadLetterCalls(call: Transport) {
  const list = (query: DeadLetterQuery = {}, options?: RequestOptions) =>
    call<Page<Delivery>>({ method: "GET", path: ["dead-letters"], query: { ...query }, options });
  return {
    list,
    /** Every dead letter, read page by page. */
    all: (query: DeadLetterQuery = {}, options?: RequestOptions) =>
      everyItem((page: DeadLetterQuery) => list(page, options), query),
    causes: (query: DeadLetterCauseQuery = {}, options?: RequestOptions) =>
      call<DeadLetterCauses>({
        method: "GET",
        path: ["dead-letters", "causes"],
        query: { ...query },
        options,
      }),
    replay: (body: DeadLetterReplay, options?: WriteOptions) =>
      call<ReplayAnswer>({ method: "POST", path: ["dead-letters", "replay"], body, options }),
  };
}
