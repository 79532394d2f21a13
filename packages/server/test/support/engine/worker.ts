import type { Engine, EngineDeps } from "../../../src/delivery/engine.ts";
import { BehindKeeper } from "../../../src/delivery/jobs/behind.ts";
import { CATCH_UP_KIND, catchUpJob } from "../../../src/delivery/jobs/catch-up-job.ts";
import { JobRunner } from "../../../src/delivery/jobs/jobs.ts";
import { doubting } from "../../../src/delivery/loops/doubting.ts";
import { createConfigChanges } from "../../../src/storage/workspaces/config-changes.ts";
import { type SilentLogger, silentLogger } from "../silent-logger.ts";
import type { Town } from "./town.ts";

const RETENTION_MS = 90 * 86_400_000;
/** Small, so that few events go through many pages. */
export const PAGE = 10;
export const MOST_GIVEN = 20;
export const CROWD = 40;

/** A process with what sees to endpoints that stand still, turned by hand. */
export interface Worker {
  engine: Engine;
  keeper: BehindKeeper;
  jobs: JobRunner;
  cancelled: number[];
  /** What the jobs log. */
  jobsLog: SilentLogger;
  /** A heartbeat, and everything that is due at this instant. */
  turn(): Promise<void>;
}

export async function openWorker(town: Town, overrides: Partial<EngineDeps> = {}): Promise<Worker> {
  const { clock } = town;
  const connections = overrides.connections ?? town.database.connections;
  const engine = await town.engine(overrides);
  const logger = silentLogger();
  const cancelled: number[] = [];
  const jobsLog = silentLogger();
  const changeConfig = createConfigChanges({
    ...{ connections, logger },
    onChanged: async (workspaceId) => void (await engine.directory.load(workspaceId)),
  });
  const jobs = new JobRunner({
    ...{ connections: doubting(connections, () => engine.doubt()), clock },
    logger: jobsLog,
    process: () => engine.membership.current.id,
    kinds: {
      [CATCH_UP_KIND]: catchUpJob({
        retentionMs: RETENTION_MS,
        wake: (endpoints, dueAt) => engine.wake(endpoints, dueAt),
        onConfigChanged() {},
        onCancelled: (count) => cancelled.push(count),
        page: PAGE,
        mostWaiting: MOST_GIVEN,
      }),
    },
  });
  const keeper = new BehindKeeper({
    ...{ connections, changeConfig, clock, logger, newId: () => town.ids.next() },
    onJob() {},
    mostWaiting: CROWD,
  });
  return {
    ...{ engine, keeper, jobs, cancelled, jobsLog },
    async turn() {
      await engine.directory.refresh();
      await engine.beatOnce();
      engine.sender.sweep();
      await keeper.runOnce();
      await jobs.runOnce();
      await engine.retries.scan();
      do await engine.quiet();
      while ((await engine.retries.runOnce()) > 0);
    },
  };
}
