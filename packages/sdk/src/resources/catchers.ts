import { listCalls, type PageQuery } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";
import type { Diagnosis } from "./doctor.ts";

/** A receiver inside Curlew, which remembers what it was sent. */
export interface Catcher {
  id: string;
  name: string;
  /** For an endpoint: the address guard lets webhooks go there. */
  url: string;
  /** What it answers. */
  status: number;
  /** How long that takes. */
  delay_ms: number;
  /** How many requests it remembers. */
  keep: number;
  created_at: string;
  updated_at: string;
}

export interface CatcherDraft {
  name?: string;
  /** What it answers: 200 when absent. */
  status?: number;
  delay_ms?: number;
  /** How many requests it remembers: 100 when absent. */
  keep?: number;
}

/** What it was sent. */
export interface CaughtRequest {
  id: string;
  method: string;
  /** As they came. */
  headers: [name: string, value: string][];
  body_bytes: number;
  /** What it was answered. */
  answered: number;
  event_id: string | null;
  event_type: string | null;
  endpoint_id: string | null;
  delivery_id: string | null;
  /** What the signature was worth, by the secrets of the endpoint that sends here; null where none does. */
  signature:
    | (Pick<Diagnosis, "accepted" | "dialect" | "expected"> & {
        findings: { code: string; detail: string; advice: string }[];
      })
    | null;
  received_at: string;
}

export type WholeCaughtRequest = CaughtRequest & {
  /** Null where message bodies are purged. */
  body: string | null;
  body_is_whole: boolean;
  /** `base64` where the bytes are no text. */
  encoding: "utf8" | "base64";
};

export type Catchers = ReturnType<typeof catcherCalls>;

export function catcherCalls(call: Transport) {
  const path = ["catchers"];
  const requestsOf = (id: string) => [...path, id, "requests"];
  return {
    create: (body: CatcherDraft = {}, options?: RequestOptions) =>
      call<Catcher>({ method: "POST", path, body, options }),
    ...listCalls<Catcher>(call, path),
    get: (id: string, options?: RequestOptions) =>
      call<Catcher>({ method: "GET", path: [...path, id], options }),
    update: (id: string, body: CatcherDraft, options?: RequestOptions) =>
      call<Catcher>({ method: "PATCH", path: [...path, id], body, options }),
    delete: (id: string, options?: RequestOptions) =>
      call<void>({ method: "DELETE", path: [...path, id], options }),
    /** What it was sent, the newest first. */
    requests: (id: string, query?: PageQuery, options?: RequestOptions) =>
      listCalls<CaughtRequest>(call, requestsOf(id)).list(query, options),
    /** Everything that it was sent, read page by page. */
    allRequests: (id: string, query?: PageQuery, options?: RequestOptions) =>
      listCalls<CaughtRequest>(call, requestsOf(id)).all(query, options),
    request: (id: string, requestId: string, options?: RequestOptions) =>
      call<WholeCaughtRequest>({ method: "GET", path: [...requestsOf(id), requestId], options }),
    /** Forgets what it was sent. */
    clear: (id: string, options?: RequestOptions) =>
      call<void>({ method: "DELETE", path: requestsOf(id), options }),
  };
}
