import type { Queryable } from "../../core/events/recording.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { isTrialOver } from "../../core/workspaces/plans.ts";
import type { Tx } from "../../storage/connections/connections.ts";
import { holdForTrial } from "../../storage/endpoints/endpoints.ts";
import type { ChangeConfig } from "../../storage/workspaces/config-changes.ts";
import { findEndedTrials, findGrant, setTrialOver } from "../../storage/workspaces/plans.ts";

export interface TrialsDeps {
  db: Queryable;
  clock: Pick<Clock, "now">;
  changeConfig: ChangeConfig;
}

/** Pauses the endpoints of workspaces whose trial has ended; answers how many workspaces. */
export async function endTrials({ db, clock, changeConfig }: TrialsDeps): Promise<number> {
  const ended = await findEndedTrials(db, clock.now());
  for (const id of ended) {
    await changeConfig(id, (tx, version) => followTrial(tx, id, { version, now: clock.now() }));
  }
  return ended.length;
}

/** Makes a workspace's endpoints stand as its trial does. Part of a change of configuration. */
export async function followTrial(
  tx: Tx,
  workspaceId: string,
  { version, now }: { version: number; now: number },
): Promise<void> {
  const grant = await findGrant(tx, workspaceId);
  if (grant === null) return;
  const isOver = isTrialOver(grant, now);
  if (await setTrialOver(tx, workspaceId, isOver)) {
    await holdForTrial(tx, workspaceId, { isOver, version, now });
  }
}
