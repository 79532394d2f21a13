import { askAgainAt, type Control, controlOf } from "../../core/endpoints/answer-control.ts";
import { nextAttemptAt } from "../../core/endpoints/schedule.ts";
import { publicId } from "../../core/ids.ts";
import { isPlainSpeech, plainSpeech } from "../../dialects/speech.ts";
import type { Settlement } from "../../storage/deliveries/deliveries.ts";
import type { EndpointView, LiveSecret } from "../directory/directory.ts";
import type { Work } from "../work.ts";

/** What came back of one request, as the sender's hands report it. */
export type PostResult =
  | {
      kind: "response";
      status: number;
      headers: { retryAfter?: string; deliveryControl?: string; contentType?: string };
      /** The first 4 KB, valid text without NULs. */
      body: string;
      ms: number;
      firstByteMs: number;
      connection?: ConnectTimes | null;
    }
  | {
      kind: "failed";
      error: string;
      detail: string;
      ms: number;
      connection?: ConnectTimes | null;
    };

/** What making a connection took, in ms; null for what was not done. */
export interface ConnectTimes {
  dnsMs: number | null;
  connectMs: number | null;
  tlsMs: number | null;
}

export interface Letter {
  headers: Record<string, string>;
  body: string;
  /** The body follows from the event alone: nothing that the endpoint chose has shaped it. */
  isPlain: boolean;
  renderer: number;
  /** The secret that signed first. */
  signedBy: string | null;
  /** What the request signed with the newest secret was answered, when this one was sent after it. */
  resentAfter: number | null;
}

/** What is remembered of a letter; without a body where none was written. */
export type Sent = Omit<Letter, "headers" | "body"> & { body: string | null };

/** The secrets that count now: the one that signs, then older ones whose time is not over. */
export function liveSecrets(endpoint: EndpointView, now: number): LiveSecret[] {
  return endpoint.secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
}

/** The request of one attempt: the kept bytes, or the event rendered now; signed anew each time. */
export function writeLetter(
  work: Work,
  endpoint: EndpointView,
  now: number,
  secrets: readonly LiveSecret[] = liveSecrets(endpoint, now),
): Letter {
  const renderer = work.renderer ?? endpoint.dialect.renderer;
  const { body, isPlain } = writeBody(work, endpoint, renderer);
  const headers = endpoint.dialect.headers({
    id: publicId("evt", work.eventId),
    type: work.type,
    body,
    timestampS: Math.floor(now / 1000),
    attempt: work.n,
    replayed: work.round > 1,
    secrets,
    options: endpoint.speech.options,
  });
  return {
    headers: { ...endpoint.headers, ...headers },
    body,
    isPlain,
    renderer,
    signedBy: secrets[0]?.id ?? null,
    resentAfter: null,
  };
}

/**
 * The kept bytes. Where none were kept although there was an attempt, the first one was delivered with
 * a plain body, and what the endpoint has chosen since does not change it.
 */
function writeBody(work: Work, { dialect, speech }: EndpointView, renderer: number) {
  if (work.body !== null) return { body: work.body, isPlain: false };
  const event = { native: work.payload, history: work.history };
  const plain = dialect.render(event, plainSpeech(dialect), renderer);
  if (work.renderer !== null || isPlainSpeech(dialect, speech))
    return { body: plain, isPlain: true };
  const body = dialect.render(event, speech, renderer);
  return { body, isPlain: body === plain };
}

/** A fault of ours: nothing was asked of the endpoint. */
const UNWRITTEN = "unwritten";

export function isUnwritten(attempt: { error: string | null } | null): boolean {
  return attempt?.error === UNWRITTEN;
}

/** What an attempt came to whose request could not be written. What was kept of it before stays. */
export function unwritten(
  work: Work,
  { dialect }: EndpointView,
): { letter: Sent; result: PostResult } {
  return {
    letter: {
      body: work.body,
      isPlain: false,
      renderer: work.renderer ?? dialect.renderer,
      signedBy: null,
      resentAfter: null,
    },
    result: {
      kind: "failed",
      error: UNWRITTEN,
      detail: "the request could not be written: a fault in Curlew, which its log tells of",
      ms: 0,
    },
  };
}

/** What the receiver asks of us by its answer, where the endpoint's dialect lets it. */
export function controlIn(endpoint: EndpointView, result: PostResult): Control | null {
  return result.kind === "response" && endpoint.dialect.honoursControl ? controlOf(result) : null;
}

/**
 * What an attempt came to: delivered, tried again at a time, dead when the schedule is spent, or
 * cancelled at the receiver's wish.
 */
export function concludeAttempt(
  work: Work,
  endpoint: EndpointView,
  letter: Sent,
  result: PostResult,
  times: { sentAt: number; endedAt: number },
  spread: number,
): Settlement {
  const delivered = result.kind === "response" && endpoint.dialect.isDelivered(result.status);
  const aborted = !delivered && controlIn(endpoint, result) === "abort";
  const isOnce = work.kept !== null;
  const nextAt =
    delivered || aborted || isOnce
      ? null
      : nextAfterFailure(work, endpoint, result, times.endedAt, spread);
  const state = delivered
    ? "delivered"
    : aborted
      ? "cancelled"
      : nextAt === null
        ? "dead"
        : "pending";
  return {
    process: work.registration.id,
    eventId: work.eventId,
    endpoint: work.endpoint,
    workspaceId: work.workspaceId,
    n: work.n,
    round: work.round,
    roundN: work.roundN,
    conversationId: work.conversationId,
    seq: work.seq,
    state,
    nextAt,
    attempt: {
      sentAt: times.sentAt,
      ms: result.ms,
      connection: result.connection ?? null,
      firstByteMs: result.kind === "response" ? result.firstByteMs : null,
      status: result.kind === "response" ? result.status : null,
      error: result.kind === "response" ? null : result.error,
      detail: result.kind === "response" ? null : result.detail,
      // Receivers like to answer with what they were sent.
      response: result.kind === "response" && !isOnce && !work.isSealed ? result.body : null,
      signedBy: letter.signedBy,
      resentAfter: letter.resentAfter,
    },
    endedAt: times.endedAt,
    reason: aborted
      ? "aborted_by_receiver"
      : state === "dead"
        ? isOnce
          ? "purge_lost"
          : "schedule_spent"
        : null,
    renderer: letter.renderer,
    body: isOnce ? null : delivered && letter.isPlain ? work.body : letter.body,
  };
}

/** By the schedule, or later where the receiver asked for more time; null when it is spent. */
function nextAfterFailure(
  work: Work,
  endpoint: EndpointView,
  result: PostResult,
  endedAt: number,
  spread: number,
): number | null {
  const { schedule, dialect } = endpoint;
  const failures = work.n - work.roundN + 1;
  const nextAt = nextAttemptAt(schedule, failures, endedAt, dialect.jitter ? spread : 0);
  if (nextAt === null || result.kind === "failed" || !dialect.honoursControl) return nextAt;
  return Math.max(nextAt, askAgainAt(result, endedAt) ?? nextAt);
}

/** The end of a delivery that nothing can be sent for any more. */
export function cancelled(work: Work, reason: string, now: number): Settlement {
  return {
    process: work.registration.id,
    eventId: work.eventId,
    endpoint: work.endpoint,
    workspaceId: work.workspaceId,
    n: work.n,
    round: work.round,
    roundN: work.roundN,
    conversationId: work.conversationId,
    seq: work.seq,
    state: "cancelled",
    nextAt: null,
    attempt: null,
    endedAt: now,
    reason,
    renderer: work.renderer ?? 1,
    body: work.body,
  };
}
