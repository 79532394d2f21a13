/** Time as the rest of Curlew sees it. Only `runtime` makes a real one; tests hand in a clock that they move. */
export interface Clock {
  /** Milliseconds since the epoch: the database's time once it has been sampled. Never goes back. */
  now(): number;
  /** Milliseconds on a clock that nobody sets: for lengths, not for dates. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
