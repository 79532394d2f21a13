import { isOperational } from "../../core/events/event-types.ts";
import { leftOutBy, type Subject, type Subscription } from "../../core/events/subscription.ts";
import { countWaiting } from "../../storage/deliveries/replay-selection.ts";
import { replayDeliveries } from "../../storage/deliveries/replays.ts";
import type { Job } from "../../storage/instance/jobs.ts";
import {
  addTarget,
  type EventToward,
  readTallyFloor,
  readToward,
  type TowardQuery,
} from "../../storage/queue/missing.ts";
import { firstKeptId } from "../retention.ts";
import type { JobKind, PageResult } from "./jobs.ts";

export const MISSING_KIND = "replay_missing";

const PAGE = 500;
/** An endpoint that has more than this waiting gets no more until it has caught up. */
const MOST_WAITING = 10_000;

/** What an endpoint is to be given of what it misses. */
export interface MissingParams {
  endpoint: number;
  /** Of events from this id on, and below that one. */
  from: string;
  to: string;
  /** Types, and prefixes like `order.*`; empty for all. */
  types: readonly string[];
  /** The account whose key asked for it, or null. */
  accountId: string | null;
}

/** What an endpoint asks for as it is now; null when it was deleted. */
export type FindSubscription = (endpoint: number) => Promise<Subscription | null>;

/** Of these events, those that the endpoint's filters want now and that never reached it. */
function missingOf(
  rows: readonly EventToward[],
  subscription: Subscription,
  types: readonly string[],
): EventToward[] {
  return notReached(
    rows.filter((row) => !row.isExpunged),
    subscription,
    types,
  );
}

/** The same of events without a body: what a content filter would have said of it nobody knows. */
function expungedOf(
  rows: readonly EventToward[],
  subscription: Subscription,
  types: readonly string[],
): EventToward[] {
  return notReached(
    rows.filter((row) => row.isExpunged),
    { ...subscription, matches: null },
    types,
  );
}

function notReached(
  rows: readonly EventToward[],
  subscription: Subscription,
  types: readonly string[],
): EventToward[] {
  return rows.filter((row) => {
    if (row.payload === null || isOperational(row.type)) return false;
    if (types.length > 0 && !types.some((each) => isOfType(row.type, each))) return false;
    const body = JSON.parse(row.payload) as Record<string, unknown>; // the native body, ours
    const event: Subject = { ...row, channelKind: row.channelKind ?? kindOf(body) };
    return leftOutBy(subscription, event, () => body) === null;
  });
}

function isOfType(type: string, wanted: string): boolean {
  return wanted.endsWith(".*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

/** The kind of the channel that a native body shows. */
export function kindOf({ channel }: Record<string, unknown>): string | null {
  if (typeof channel !== "object" || channel === null || !("kind" in channel)) return null;
  return typeof channel.kind === "string" ? channel.kind : null;
}

/**
 * Counts what is missing, page by page, for as long as it may take: `isExact` says whether it came to
 * the end. `expunged` counts what may be missing and cannot be had.
 */
export async function countMissing(
  query: Omit<TowardQuery, "after" | "limit"> & {
    from: string;
    types: readonly string[];
    /** Below this id bodies are expunged, or about to be. */
    closedBelow: string;
  },
  o: {
    subscription: Subscription;
    read(query: TowardQuery): Promise<EventToward[]>;
    isLate(): boolean;
  },
): Promise<{ count: number; expunged: number; isExact: boolean }> {
  let count = 0;
  let expunged = 0;
  for (let after = query.from; ; ) {
    const read = await o.read({ ...query, after, limit: PAGE });
    const rows = read.map((row) =>
      row.id < query.closedBelow ? { ...row, isExpunged: true } : row,
    );
    count += missingOf(rows, o.subscription, query.types).length;
    expunged += expungedOf(rows, o.subscription, query.types).length;
    const last = rows.at(-1);
    if (rows.length < PAGE || !last) return { count, expunged, isExact: true };
    if (o.isLate()) return { count, expunged, isExact: false };
    after = last.id;
  }
}

export interface MissingJobDeps {
  retentionMs: number;
  payloadMs: number;
  findSubscription: FindSubscription;
  wake(endpoints: readonly number[], dueAt: number): void;
}

/**
 * Gives an endpoint what it misses, a page of the log at a time and no faster than it takes it. What
 * the ledger has not counted yet waits until it has.
 */
export function missingJob(deps: MissingJobDeps): JobKind {
  const { retentionMs, payloadMs, findSubscription, wake } = deps;
  const keptMs = Math.min(retentionMs, payloadMs);
  return async (tx, job, now, size): Promise<PageResult> => {
    const { endpoint, from, to, types } = readMissingParams(job);
    const subscription = await findSubscription(endpoint);
    const { workspaceId } = job;
    const after = latest(job.cursor ?? from, firstKeptId(now, keptMs));
    if (!subscription || workspaceId === null) return moved(after, 0, true);
    if ((await countWaiting(tx, endpoint, MOST_WAITING + 1)) > MOST_WAITING)
      return { kind: "held" };
    const floor = await readTallyFloor(tx);
    const isBelow = floor < to;
    const limit = size.of(PAGE);
    const rows = await readToward(tx, {
      ...{ workspaceId, endpoint, after, limit },
      to: isBelow ? floor : to,
    });
    const last = rows.at(-1);
    if (isBelow && !last) return { kind: "held" };
    const missing = missingOf(rows, subscription, types);
    const eventIds = (standing: EventToward["standing"]) =>
      missing.filter((row) => row.standing === standing).map(({ id }) => id);
    const added = await addTarget(tx, { workspaceId, endpoint, eventIds: eventIds("none"), now });
    const ended = eventIds("ended").map((eventId) => ({ eventId, endpoint }));
    const outcomes = await replayDeliveries(tx, ended, now);
    const done = added + outcomes.filter((outcome) => outcome === "started").length;
    const page = moved(last?.id ?? after, done, !isBelow && rows.length < limit);
    return done === 0 ? page : { ...page, after: () => wake([endpoint], now) };
  };
}

function moved(cursor: string, done: number, finished: boolean) {
  return { kind: "moved", cursor, done, finished } as const;
}

function latest(a: string, b: string): string {
  return a > b ? a : b;
}

function readMissingParams(job: Pick<Job, "params">): MissingParams {
  return JSON.parse(job.params) as MissingParams; // written by `Replays`, and by nobody else
}
