/** Longer ones overflow what a timer holds, and would end at once. */
const LONGEST_MS = 2 ** 31 - 1;

export interface Deadline {
  /** Aborts when the time is over, or with the signal that was given. */
  readonly signal: AbortSignal;
  isOver(): boolean;
  /** The time begins anew. */
  putOff(): void;
  /** The time stands still until it begins anew. */
  hold(): void;
  /** To be called in the end. */
  clear(): void;
}

/** A time for something that a signal may end before; 0 stands for all the time there is. */
export function createDeadline(ms: number, signal?: AbortSignal): Deadline {
  const controller = new AbortController();
  let isOver = false;
  let timer: Parameters<typeof clearTimeout>[0];
  const stop = () => controller.abort(signal?.reason);
  const hold = () => clearTimeout(timer);
  const clear = () => {
    hold();
    signal?.removeEventListener("abort", stop);
  };
  const putOff = () => {
    hold();
    if (ms === 0 || controller.signal.aborted) return;
    // oxlint-disable-next-line no-restricted-globals -- it runs in browsers and has no clock of ours
    timer = setTimeout(
      () => {
        isOver = true;
        controller.abort();
      },
      Math.min(ms, LONGEST_MS),
    );
  };
  if (signal?.aborted) stop();
  else signal?.addEventListener("abort", stop);
  putOff();
  return { signal: controller.signal, isOver: () => isOver, putOff, hold, clear };
}
