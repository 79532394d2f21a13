import type { Refusal } from "./address-guard.ts";
import type { ConnectTimes } from "./connector.ts";
import { type Answer, exchange, type Failed, type Means, type Reader } from "./exchange.ts";
import type { Guard } from "./guard.ts";
import { OutboundPool } from "./outbound-pool.ts";
import { storableText } from "./storable-text.ts";

const READ_BYTES = 16 * 1024;
const KEEP_BYTES = 4 * 1024;
const HEADER_LENGTH = 1024;

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

export interface WebhookClient {
  /**
   * The open target of that key and URL, or a new one. The key stands for everything else that
   * must not share connections: the endpoint, its client certificate and its proxy. A URL that
   * the guard refuses opens a target whose posts all fail as `blocked_address`.
   */
  open(key: string, options: { url: string; maxConnections: number }): Target;
  /** Closes every target that is open. */
  close(): Promise<void>;
}

/** The sender's hands: one pool of kept-alive connections an endpoint, all behind the guard. */
export function createWebhookClient(
  options: Means & {
    guard: Guard;
    connectTimeoutMs?: number;
    /** How long an unused connection is kept, when the receiver does not say. */
    keepAliveMs?: number;
    /** Certificate authorities in PEM, instead of those that Node trusts. */
    ca?: string;
  },
): WebhookClient {
  const { clock, wheel, guard, connectTimeoutMs = 10_000, keepAliveMs = 4_000, ca } = options;
  const means: Means = { clock, wheel };
  const targets = new Map<string, Target>();

  function openTarget(name: string, url: URL, maxConnections: number): Target {
    const { origin } = url;
    const { lookup } = guard.connection(url.href);
    const pool = new OutboundPool({
      clock,
      wheel,
      origin,
      lookup,
      maxConnections,
      connectTimeoutMs,
      keepAliveMs,
      ca,
    });
    const ownPath = `${url.pathname}${url.search}`;
    const target: Target = {
      post: ({ path = ownPath, headers, body, deadlineMs, signal }) =>
        exchange(means, pool, { method: "POST", path, headers, body, deadlineMs, signal }, READER),
      close() {
        if (targets.get(name) === target) targets.delete(name);
        return pool.close();
      },
    };
    return target;
  }

  return {
    open(key, { url, maxConnections }) {
      // With the whole URL: the guard may judge two paths of one origin differently.
      const name = `${key} ${url}`;
      const known = targets.get(name);
      if (known) return known;
      const { verdict } = guard.connection(url);
      if (!verdict.ok) return refusing(verdict);
      const target = openTarget(name, new URL(url), maxConnections);
      targets.set(name, target);
      return target;
    },
    async close() {
      await Promise.all([...targets.values()].map((each) => each.close()));
    },
  };
}

function refusing(verdict: Refusal): Target {
  const failed: Failed = {
    kind: "failed",
    error: "blocked_address",
    detail: verdict.detail,
    ms: 0,
    written: false,
    connection: null,
  };
  return { post: () => Promise.resolve(failed), close: () => Promise.resolve() };
}

const READER: Reader<PostResponse> = {
  keepBytes: KEEP_BYTES,
  readBytes: READ_BYTES,
  cutStands: true,
  read: ({ status, headers, body, ms, firstByteMs, connection }) => ({
    kind: "response",
    status,
    headers: wanted(headers),
    body: body.length === 0 ? "" : storableText(body, KEEP_BYTES),
    ms,
    firstByteMs,
    connection,
  }),
};

const WANTED = new Map<string, keyof PostResponse["headers"]>([
  ["retry-after", "retryAfter"],
  ["webhook-delivery", "deliveryControl"],
  ["content-type", "contentType"],
  ["location", "location"],
]);
const WANTED_LENGTHS = new Set([...WANTED.keys()].map((name) => name.length));

function wanted(headers: Answer["headers"]): PostResponse["headers"] {
  const found: PostResponse["headers"] = {};
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i];
    const value = headers[i + 1];
    if (!name || !value || !WANTED_LENGTHS.has(name.length)) continue;
    const key = WANTED.get(name.toString("latin1").toLowerCase());
    if (key && found[key] === undefined) found[key] = value.toString("latin1", 0, HEADER_LENGTH);
  }
  return found;
}
