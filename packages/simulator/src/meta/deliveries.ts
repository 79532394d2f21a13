import type { Clock } from "../clock.ts";
import type { HttpClient } from "../http/client.ts";
import { hubSignatures } from "./signature.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
/** "Decreasing frequency": the waits after each refusal; the last one is repeated. */
const WAITS_MS = [
  5 * SECOND,
  30 * SECOND,
  120 * SECOND,
  600 * SECOND,
  1_800 * SECOND,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  24 * HOUR,
];
const GIVE_UP_MS = 7 * 24 * HOUR;
const KEPT = 10_000;

export const SIGNATURES = ["right", "wrong", "missing", "sha1_only"] as const;
export type SignatureKind = (typeof SIGNATURES)[number];

export interface PostAttempt {
  at: number;
  /** Null when no answer came. */
  status: number | null;
  error: string | null;
}

/** One webhook request on its way, with every attempt so far. */
export interface WebhookPost {
  id: number;
  url: string;
  bytes: number;
  items: number;
  state: "delivered" | "waiting" | "given_up";
  attempts: PostAttempt[];
  /** When it is tried again, in milliseconds since the epoch. */
  next_at: number | null;
}

interface Outgoing {
  post: WebhookPost;
  body: Buffer;
  headers: Record<string, string>;
}

/** When to try again after this many refusals, or null when seven days have passed. */
export function nextRetryAt(attempts: number, firstAt: number, now: number): number | null {
  const wait = WAITS_MS[Math.min(attempts, WAITS_MS.length) - 1] ?? GIVE_UP_MS;
  const at = now + wait;
  return at - firstAt > GIVE_UP_MS ? null : at;
}

export type Deliveries = ReturnType<typeof createDeliveries>;

/** Posts webhooks and repeats, with the same bytes, those that were not answered 200. */
export function createDeliveries(given: { clock: Clock; client: HttpClient; appSecret: string }) {
  const { clock, client, appSecret } = given;
  const posts = new Map<number, WebhookPost>();
  const waiting = new Map<number, Outgoing>();
  let lastId = 0;

  async function attempt(outgoing: Outgoing): Promise<WebhookPost> {
    const { post, body, headers } = outgoing;
    waiting.delete(post.id);
    const exchange = await client.send({ method: "POST", url: post.url, headers, body });
    const now = clock.now();
    post.attempts.push({ at: now, status: exchange.status, error: exchange.error });
    if (exchange.status === 200) {
      return settle(post, "delivered", null);
    }
    const nextAt = nextRetryAt(post.attempts.length, post.attempts[0]?.at ?? now, now);
    if (nextAt === null) return settle(post, "given_up", null);
    waiting.set(post.id, outgoing);
    return settle(post, "waiting", nextAt);
  }

  function settle(post: WebhookPost, state: WebhookPost["state"], nextAt: number | null) {
    post.state = state;
    post.next_at = nextAt;
    return structuredClone(post);
  }

  async function attemptAll(chosen: Outgoing[]): Promise<WebhookPost[]> {
    const tried: WebhookPost[] = [];
    for (const outgoing of chosen) tried.push(await attempt(outgoing));
    return tried;
  }

  return {
    /** Posts once; a refusal is kept for later. `secret` signs instead of the app's own. */
    post(request: {
      url: string;
      body: Buffer;
      items: number;
      signature: SignatureKind;
      secret?: string;
    }): Promise<WebhookPost> {
      lastId += 1;
      const { url, body, items, signature } = request;
      const headers = {
        "content-type": "application/json",
        "user-agent": "facebookexternalua",
        accept: "*/*",
        ...signatureHeaders(signature, request.secret ?? appSecret, body),
      };
      const post: WebhookPost = {
        id: lastId,
        url,
        bytes: body.length,
        items,
        state: "waiting",
        attempts: [],
        next_at: null,
      };
      posts.set(post.id, post);
      const [oldest] = posts.keys();
      if (posts.size > KEPT && oldest !== undefined) posts.delete(oldest);
      return attempt({ post, body, headers });
    },
    /** Repeats what is due by now. */
    tick: () => {
      const now = clock.now();
      return attemptAll([...waiting.values()].filter(({ post }) => (post.next_at ?? 0) <= now));
    },
    /** Repeats everything that waits, due or not. */
    retryNow: () => attemptAll([...waiting.values()]),
    all: () => [...posts.values()].map((post) => structuredClone(post)),
    clear() {
      posts.clear();
      waiting.clear();
    },
  };
}

function signatureHeaders(kind: SignatureKind, secret: string, body: Buffer) {
  const right = hubSignatures(secret, body);
  switch (kind) {
    case "right":
      return { ...right };
    case "wrong":
      return { ...hubSignatures(`not ${secret}`, body) };
    case "sha1_only":
      return { "x-hub-signature": right["x-hub-signature"] };
    case "missing":
      return {};
  }
}
