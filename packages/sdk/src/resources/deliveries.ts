import { listCalls, type PageQuery } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";
import type { ChannelKind } from "./channels.ts";
import type { DialectName } from "./dialects.ts";
import type { ReplayAnswer } from "./endpoints.ts";

export type DeliveryState = "pending" | "delivered" | "dead" | "cancelled";

/** The channel and the person that an event is about. */
export interface EventSource {
  channel_id: string | null;
  channel_kind: ChannelKind | null;
  name: string | null;
}

/** One event on its way to one endpoint. */
export interface Delivery {
  id: string;
  event_id: string;
  event_type: string;
  endpoint_id: string;
  /** The channel and the person; null where its event is about neither. */
  from: EventSource | null;
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
  /** It waits for an earlier event of its conversation. */
  is_held: boolean;
  /** It was given up where order is kept, and the events behind it went on. */
  is_gap: boolean;
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

export type DeliveryExport = Omit<DeliveryQuery, keyof PageQuery> & {
  /** `csv` when absent. */
  format?: "csv" | "ndjson";
};

/** What an endpoint is sent, and what it would be sent in another dialect. */
export interface Shadow {
  own: RenderedBody;
  shadow: RenderedBody;
  /** From its own body (here) to the other one (there). */
  differences: {
    pointer: string;
    kind: "only_here" | "only_there" | "changed";
    here?: unknown;
    there?: unknown;
  }[];
}

export interface RenderedBody {
  dialect: string;
  /** What the dialect calls the event; null where it has no name and would not send it. */
  name: string | null;
  body: string;
}

/** Whether attempts begin when they are due. */
export interface Queue {
  /** The one that is latest; null when none is late. */
  oldest_due: { endpoint_id: string; due_at: string; seconds: number } | null;
}

export type Deliveries = ReturnType<typeof deliveryCalls>;

export function deliveryCalls(call: Transport) {
  const path = ["deliveries"];
  return {
    ...listCalls<Delivery, DeliveryQuery>(call, path),
    get: (id: string, options?: RequestOptions) =>
      call<DeliveryDetail>({ method: "GET", path: [...path, id], options }),
    /** All that match, as a file: read the answer as text or as a stream. */
    export: (query?: DeliveryExport, options?: RequestOptions) =>
      call.open({ method: "GET", path: [...path, "export"], query, options }),
    /** Its body beside the one of another dialect: the endpoint's `shadow_dialect` when none is named. */
    shadow: (id: string, query?: { dialect?: DialectName }, options?: RequestOptions) =>
      call<Shadow>({ method: "GET", path: [...path, id, "shadow"], query, options }),
    /** Makes it again, under the same `webhook-id`. */
    replay: (id: string, options?: RequestOptions) =>
      call<ReplayedDelivery>({ method: "POST", path: [...path, id, "replay"], options }),
  };
}

/** Whether attempts begin when they are due. */
export function queueCall(call: Transport) {
  return (query?: { endpoint_id?: string }, options?: RequestOptions) =>
    call<Queue>({ method: "GET", path: ["queue"], query, options });
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
  const path = ["dead-letters"];
  return {
    ...listCalls<Delivery, DeadLetterQuery>(call, path),
    causes: (query?: DeadLetterCauseQuery, options?: RequestOptions) =>
      call<DeadLetterCauses>({ method: "GET", path: [...path, "causes"], query, options }),
    /** Makes them again; what is not narrowed is all of them. */
    replay: (body: DeadLetterReplay, options?: RequestOptions) =>
      call<ReplayAnswer>({ method: "POST", path: [...path, "replay"], body, options }),
  };
}
