import type { Queryable } from "../../core/events/recording.ts";
import {
  type Criteria,
  countWaiting,
  readReplayable,
} from "../../storage/deliveries/replay-selection.ts";
import { replayDeliveries } from "../../storage/deliveries/replays.ts";
import type { Job } from "../../storage/instance/jobs.ts";
import { firstKeptId } from "../retention.ts";
import type { JobKind, PageResult } from "./jobs.ts";

export const REPLAY_KIND = "replay";

const PAGE = 500;
/** An endpoint that has more than this waiting gets no more until it has caught up. */
const MOST_WAITING = 10_000;

/** What a replay of many is to do, as its job keeps it. */
export interface ReplayParams {
  criteria: Criteria;
  /** Serials of the endpoints that have something to replay. */
  endpoints: readonly number[];
  /** The account whose key asked for it, or null. */
  accountId: string | null;
}

/** Endpoints that are not done yet, and the event up to which each of them is; in turns. */
type Cursor = { endpoint: number; after: string | null }[];

export interface ReplayJobDeps {
  retentionMs: number;
  payloadMs: number;
  wake(endpoints: readonly number[], dueAt: number): void;
}

export function readReplayParams(job: Pick<Job, "params">): ReplayParams {
  return JSON.parse(job.params) as ReplayParams; // written by `Replays`, and by nobody else
}

/**
 * Replays many, a page of one endpoint at a time, endpoints in turns: neither a stalled endpoint nor
 * a long one keeps the others waiting, and `retry` never holds more of it than it can get rid of.
 */
export function replayJob({ retentionMs, payloadMs, wake }: ReplayJobDeps): JobKind {
  return async (tx, job, now, size): Promise<PageResult> => {
    const { criteria, endpoints } = readReplayParams(job);
    const left = job.cursor === null ? beginning(endpoints) : readCursor(job.cursor);
    const at = await findRoom(tx, left);
    const turn = left[at];
    if (!turn) return left.length === 0 ? moved([], 0) : { kind: "held" };
    const { endpoint, after } = turn;
    const kept = firstKeptId(now, Math.min(retentionMs, payloadMs));
    const limit = size.of(PAGE);
    const page = await readReplayable(
      tx,
      { ...criteria, from: criteria.from > kept ? criteria.from : kept },
      { endpoint, after, limit },
    );
    const outcomes = await replayDeliveries(tx, page.keys, now);
    const others = left.filter((each) => each !== turn);
    const next = page.read < limit ? others : [...others, { endpoint, after: page.last }];
    const started = outcomes.filter((outcome) => outcome === "started").length;
    return started === 0
      ? moved(next, 0)
      : { ...moved(next, started), after: () => wake([endpoint], now) };
  };
}

function moved(left: Cursor, done: number) {
  return {
    kind: "moved",
    cursor: JSON.stringify(left),
    done,
    finished: left.length === 0,
  } as const;
}

function beginning(endpoints: readonly number[]): Cursor {
  return endpoints.map((endpoint) => ({ endpoint, after: null }));
}

function readCursor(text: string): Cursor {
  return JSON.parse(text) as Cursor; // written by `moved`, and by nobody else
}

/** Where the first endpoint stands that may have more, or -1. */
async function findRoom(db: Queryable, left: Cursor): Promise<number> {
  for (const [at, { endpoint }] of left.entries()) {
    if ((await countWaiting(db, endpoint, MOST_WAITING + 1)) <= MOST_WAITING) return at;
  }
  return -1;
}
