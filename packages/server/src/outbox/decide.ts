import type { Pace, SendError, SendOutcome } from "../core/sending/send-outcome.ts";

/** Waits after a failure that may pass by itself, in seconds; together some 25 minutes. */
const BACKOFF_S = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300];
/** 4^X seconds, as Meta asks where one number has written to one customer too fast. */
const PAIR_S = [1, 4, 16, 64, 256, 1024];
const ONCE_S = [1];
/** How long the provider's own word is waited for before a message in doubt is `unconfirmed`. */
export const DOUBT_MS = 15 * 60_000;
/** A provider's window may open a moment after its webhook told us of the message that opens it. */
const WINDOW_RETRY_MS = 30_000;

/** What of earlier attempts counts for the next one. */
export interface History {
  /** Failures in a row that may pass by themselves. */
  failures: number;
  /** The provider has said once that its window is closed although it is open by our record. */
  windowRetried: boolean;
}

export type Decision =
  | { kind: "sent"; providerId: string | null }
  | { kind: "failed"; error: SendError }
  /** Back into the queue until `at`. `error` is null where the provider has said nothing. */
  | { kind: "again"; at: number; history: History; error: SendError | null }
  | { kind: "doubt"; until: number; reason: string };

export interface Circumstances {
  now: number;
  history: History;
  /** By our record the customer may be written to freely. */
  isWindowOpen: boolean;
  /** In [0, 1): lengthens a wait by at most a fifth, so that what failed together comes back apart. */
  spread: number;
}

/** What becomes of a message after an attempt. */
export function decide(outcome: SendOutcome, at: Circumstances): Decision {
  switch (outcome.kind) {
    case "accepted":
      return { kind: "sent", providerId: outcome.providerId };
    case "refused":
      return afterRefusal(outcome.error, at);
    case "retryable":
      return later(schedules[outcome.pace], outcome.error, at);
    case "pause_channel":
      // The channel holds it back, not its own clock: it leaves when the channel moves again.
      return { kind: "again", at: at.now, history: at.history, error: outcome.error };
    case "not_sent":
      return later(BACKOFF_S, unreachable(outcome.reason), at);
    case "in_doubt":
      return { kind: "doubt", until: at.now + DOUBT_MS, reason: outcome.reason };
  }
}

const schedules: Record<Pace, readonly number[]> = {
  backoff: BACKOFF_S,
  pair: PAIR_S,
  once: ONCE_S,
};

function later(schedule: readonly number[], error: SendError, at: Circumstances): Decision {
  const { failures } = at.history;
  const waitS = schedule[failures];
  if (waitS === undefined) return { kind: "failed", error };
  const wait = Math.round(waitS * 1000 * (1 + at.spread / 5));
  const history = { ...at.history, failures: failures + 1 };
  return { kind: "again", at: at.now + wait, history, error };
}

/** Meta sometimes refuses as out of the window what its own webhook has just let in: one more try. */
function afterRefusal(error: SendError, at: Circumstances): Decision {
  if (error.code !== "window_closed" || !at.isWindowOpen || at.history.windowRetried) {
    return { kind: "failed", error };
  }
  const history = { ...at.history, windowRetried: true };
  return { kind: "again", at: at.now + WINDOW_RETRY_MS, history, error };
}

function unreachable(reason: string): SendError {
  return {
    code: "provider_unreachable",
    provider_code: null,
    message: "The provider could not be reached.",
    details: reason,
    retryable: true,
    advice: "Look at the network and at the provider's status page, then send it again.",
  };
}
