import type { ConnectTimes } from "../network/connector.ts";
import type { Failed } from "../network/exchange.ts";

export interface PostRequest {
  /** Path and query; the target's own when absent. */
  path?: string;
  /** Names and values in turn, or an object. */
  headers: Record<string, string> | string[];
  body: string | Buffer;
  /** For everything together: waiting for a connection, sending, and reading to the end. */
  deadlineMs: number;
  /** Gives the request up: the result is `closed`. */
  signal?: AbortSignal;
}

export interface PostResponse {
  kind: "response";
  status: number;
  headers: {
    retryAfter?: string;
    deliveryControl?: string;
    contentType?: string;
    location?: string;
  };
  /** The first 4 KB as text that PostgreSQL takes: valid UTF-8, without NULs. */
  body: string;
  /** Since the request was handed in; not rounded. */
  ms: number;
  firstByteMs: number;
  /** What making its connection took; null when it went out on one that was open. */
  connection: ConnectTimes | null;
}
export type PostResult = PostResponse | Failed;

/** The connections to one endpoint. */
export interface Target {
  /** Posts once. Never rejects, never follows a redirect, never sends twice. */
  post(request: PostRequest): Promise<PostResult>;
  /** Lets what is under way finish; whatever is posted later fails as `closed`. */
  close(): Promise<void>;
}
