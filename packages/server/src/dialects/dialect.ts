import type { RetrySchedule } from "../core/schedule.ts";

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
  /** The one that signs first. */
  secrets: readonly SigningSecret[];
}

/** How an endpoint is spoken to: data and pure functions. */
export interface Dialect {
  name: string;
  /** Which renderer new deliveries use. A released renderer is never edited, it gets a successor. */
  renderer: number;
  /** Waits after each failure, in seconds. */
  schedule: RetrySchedule;
  /** Whether waits are lengthened by up to a tenth. */
  jitter: boolean;
  /** The total deadline of a request, its answer's body included. */
  timeoutMs: number;
  /** From here on an attempt is shown as slow; it still counts as what it came to. */
  slowMs: number;
  /**
   * Whether an answer may steer us: 410 and `webhook-delivery: disable` disable the endpoint,
   * `webhook-delivery: abort-message` ends the delivery, `Retry-After` puts off the next attempt.
   */
  honoursControl: boolean;
  initialState: "pending" | "enabled" | "disabled";
  /** Whether one request can be signed with several secrets at once; absent: with one. */
  multipleSignatures?: boolean;
  /** The body as it leaves, from the event's frozen native body. */
  render(nativeBody: string, renderer: number): string;
  headers(letter: Letter): Record<string, string>;
  isDelivered(status: number): boolean;
  makeSecret(random: Uint8Array): string;
  /** Why a secret that a client brings cannot be used, in words, or null. */
  secretProblem(secret: string): string | null;
}
