import type { ClientCertificate, ClientCredentials } from "../../core/endpoints/endpoint-auth.ts";
import type { Refusal } from "../network/address-guard.ts";
import {
  type Answer,
  exchange,
  type Failed,
  type Means,
  type Reader,
} from "../network/exchange.ts";
import type { Guard } from "../network/guard.ts";
import { OutboundPool } from "../network/outbound-pool.ts";
import type { EgressProxy } from "../network/proxy-connector.ts";
import { storableText } from "../storable-text.ts";
import { AccessTokens, authorizedTarget } from "./access-tokens.ts";
import type { PostResponse, Target } from "./webhook-target.ts";

const READ_BYTES = 16 * 1024;
const KEEP_BYTES = 4 * 1024;
const HEADER_LENGTH = 1024;

export interface TargetOptions {
  url: string;
  maxConnections: number;
  /** What we show to a receiver that asks who we are. */
  clientCertificate?: ClientCertificate | undefined;
  /** Each request carries an access token, which is fetched with these. */
  oauth2?: ClientCredentials | undefined;
}

export interface WebhookClient {
  /**
   * The open target of that key and URL, or a new one. The key stands for everything else that
   * must not share connections: the endpoint, its client certificate and its proxy. A URL that
   * the guard refuses opens a target whose posts all fail as `blocked_address`.
   */
  open(key: string, options: TargetOptions): Target;
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
    /** Every connection is made through it; the guard judges first, and pins the address. */
    proxy?: EgressProxy | null;
  },
): WebhookClient {
  const {
    clock,
    wheel,
    guard,
    connectTimeoutMs = 10_000,
    keepAliveMs = 4_000,
    ca,
    proxy,
  } = options;
  const means: Means = { clock, wheel };
  const targets = new Map<string, Target>();

  function openTarget(name: string, options: TargetOptions, reader: Reader<PostResponse>): Target {
    const url = new URL(options.url);
    const { maxConnections, clientCertificate: own } = options;
    const { origin } = url;
    const { lookup, isExempt } = guard.connection(url.href);
    const pool = new OutboundPool({
      clock,
      wheel,
      origin,
      lookup,
      maxConnections,
      connectTimeoutMs,
      keepAliveMs,
      ca,
      // A proxy would look for our own address beside itself.
      proxy: isExempt ? null : (proxy ?? null),
      clientCertificate: own && { cert: own.certificate, key: own.private_key },
    });
    const ownPath = `${url.pathname}${url.search}`;
    const target: Target = {
      post: ({ path = ownPath, headers, body, deadlineMs, signal }) =>
        exchange(means, pool, { method: "POST", path, headers, body, deadlineMs, signal }, reader),
      close() {
        if (targets.get(name) === target) targets.delete(name);
        return pool.close();
      },
    };
    return target;
  }

  function open(key: string, o: TargetOptions, reader: Reader<PostResponse>): Target {
    // With the whole URL: the guard may judge two paths of one origin differently.
    const name = `${key} ${o.url}`;
    const known = targets.get(name);
    if (known) return known;
    const { verdict } = guard.connection(o.url);
    if (!verdict.ok) return refusing(verdict);
    const target = openTarget(name, o, reader);
    targets.set(name, target);
    return target;
  }

  return {
    open(key, o) {
      const target = open(key, o, READER);
      if (!o.oauth2) return target;
      const { oauth2: credentials, maxConnections } = o;
      const tokenUrl = { url: credentials.token_url, maxConnections: Math.min(2, maxConnections) };
      const tokens = new AccessTokens({
        ...{ clock, credentials },
        target: open(`${key} token`, tokenUrl, TOKEN_READER),
      });
      return authorizedTarget(target, tokens, clock);
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

const READER = readerOf(KEEP_BYTES);
/** An access token may be long. */
const TOKEN_READER = readerOf(READ_BYTES);

function readerOf(keepBytes: number): Reader<PostResponse> {
  return {
    keepBytes,
    readBytes: READ_BYTES,
    cutStands: true,
    read: ({ status, headers, body, ms, firstByteMs, connection }) => ({
      kind: "response",
      status,
      headers: wanted(headers),
      body: body.length === 0 ? "" : storableText(body, keepBytes),
      ms,
      firstByteMs,
      connection,
    }),
  };
}

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
