import { CurlewError } from "../../core/errors.ts";
import { firstIdAt, timeOfId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Connections } from "../../storage/connections/connections.ts";
import type { DeliveryKey } from "../../storage/deliveries/delivery-reads.ts";
import {
  type Criteria,
  countReplayable,
  type FinalState,
  listReplayEndpoints,
} from "../../storage/deliveries/replay-selection.ts";
import {
  findReplayTarget,
  type Replayed,
  replayDeliveries,
} from "../../storage/deliveries/replays.ts";
import { countOpenJobs, insertJob } from "../../storage/instance/jobs.ts";
import { readToward } from "../../storage/queue/missing.ts";
import type { Owner } from "../../storage/workspaces/accounts.ts";
import { inTurn } from "../loops/in-turn.ts";
import { DAY_MS, firstKeptId } from "../retention.ts";
import {
  countMissing,
  type FindSubscription,
  MISSING_KIND,
  type MissingParams,
} from "./missing.ts";
import { REPLAY_KIND, type ReplayParams } from "./replay-job.ts";

/** How long a count may take; what it has come to by then is answered as not exact. */
const LONGEST_COUNT_MS = 10_000;
/** Jobs of a workspace that have not ended. */
const MOST_OPEN = 100;
/** Deliveries are counted a span of time after another, long ones where that goes quickly. */
const SHORTEST_SPAN_MS = DAY_MS / 24;
const QUICK_MS = 200;

export interface ReplayDeps {
  connections: Pick<Connections, "pool" | "transaction">;
  clock: Pick<Clock, "now" | "monotonic">;
  findSubscription: FindSubscription;
  newId(): string;
  retentionMs: number;
  /** How long bodies are kept; without them nothing is replayed. */
  payloadMs: number;
  /** Something of these endpoints is due since `dueAt`. */
  wake(endpoints: readonly number[], dueAt: number): void;
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

export interface Started {
  /** How many are meant; a lower bound where it is not exact. */
  count: number;
  isExact: boolean;
  /** Left out, since their bodies have been expunged: a lower bound alike. */
  expunged: number;
  jobId: string | null;
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
  ): Promise<Exclude<Replayed, "in_memory" | "held" | "expunged"> | null> {
    const { connections, clock, retentionMs, payloadMs, wake } = this.#deps;
    const target = await findReplayTarget(connections.pool, owner, key);
    if (target === null) return null;
    const now = clock.now();
    if (target.isDeleted) throw notReplayable("Its endpoint was deleted.");
    if (key.eventId < firstKeptId(now, retentionMs)) {
      throw notReplayable("Its day is closed: it is older than what is kept.");
    }
    if (key.eventId < firstKeptId(now, payloadMs)) throw notReplayable(BODY_IS_GONE);
    const outcome = await inTurn(() =>
      connections.transaction(async (tx) => (await replayDeliveries(tx, [key], now))[0]),
    );
    if (outcome === undefined) throw new Error("a replay gave no outcome");
    if (outcome === "expunged") throw notReplayable(BODY_IS_GONE);
    if (outcome === "in_memory") {
      throw notReplayable("Its first attempt is still to come, or is being made.");
    }
    if (outcome === "held") {
      throw notReplayable("It waits for an earlier event of its conversation.");
    }
    if (outcome !== "under_way") wake([key.endpoint], now);
    return outcome;
  }

  /** Counts the deliveries that are meant and, unless it is a dry run, has a job replay them. */
  async many(owner: Owner, request: ReplayRequest): Promise<Started> {
    const { connections, clock } = this.#deps;
    if (!request.dryRun) await this.#requireRoom(owner);
    const criteria = this.#criteria(owner, request, clock.now());
    const live = await listReplayEndpoints(connections.pool, owner);
    const endpoints = live.filter((each) => (request.endpoint ?? each) === each);
    const { counts, expunged, isExact } = await this.#count(criteria, endpoints);
    const count = [...counts.values()].reduce((sum, each) => sum + each, 0);
    const counted = { count, isExact, expunged };
    if (request.dryRun || (count === 0 && isExact)) return { ...counted, jobId: null };
    const params: ReplayParams = {
      criteria,
      endpoints: isExact ? [...counts.keys()].sort((a, b) => a - b) : endpoints,
      accountId: owner.accountId,
    };
    return { ...counted, jobId: await this.#start(owner, REPLAY_KIND, params, counted) };
  }

  /**
   * Counts what an endpoint's filters want now and what never reached it and, unless it is a dry run,
   * has a job give it that.
   */
  async missing(
    owner: Owner,
    request: Omit<ReplayRequest, "states" | "only"> & { endpoint: number },
  ): Promise<Started> {
    const { connections, findSubscription } = this.#deps;
    const { endpoint } = request;
    const subscription = await findSubscription(endpoint);
    if (!subscription) return { count: 0, isExact: true, expunged: 0, jobId: null };
    if (!request.dryRun) await this.#requireRoom(owner);
    const { from, to, types, closedBelow } = this.#criteria(
      owner,
      { ...request, states: [] },
      this.#deps.clock.now(),
    );
    const counted = await countMissing(
      { workspaceId: owner.workspaceId, endpoint, from, to, types, closedBelow },
      {
        subscription,
        read: (query) => readToward(connections.pool, query),
        isLate: this.#patience(),
      },
    );
    if (request.dryRun || (counted.count === 0 && counted.isExact))
      return { ...counted, jobId: null };
    const params: MissingParams = { endpoint, from, to, types, accountId: owner.accountId };
    return { ...counted, jobId: await this.#start(owner, MISSING_KIND, params, counted) };
  }

  /** Each takes its turn with the others of its workspace: with more none would come to its end. */
  async #requireRoom({ workspaceId }: Owner): Promise<void> {
    const kinds = [REPLAY_KIND, MISSING_KIND];
    const open = await countOpenJobs(this.#deps.connections.pool, workspaceId, kinds);
    if (open < MOST_OPEN) return;
    throw new CurlewError(
      "too_many_requests",
      `${MOST_OPEN} replays of this workspace are under way, which is the most: wait for one to end, or stop it with POST /v1/jobs/{id}/stop.`,
      { retryAfterS: 10 },
    );
  }

  async #start(
    { workspaceId }: Owner,
    kind: string,
    params: object,
    { count, isExact }: Pick<Started, "count" | "isExact">,
  ): Promise<string> {
    const { connections, clock, newId, onJob } = this.#deps;
    const id = newId();
    await insertJob(connections.pool, {
      ...{ id, workspaceId, kind, params: JSON.stringify(params) },
      total: isExact ? count : null,
      now: clock.now(),
    });
    onJob();
    return id;
  }

  async #count(
    criteria: Criteria,
    endpoints: readonly number[],
  ): Promise<{ counts: Map<number, number>; expunged: number; isExact: boolean }> {
    const { connections, clock } = this.#deps;
    const isLate = this.#patience();
    const counts = new Map<number, number>();
    let expunged = 0;
    let spanMs = DAY_MS;
    for (let from = criteria.from; from < criteria.to; ) {
      const next = firstIdAt(timeOfId(from) + spanMs);
      const to = next < criteria.to ? next : criteria.to;
      const slice = { ...criteria, from, to };
      const startedAt = clock.monotonic();
      for (const row of await countReplayable(connections.pool, slice, endpoints)) {
        expunged += row.expunged;
        if (row.count > 0) counts.set(row.endpoint, (counts.get(row.endpoint) ?? 0) + row.count);
      }
      if (to < criteria.to && isLate()) return { counts, expunged, isExact: false };
      const wasQuick = clock.monotonic() - startedAt < QUICK_MS;
      spanMs = wasQuick ? spanMs * 2 : Math.max(spanMs / 4, SHORTEST_SPAN_MS);
      from = to;
    }
    return { counts, expunged, isExact: true };
  }

  #patience(): () => boolean {
    const { clock } = this.#deps;
    const end = clock.monotonic() + LONGEST_COUNT_MS;
    return () => clock.monotonic() > end;
  }

  #criteria(
    { workspaceId }: Owner,
    request: ReplayRequest,
    now: number,
  ): Criteria & { closedBelow: string } {
    const { retentionMs, payloadMs } = this.#deps;
    const kept = firstKeptId(now, retentionMs);
    const since = firstIdAt(request.since ?? 0);
    return {
      workspaceId,
      states: request.states,
      from: since > kept ? since : kept,
      to: firstIdAt(Math.min(request.until ?? now + 1, now + 1)),
      types: request.types ?? [],
      only: request.only ?? null,
      endedBy: now,
      closedBelow: firstKeptId(now, payloadMs),
    };
  }
}

const BODY_IS_GONE = "Its body has been expunged.";

function notReplayable(why: string): CurlewError {
  return new CurlewError("not_replayable", why);
}
