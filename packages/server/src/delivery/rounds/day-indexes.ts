import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { Connections } from "../../storage/connections/connections.ts";
import { type MadeIndexes, makeDayIndexes } from "../../storage/retention/day-indexes.ts";

export interface IndexingDeps {
  /** For statements that take as long as they take. */
  slow: ReturnType<Connections["lane"]>;
  clock: Pick<Clock, "monotonic">;
  logger: Logger;
  /** Ends it at once; the next round goes on. */
  signal?: AbortSignal;
}

/** The round of the indexes: after an upgrade, days that were there before get those that are new. */
export async function indexDaysOnce({
  slow,
  clock,
  logger,
  signal,
}: IndexingDeps): Promise<MadeIndexes> {
  const begunAt = clock.monotonic();
  const onMake = (missing: object, left: number) =>
    logger.info({ ...missing, left }, "a new index is made for a day that was there before");
  const { made, postponed } = await makeDayIndexes(slow, { onMake, ...(signal && { signal }) });
  const first = postponed[0];
  if (first) {
    const { error, index, day } = first;
    logger.warn(
      { err: error, index, day, days: postponed.length },
      "a new index has to wait for the next round",
    );
  }
  if (made.length > 0) {
    const seconds = Math.round((clock.monotonic() - begunAt) / 1000);
    logger.info({ made: made.length, seconds }, "new indexes are made for days that were there");
  }
  return { made, postponed };
}
