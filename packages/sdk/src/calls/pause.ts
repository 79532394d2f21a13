/** Waits, or until the signal is aborted. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>;

export const pause: Pause = (ms, signal) => {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", over);
      resolve();
    };
    // oxlint-disable-next-line no-restricted-globals -- it runs in browsers and has no clock of ours
    const timer = setTimeout(over, ms);
    signal?.addEventListener("abort", over);
  });
};
