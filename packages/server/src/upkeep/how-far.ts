import type { UpkeepDeps } from "./installation.ts";

const EVERY_MS = 10_000;

/** Says every ten seconds how far a command is; of one that is done sooner, nothing. Answers how it is ended. */
export function sayHowFar(
  { clock, print }: Pick<UpkeepDeps, "clock" | "print">,
  words: () => string,
): () => void {
  const done = new AbortController();
  void (async () => {
    for (;;) {
      await clock.sleep(EVERY_MS, done.signal);
      if (done.signal.aborted) return;
      print(words());
    }
  })();
  return () => done.abort();
}
