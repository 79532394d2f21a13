const open = new Set<() => Promise<void>>();

/** Remembers how something that was started is ended, until it is, for a run that is cut short. */
export function mustEnd(end: () => Promise<void>): () => Promise<void> {
  const endOnce = (): Promise<void> => (open.delete(endOnce) ? end() : Promise.resolve());
  open.add(endOnce);
  return endOnce;
}

/** Ends what is still there, what was started last first. */
export async function endAll(): Promise<void> {
  for (const end of [...open].reverse()) {
    await end().catch((error: unknown) => console.error(error));
  }
}
