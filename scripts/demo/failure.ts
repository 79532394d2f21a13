/** Something that the demo was to show did not happen: told in words, without a stack. */
export class DemoFailure extends Error {}

/**
 * What `work` comes to; a DemoFailure that names `what` when it takes longer than the limit, or when
 * nobody waits for it any more.
 */
export async function within<T>(
  what: string,
  limitMs: number,
  work: Promise<T>,
  enough?: AbortSignal,
): Promise<T> {
  let giveUp = (_: string): void => {};
  const late = new Promise<never>((_, reject) => {
    giveUp = (words) => reject(new DemoFailure(words));
  });
  const timer = setTimeout(() => giveUp(`${what}: waited ${limitMs / 1000} s in vain.`), limitMs);
  const onEnough = () => giveUp(`${what}: not waited for.`);
  enough?.addEventListener("abort", onEnough);
  if (enough?.aborted) onEnough();
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    enough?.removeEventListener("abort", onEnough);
  }
}
