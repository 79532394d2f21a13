import type { Queryable } from "../../core/events/recording.ts";
import { firstIdAt } from "../../core/ids.ts";
import { readMinutes } from "../../storage/figures/minutes.ts";
import {
  readEventSeries,
  readSeries,
  type SeriesQuery,
  type SeriesRow,
} from "../../storage/figures/tally.ts";
import { fieldRefused } from "../api.ts";

const HOUR_MS = 3_600_000;
/** Events and deliveries that are counted one by one: on two cores about a second. */
const MOST_COUNTED = 500_000;

export type RangeQuery = Omit<SeriesQuery, "step">;

export interface Books {
  books: readonly SeriesRow[];
  events: readonly { at: number; accepted: number; unwanted: number }[];
}

/** By hour or day, from the ledger's own rows. Events only of a workspace as a whole. */
export async function readSteps(
  db: Queryable,
  query: SeriesQuery,
  isWhole: boolean,
): Promise<Books> {
  const [books, events] = await Promise.all([
    readSeries(db, query),
    isWhole ? readEventSeries(db, query) : [],
  ]);
  return { books, events };
}

/** By minute, from the log. The ledger says first how much would have to be counted. */
export async function readMinutesIn(
  db: Queryable,
  query: RangeQuery,
  range: { from: number; end: number; now: number },
): Promise<Books> {
  const firstId = firstIdAt(range.from - (range.from % HOUR_MS));
  const whole = { endpoints: null, byEndpoint: false, step: "hour", firstId } as const;
  const hours = await readSteps(db, { ...query, ...whole }, true);
  const count =
    expectedIn(range, hours.events, (row) => row.accepted) +
    expectedIn(range, hours.books, (row) => row.targeted);
  if (count <= MOST_COUNTED) return readMinutes(db, query);
  const about = Math.round(count / 1_000) * 1_000;
  const detail = `some ${about} events and deliveries would be counted, and ${MOST_COUNTED} may be: ask for a shorter time, or for hours`;
  throw fieldRefused("step", detail);
}

/** How much of what is counted by the hour lies in a range. The hour that is has not been for a whole one. */
function expectedIn<Row extends { at: number }>(
  { from, end, now }: { from: number; end: number; now: number },
  rows: readonly Row[],
  pick: (row: Row) => number,
): number {
  return rows.reduce((sum, row) => {
    const until = Math.min(row.at + HOUR_MS, Math.max(now, row.at + 1));
    const shared = Math.min(end, until) - Math.max(from, row.at);
    return shared <= 0 ? sum : sum + (pick(row) * shared) / (until - row.at);
  }, 0);
}
