const LONGEST_WAIT_MS = 24 * 60 * 60_000;
const SECONDS = /^\d{1,9}$/;
/** As HTTP writes it: `Wed, 21 Oct 2026 07:28:00 GMT`. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** What of an answer may steer deliveries. */
export interface Answer {
  status: number;
  headers: { retryAfter?: string; deliveryControl?: string };
}

/** What a receiver asks for: no more of this delivery, or nothing more at all. */
export type Control = "abort" | "disable" | "gone";

/** What an answer asks for: by its status, or in the words of Standard Webhooks' own header. */
export function controlOf({ status, headers }: Answer): Control | null {
  if (status === 410) return "gone";
  switch (headers.deliveryControl?.trim().toLowerCase()) {
    case "disable":
      return "disable";
    case "abort-message":
      return status >= 200 && status < 300 ? null : "abort";
    default:
      return null;
  }
}

/**
 * When a receiver that is too busy (429, 503) wants to be asked again, in ms since the epoch and at
 * most a day after `now`; null when it does not say, or not in a way that HTTP knows.
 */
export function askAgainAt({ status, headers }: Answer, now: number): number | null {
  const text = headers.retryAfter?.trim();
  if (text === undefined || (status !== 429 && status !== 503)) return null;
  const at = SECONDS.test(text)
    ? now + Number(text) * 1000
    : HTTP_DATE.test(text)
      ? Date.parse(text)
      : Number.NaN;
  return Number.isNaN(at) ? null : Math.min(at, now + LONGEST_WAIT_MS);
}
