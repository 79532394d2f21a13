import { lookup } from "node:dns";
import { readUrl } from "../../core/url.ts";
import { type Answer, exchange, type Failed, type Means, type Reader } from "./exchange.ts";
import type { FailureKind } from "./failures.ts";
import { OutboundPool } from "./outbound-pool.ts";

/** Short: a send over a connection that the provider is just closing would be in doubt. */
const KEEP_ALIVE_MS = 4_000;

export interface ProviderRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  url: string;
  headers: Record<string, string>;
  body?: string | Buffer;
  /** For everything together: waiting for a connection, sending, and reading to the end. */
  deadlineMs: number;
  /** A longer answer is a failure. */
  maxResponseBytes?: number;
  signal?: AbortSignal;
}

export interface ProviderResponse {
  kind: "response";
  status: number;
  /** Names in lower case; a header that came several times is joined with commas. */
  headers: Record<string, string>;
  body: string;
  ms: number;
}
export type ProviderResult = ProviderResponse | Failed;

export interface ProviderClient {
  /**
   * Sends once and never again; follows no redirect; never rejects. A failure's `written` is
   * false only when it is certain that the provider has not seen a byte of the request.
   */
  request(request: ProviderRequest): Promise<ProviderResult>;
  /** Lets what is under way finish. */
  close(): Promise<void>;
}

/** Talks to providers, whose addresses the operator gives: there is no guard here. */
export function createProviderClient(
  options: Means & { connectTimeoutMs?: number; maxConnections?: number; ca?: string },
): ProviderClient {
  const { clock, wheel, connectTimeoutMs = 10_000, maxConnections = 64, ca } = options;
  const means: Means = { clock, wheel };
  const pools = new Map<string, OutboundPool>();
  let closed = false;

  function poolOf(origin: string): OutboundPool {
    const open = pools.get(origin);
    if (open) return open;
    const pool = new OutboundPool({
      clock,
      wheel,
      origin,
      lookup,
      maxConnections,
      connectTimeoutMs,
      keepAliveMs: KEEP_ALIVE_MS,
      ca,
    });
    pools.set(origin, pool);
    return pool;
  }

  return {
    request({ url: text, body = null, maxResponseBytes = 1024 * 1024, ...request }) {
      const url = readUrl(text);
      if (!url || !/^https?:$/.test(url.protocol)) return unsent("other", "the URL is not http(s)");
      if (closed) return unsent("closed", "the connections to providers have been closed");
      const path = `${url.pathname}${url.search}`;
      const reader = readerUpTo(maxResponseBytes);
      return exchange(means, poolOf(url.origin), { ...request, path, body }, reader);
    },
    async close() {
      closed = true;
      await Promise.all([...pools.values()].map((each) => each.close()));
    },
  };
}

function unsent(error: FailureKind, detail: string): Promise<Failed> {
  return Promise.resolve({
    kind: "failed",
    error,
    detail,
    ms: 0,
    written: false,
    connection: null,
  });
}

function readerUpTo(bytes: number): Reader<ProviderResponse> {
  return {
    keepBytes: bytes,
    readBytes: bytes,
    cutStands: false,
    read: ({ status, headers, body, ms }) => ({
      kind: "response",
      status,
      headers: readHeaders(headers),
      body: body.toString("utf8"),
      ms,
    }),
  };
}

function readHeaders(raw: Answer["headers"]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = String(raw[i]).toLowerCase();
    const value = raw[i + 1]?.toString("latin1") ?? "";
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}
