import type { RetrySchedule } from "../core/endpoints/schedule.ts";
import type { EventName } from "../core/events/event-names.ts";
import type { DialectOptions, OptionRule } from "./options.ts";

export interface SigningSecret {
  /** The uuid of the secret, for the attempt's record. */
  id: string;
  value: string;
}

/** One attempt, as a dialect needs to know it. */
export interface Letter {
  /** The event's public id: the same over retries and replays. */
  id: string;
  /** Canonical event type. */
  type: string;
  body: string;
  /** Seconds since the epoch, of this attempt. */
  timestampS: number;
  /** 1 for the first request of a delivery. */
  attempt: number;
  replayed: boolean;
  /** The one that signs first; none where the dialect can do without. */
  secrets: readonly SigningSecret[];
  /** The endpoint's, complete. */
  options: DialectOptions;
}

/** An event as it was frozen when it was accepted. */
export interface FrozenEvent {
  /** The native body. */
  native: string;
  /** JSON of the conversation's messages before it, where an endpoint had asked for them. */
  history: string | null;
}

/** What an endpoint has chosen that shapes its bodies. */
export interface Speech {
  /** Complete: `completeOptions` has put in what the endpoint leaves open. */
  options: DialectOptions;
  /** The endpoint's `custom_fields`. */
  customFields: readonly string[];
}

export interface SecretPolicy {
  /** Whether an endpoint that brings no secret gets one made. Where not, it has none until it is given one. */
  isMade: boolean;
  /** Whether it may be shown again after the endpoint was created. */
  isShownLater: boolean;
  make(random: Uint8Array): string;
  /** Why a secret that a client brings cannot be used, in words, or null. */
  problem(secret: string): string | null;
}

/** How an endpoint proves that it wants what it will get: it sends a token back. */
export interface Handshake {
  deadlineMs: number;
  /** It is posted with the usual headers, signed. `at` is ms since the epoch. */
  body(token: string, at: number): string;
  isEchoed(
    answer: { status: number; contentType: string | null; body: string },
    token: string,
    options: DialectOptions,
  ): boolean;
}

/** How an endpoint is spoken to: data and pure functions. */
export interface Dialect {
  readonly name: string;
  /** Which renderer new deliveries use. A released renderer is never edited, it gets a successor. */
  readonly renderer: number;
  /**
   * Its own names for events, the first that fits counts. What has none is not for its endpoints,
   * unless they ask for more (`extended_events`). Null: it speaks of canonical types.
   */
  readonly events: readonly EventName[] | null;
  /** What an endpoint can choose in `dialect_options`. */
  readonly options: readonly OptionRule[];
  /** Waits after each failure, in seconds. */
  readonly schedule: RetrySchedule;
  /** Whether waits are lengthened by up to a tenth. */
  readonly jitter: boolean;
  /** The total deadline of a request, its answer's body included. */
  readonly timeoutMs: number;
  /** From here on an attempt is shown as slow; it still counts as what it came to. */
  readonly slowMs: number;
  /**
   * Whether an answer may steer us: 410 and `webhook-delivery: disable` disable the endpoint,
   * `webhook-delivery: abort-message` ends the delivery, `Retry-After` puts off the next attempt.
   * Where not, every failure is retried as published.
   */
  readonly honoursControl: boolean;
  readonly initialState: "pending" | "enabled" | "disabled";
  /** Whether one request can be signed with several secrets at once. */
  readonly multipleSignatures: boolean;
  readonly secret: SecretPolicy;
  readonly handshake: Handshake | null;
  /** The body as it leaves: a pure function of what was frozen and what the endpoint chose. */
  render(event: FrozenEvent, speech: Speech, renderer: number): string;
  headers(letter: Letter): Record<string, string>;
  isDelivered(status: number): boolean;
}
