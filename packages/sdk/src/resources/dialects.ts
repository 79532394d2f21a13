import { wholeList } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";

export type DialectName = "curlew" | "chatgenius" | "chatmefy" | "dmtolead" | "genesy";

/** How endpoints can be spoken to. */
export interface Dialect {
  name: string;
  /** Its own names and what they stand for; null where it speaks of our types. */
  events: { name: string; type: string }[] | null;
  initial_state: "pending" | "enabled" | "disabled";
  /** An endpoint sends a token back before it gets anything. */
  verifies: boolean;
  multiple_signatures: boolean;
  /** Seconds to wait after each failure. */
  retry_schedule: number[];
  /** Headers that come of the secret; the dialect's own first. */
  signature_headers: string[];
  timeout_ms: number;
}

/** The request that an endpoint would get. */
export interface RequestPreview {
  event_type: string;
  request: { method: "POST"; url: string; headers: Record<string, string>; body: string };
  /** What the address guard says, and why; null without a URL. */
  url: { ok: boolean; detail: string | null } | null;
}

export interface PreviewQuery {
  /** A type, or one of the dialect's own names; without it, its first. */
  type?: string;
  url?: string;
  /** Names, with commas between. */
  custom_fields?: string;
}

export type Dialects = ReturnType<typeof dialectCalls>;

export function dialectCalls(call: Transport) {
  const path = ["dialects"];
  return {
    list: (options?: RequestOptions) => wholeList<Dialect>(call, { path, options }),
    /** Shows a sample of the request that an endpoint would get. Nothing is sent. */
    preview: (name: string, query?: PreviewQuery, options?: RequestOptions) =>
      call<RequestPreview>({ method: "GET", path: [...path, name, "preview"], query, options }),
  };
}
