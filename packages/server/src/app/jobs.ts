import type { Engine } from "../delivery/engine.ts";
import { CATCH_UP_KIND, catchUpJob } from "../delivery/jobs/catch-up-job.ts";
import { DELETION_KIND, deletionJob } from "../delivery/jobs/deletion-job.ts";
import { JobRunner } from "../delivery/jobs/jobs.ts";
import { type FindSubscription, MISSING_KIND, missingJob } from "../delivery/jobs/missing.ts";
import { REPLAY_KIND, replayJob } from "../delivery/jobs/replay-job.ts";
import { doubting } from "../delivery/loops/doubting.ts";
import type { Ground } from "./ground.ts";

/** Everything that takes longer than a request may: by whom it is asked for does not matter here. */
export function openJobs(
  ground: Ground,
  o: {
    engine: Engine;
    findSubscription: FindSubscription;
    /** Tells everybody of a change to a workspace that has been committed. */
    tellConfig(workspaceId: string): Promise<void>;
  },
): JobRunner {
  const { clock, logger, metrics, retentionMs, payloadMs } = ground;
  const { engine, findSubscription } = o;
  const wake = (endpoints: readonly number[], dueAt: number) => engine.wake(endpoints, dueAt);
  return new JobRunner({
    connections: doubting(ground.connections, () => engine.doubt()),
    clock,
    logger: logger.child({ room: "jobs" }),
    process: () => (engine.isReady ? engine.membership.current.id : null),
    kinds: {
      [DELETION_KIND]: deletionJob,
      [REPLAY_KIND]: replayJob({ retentionMs, payloadMs, wake }),
      [MISSING_KIND]: missingJob({ retentionMs, payloadMs, wake, findSubscription }),
      [CATCH_UP_KIND]: catchUpJob({
        ...{ retentionMs, wake },
        onConfigChanged: (workspaceId) => {
          o.tellConfig(workspaceId).catch((error: unknown) => {
            logger.warn({ err: error }, "a change is applied with the next heartbeat");
          });
        },
        onCancelled: (deliveries) => metrics.settled("cancelled", deliveries),
      }),
    },
  });
}
