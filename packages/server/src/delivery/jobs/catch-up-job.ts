import type { Tx } from "../../storage/connections/transaction.ts";
import type { Job } from "../../storage/instance/jobs.ts";
import {
  type Behind,
  cancelOwed,
  countMovable,
  endBehind,
  handOver,
  isPassedEverywhere,
  lockBehind,
  moveAgain,
  promoteLanesOf,
  readInstanceVersion,
  readLastEventId,
  readLowestSettledFloor,
} from "../../storage/queue/behind.ts";
import { bumpConfig } from "../../storage/workspaces/config-changes.ts";
import type { PageSize } from "../loops/page-size.ts";
import { firstKeptId } from "../retention.ts";
import type { JobKind, PageResult } from "./jobs.ts";

export const CATCH_UP_KIND = "catch_up";

/** Events of a workspace that are read a page. */
const PAGE = 1_000;
/** An endpoint that has more than this waiting gets no more until it has caught up. */
const MOST_WAITING = 10_000;
const LANES_A_PAGE = 500;

/** Which endpoint, by its serial, as the job keeps it. */
export interface CatchUpParams {
  endpoint: number;
  /** Asked for by nobody. */
  accountId: null;
}

/**
 * How far it has come:
 * - `walk`: the log is handed over. `passed` is the version that every process must have passed before
 *   `last` can be told: the last event that may have been accepted under a version in which the
 *   endpoint was behind. Both are of the time when `until` was the version from which on it is not: it
 *   may have fallen behind anew since, and another job have seen to that.
 * - `move`: the end of the log is near; from a new version on, events are carried again.
 * - `end`: all that was owed has been handed over; from a new version on, nothing reminds of it.
 * - `promote`: lanes that wait for their head get it; `passed` as above, for that version.
 */
type Cursor =
  | { step: "walk"; until?: number | null; passed?: number; last?: string }
  | { step: "move" }
  | { step: "end"; until: number | null; last: string }
  | { step: "promote"; passed: number };

export interface CatchUpJobDeps {
  retentionMs: number;
  wake(endpoints: readonly number[], dueAt: number): void;
  /** A version of the workspace's configuration was committed: applies it here and tells the others. */
  onConfigChanged(workspaceId: string): void;
  onCancelled(deliveries: number): void;
  page?: number;
  mostWaiting?: number;
}

/**
 * Gives an endpoint that moves again what it was owed meanwhile, from the log, never more at a time
 * than it can get rid of. It goes on collecting in the log until that is nearly done: what came first
 * is delivered first, and `retry` stays small however much there is.
 */
export function catchUpJob(deps: CatchUpJobDeps): JobKind {
  return async (tx, job, now, size): Promise<PageResult> => {
    const { endpoint: serial } = readParams(job);
    const cursor = readCursor(job);
    switch (cursor.step) {
      case "move":
        return move(tx, job, serial, deps);
      case "end":
        return end(tx, job, serial, cursor, deps);
      case "promote":
        return promote(tx, serial, cursor.passed, now, size, deps);
      case "walk":
        return walk(tx, serial, cursor, now, size, deps);
    }
  };
}

async function walk(
  tx: Tx,
  serial: number,
  cursor: Cursor & { step: "walk" },
  now: number,
  size: Pick<PageSize, "of">,
  deps: CatchUpJobDeps,
): Promise<PageResult> {
  const { mostWaiting = MOST_WAITING, retentionMs, wake, onCancelled } = deps;
  const behind = await lockBehind(tx, serial);
  if (behind === null || !behind.moves) return moved(cursor, { finished: true });
  if ((await countMovable(tx, behind, mostWaiting + 1)) > mostWaiting) return { kind: "held" };
  const page = size.of(deps.page ?? PAGE);
  const kept = firstKeptId(now, retentionMs);
  if (behind.from < kept) {
    const { cancelled } = await cancelOwed(tx, serial, { firstKept: kept, limit: page });
    return moved(cursor, { after: () => onCancelled(cancelled) });
  }
  const floor = await readLowestSettledFloor(tx);
  if (floor === null) return { kind: "held" };
  const handed = await handOver(tx, behind, { to: floor, limit: page, now });
  const next = handed.read < page ? await afterLastPage(tx, behind, cursor, handed.from) : cursor;
  // The mark has moved either way; a job that waits for floors and versions need not hurry.
  if (next === cursor && handed.read < page && handed.given === 0 && handed.promoted.length === 0) {
    return { kind: "held" };
  }
  return moved(next, { done: handed.given, after: () => wake([serial], now) });
}

/** The end of the log, as far as floors let it be seen, is reached: what comes next. */
async function afterLastPage(
  tx: Tx,
  behind: Behind,
  cursor: Cursor & { step: "walk" },
  from: string,
): Promise<Cursor> {
  const { untilVersion: until, workspaceId } = behind;
  if (until === null && !behind.isDeleted) return { step: "move" };
  if (cursor.until !== until || cursor.passed === undefined) {
    return { step: "walk", until, passed: await readInstanceVersion(tx) };
  }
  const { passed, last } = cursor;
  if (last !== undefined) return from >= last ? { step: "end", until, last } : cursor;
  if (!(await isPassedEverywhere(tx, passed))) return cursor;
  // A statement of its own: it sees all that was accepted before everybody had passed the version.
  return { step: "walk", until, passed, last: (await readLastEventId(tx, workspaceId)) ?? from };
}

/** Pages that change the configuration take the workspace's lock before any other, as everybody does. */
async function move(tx: Tx, job: Job, serial: number, deps: CatchUpJobDeps): Promise<PageResult> {
  const { workspaceId } = job;
  if (workspaceId === null) throw new Error("catching up is a workspace's");
  const { version, instanceVersion } = await bumpConfig(tx, workspaceId);
  await moveAgain(tx, serial, version);
  return moved(
    { step: "walk", until: version, passed: instanceVersion },
    {
      after: () => deps.onConfigChanged(workspaceId),
    },
  );
}

async function end(
  tx: Tx,
  job: Job,
  serial: number,
  { until, last }: Cursor & { step: "end" },
  deps: CatchUpJobDeps,
): Promise<PageResult> {
  const { workspaceId } = job;
  if (workspaceId === null) throw new Error("catching up is a workspace's");
  const { instanceVersion } = await bumpConfig(tx, workspaceId);
  const ended = await endBehind(tx, serial, { until, upTo: last });
  return moved(ended ? { step: "promote", passed: instanceVersion } : { step: "walk" }, {
    after: () => deps.onConfigChanged(workspaceId),
  });
}

async function promote(
  tx: Tx,
  serial: number,
  passed: number,
  now: number,
  size: Pick<PageSize, "of">,
  deps: CatchUpJobDeps,
): Promise<PageResult> {
  // Fallen behind anew, it is given its turns by the job that sees to that.
  if ((await lockBehind(tx, serial)) !== null)
    return moved({ step: "promote", passed }, { finished: true });
  // Asked before the lanes are looked at: who had not passed may still leave one without a head.
  const isPassed = await isPassedEverywhere(tx, passed);
  const page = size.of(LANES_A_PAGE);
  const lanes = await promoteLanesOf(tx, serial, page, now);
  const after = () => deps.wake([serial], now);
  if (lanes < page && isPassed)
    return moved({ step: "promote", passed }, { finished: true, after });
  return lanes > 0 ? moved({ step: "promote", passed }, { after }) : { kind: "held" };
}

function moved(
  cursor: Cursor,
  { done = 0, finished = false, after }: { done?: number; finished?: boolean; after?(): void } = {},
): PageResult {
  return { kind: "moved", cursor: JSON.stringify(cursor), done, finished, ...(after && { after }) };
}

function readParams(job: Pick<Job, "params">): CatchUpParams {
  return JSON.parse(job.params) as CatchUpParams; // written by `BehindKeeper`, and by nobody else
}

function readCursor({ cursor }: Pick<Job, "cursor">): Cursor {
  // Written by `moved`, and by nobody else.
  return cursor === null ? { step: "walk" } : (JSON.parse(cursor) as Cursor);
}
