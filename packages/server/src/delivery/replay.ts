import type { Clock } from "../core/clock.ts";
import { CurlewError } from "../core/errors.ts";
import { firstIdAt } from "../core/ids.ts";
import type { Owner } from "../storage/accounts.ts";
import type { Connections } from "../storage/connections.ts";
import type { DeliveryKey } from "../storage/delivery-reads.ts";
import { insertJob } from "../storage/jobs.ts";
import {
  type Criteria,
  countReplayable,
  type FinalState,
  listReplayEndpoints,
} from "../storage/replay-selection.ts";
import { findReplayTarget, type Replayed, replayDeliveries } from "../storage/replays.ts";
import { REPLAY_KIND, type ReplayParams } from "./replay-job.ts";
import { firstKeptId } from "./retention.ts";
import { sqlState } from "./sql-error.ts";

const MOST_TRIES = 5;

export interface ReplayDeps {
  connections: Pick<Connections, "pool" | "transaction">;
  clock: Pick<Clock, "now">;
  newId(): string;
  retentionMs: number;
  /** Something of these endpoints is due now. */
  wake(endpoints: readonly number[]): void;
  /** A job was made. */
  onJob(): void;
}

/** Which of many deliveries are to be replayed; what is left out sets no limit. */
export interface ReplayRequest {
  /** The endpoint's serial; every endpoint that the owner may see when absent. */
  endpoint?: number;
  states: readonly FinalState[];
  types?: readonly string[];
  /** Of events accepted from then on, and before then: ms since the epoch. */
  since?: number;
  until?: number;
  only?: readonly DeliveryKey[];
  dryRun: boolean;
}

/** Starts replays: of one delivery at once, of many by a job. */
export class Replays {
  readonly #deps: ReplayDeps;

  constructor(deps: ReplayDeps) {
    this.#deps = deps;
  }

  /**
   * Replays one delivery that the owner may see; null when there is none. Throws `not_replayable`,
   * saying why, for one that cannot be.
   */
  async one(
    owner: Owner,
    key: DeliveryKey,
  ): Promise<Exclude<Replayed, "in_memory" | "held"> | null> {
    const { connections, clock, retentionMs, wake } = this.#deps;
    const target = await findReplayTarget(connections.pool, owner, key);
    if (target === null) return null;
    if (target.isDeleted) throw notReplayable("Its endpoint was deleted.");
    if (key.eventId < firstKeptId(clock.now(), retentionMs)) {
      throw notReplayable("Its day is closed: it is older than what is kept.");
    }
    const outcome = await this.#inTurn(() =>
      connections.transaction(async (tx) => (await replayDeliveries(tx, [key], clock.now()))[0]),
    );
    if (outcome === undefined) throw new Error("a replay gave no outcome");
    if (outcome === "in_memory") {
      throw notReplayable("Its first attempt is still to come, or is being made.");
    }
    if (outcome === "held") {
      throw notReplayable("It waits for an earlier event of its conversation.");
    }
    if (outcome !== "under_way") wake([key.endpoint]);
    return outcome;
  }

  /** Counts the deliveries that are meant and, unless it is a dry run, has a job replay them. */
  async many(
    owner: Owner,
    request: ReplayRequest,
  ): Promise<{ count: number; jobId: string | null }> {
    const { connections, clock, newId, onJob } = this.#deps;
    const now = clock.now();
    const criteria = this.#criteria(owner, request, now);
    const live = await listReplayEndpoints(connections.pool, owner);
    const endpoints = live.filter((each) => (request.endpoint ?? each) === each);
    const counts = await countReplayable(connections.pool, criteria, endpoints);
    const count = counts.reduce((sum, each) => sum + each.count, 0);
    if (request.dryRun || count === 0) return { count, jobId: null };
    const params: ReplayParams = {
      criteria,
      endpoints: counts.map((each) => each.endpoint),
      accountId: owner.accountId,
    };
    const id = newId();
    await insertJob(connections.pool, {
      id,
      workspaceId: owner.workspaceId,
      kind: REPLAY_KIND,
      params: JSON.stringify(params),
      total: count,
      now,
    });
    onJob();
    return { count, jobId: id };
  }

  #criteria({ workspaceId }: Owner, request: ReplayRequest, now: number): Criteria {
    const kept = firstKeptId(now, this.#deps.retentionMs);
    const since = firstIdAt(request.since ?? 0);
    return {
      workspaceId,
      states: request.states,
      from: since > kept ? since : kept,
      to: firstIdAt(Math.min(request.until ?? now + 1, now + 1)),
      types: request.types ?? [],
      only: request.only ?? null,
      endedBy: now,
    };
  }

  /** Leases are freed in no order, so a deadlock is possible; who loses it goes again. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (sqlState(error) !== "40P01" || tries === MOST_TRIES) throw error;
      }
    }
  }
}

function notReplayable(why: string): CurlewError {
  return new CurlewError("not_replayable", why);
}
