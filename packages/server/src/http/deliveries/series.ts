import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { firstIdAt, publicId, timeOfId } from "../../core/ids.ts";
import { type LatencyHistogram, percentileOf, sumLatencies } from "../../core/latency-histogram.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { DAY_MS, firstKeptId } from "../../delivery/retention.ts";
import { type RequestsRow, sumRequests } from "../../storage/figures/endpoint-hours.ts";
import { countRetrying, type SeriesRow } from "../../storage/figures/tally.ts";
import {
  fieldRefused,
  idSchema,
  jsonAnswer,
  newRoutes,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";
import { instantSchema } from "../parameters/instant.ts";
import { endpointsOf } from "../parameters/visible-endpoints.ts";
import { type RangeQuery, readMinutesIn, readSteps } from "./series-books.ts";

const HOUR_MS = 3_600_000;
const STEPS_MS = { minute: 60_000, hour: HOUR_MS, day: DAY_MS } as const;
const STEPS = ["minute", "hour", "day"] as const;
type Step = (typeof STEPS)[number];
const MOST_POINTS = 800;
const MOST_POINTS_EACH = 60;
const DEFAULT_POINTS = { minute: 60, hour: 24, day: 30 } as const;
/** Requests are kept by the minute for a little longer. */
const MINUTES_BACK_MS = 3 * HOUR_MS;

const percentiles = z
  .object({ p50_ms: z.int(), p95_ms: z.int(), p99_ms: z.int() })
  .nullable()
  .openapi({ description: "Right to about a tenth; null where nothing was counted" });

const acceptedField = z.int().nullable().openapi({
  description: "Events of the whole workspace; null where an endpoint or account is asked for",
});
const bookFields = {
  targeted: z.int().openapi({
    description:
      "Deliveries of events that were accepted then: the sum of the next four, as in the ledger",
  }),
  delivered: z.int(),
  pending: z.int(),
  dead: z.int(),
  cancelled: z.int(),
};
const attemptsField = z
  .object({
    delivered: z.int(),
    failed: z.int(),
    slow: z.int(),
    answer: percentiles,
    arrival: percentiles,
  })
  .openapi({
    description:
      "Requests that were made then, up to some seconds ago. `answer`: how long one took; `arrival`: from the event to its delivery",
  });

const ShownSeries = z
  .object({
    step: z.enum(STEPS),
    from: shownInstant,
    to: shownInstant.openapi({ description: "Not included" }),
    totals: z
      .object({
        accepted: acceptedField,
        unwanted: z
          .int()
          .nullable()
          .openapi({ description: "Of what was accepted: kept, though no endpoint wanted it" }),
        ...bookFields,
        retrying: z.int().openapi({
          description: "Of what is pending: has failed, and waits for another attempt",
        }),
        attempts: attemptsField,
      })
      .openapi({ description: "All points together" }),
    data: z.array(
      z.object({
        at: shownInstant.openapi({ description: "The beginning of the minute, hour or day, UTC" }),
        endpoint_id: shownId("ep").nullable(),
        accepted: acceptedField,
        ...bookFields,
        attempts: attemptsField,
      }),
    ),
  })
  .openapi("Series");

const get = createRoute({
  tags: ["Deliveries"],
  middleware: requireScope("deliveries:read"),
  method: "get",
  path: "/series",
  operationId: "readSeries",
  summary: "The ledger over time, with failed requests and latency, for charts",
  request: {
    query: z.strictObject({
      step: z.enum(STEPS).default("hour").openapi({
        description:
          "`minute` for the last three hours. Minutes are counted from the log: where it holds too many events for that, ask for a shorter time or for hours",
      }),
      from: instantSchema.optional(),
      to: instantSchema.optional(),
      endpoint_id: idSchema("ep").optional(),
      by: z
        .enum(["endpoint"])
        .optional()
        .openapi({
          description: `A point for each endpoint that had something, at most ${MOST_POINTS_EACH} points in time`,
        }),
    }),
  },
  responses: {
    200: jsonAnswer(
      "Every point in order; with `by`, those without anything are left out.",
      ShownSeries,
    ),
    ...problems("too_many_requests"),
  },
});

export interface SeriesRoutesDeps {
  db: Queryable;
  clock: Pick<Clock, "now">;
  retentionMs: number;
}

export function seriesRoutes({ db, clock, retentionMs }: SeriesRoutesDeps): Routes {
  const routes = newRoutes();

  routes.openapi(get, async (c) => {
    const { principal } = c.var;
    const { step, endpoint_id: endpointId, by, from: since, to: until } = c.req.valid("query");
    const now = clock.now();
    const byEndpoint = by === "endpoint";
    const { from, end } = rangeOf({ step, since, until, byEndpoint }, now);
    const query: RangeQuery = {
      workspaceId: principal.workspaceId,
      endpoints: await endpointsOf(db, principal, endpointId),
      from: dayName(from),
      to: dayName(end - 1),
      firstId: firstIdAt(from),
      endId: firstIdAt(end),
      firstKept: dayName(timeOfId(firstKeptId(now, retentionMs))),
      byEndpoint,
    };
    const isWhole = query.endpoints === null && !byEndpoint;
    const [{ books, events }, requests, retrying] = await Promise.all([
      step === "minute"
        ? readMinutesIn(db, query, { from, end, now })
        : readSteps(db, { ...query, step }, isWhole),
      sumRequests(db, { ...query, step, from, end }),
      countRetrying(db, query),
    ]);
    const isAskedFor = ({ at }: { at: number }) => at >= from && at < end;
    const accepted = isWhole ? new Map(events.map((row) => [row.at, row.accepted])) : null;
    const totals = totalsOf({
      books: books.filter(isAskedFor),
      requests: requests.filter(isAskedFor),
      events: isWhole ? events.filter(isAskedFor) : null,
      retrying,
    });
    const points = joined(books.filter(isAskedFor), requests.filter(isAskedFor));
    if (!byEndpoint) {
      for (let at = from; at < end; at += STEPS_MS[step]) pointAt(points, at, null);
    }
    const data = [...points.values()]
      .sort((a, b) => a.at - b.at)
      .map((point) => show(point, accepted && (accepted.get(point.at) ?? 0)));
    return c.json({ step, from: showInstant(from), to: showInstant(end), totals, data }, 200);
  });

  return routes;
}

interface Point {
  at: number;
  endpointId: string | null;
  books: SeriesRow | null;
  requests: RequestsRow | null;
}

function joined(books: readonly SeriesRow[], requests: readonly RequestsRow[]): Map<string, Point> {
  const points = new Map<string, Point>();
  for (const row of books) pointAt(points, row.at, row.endpointId).books = row;
  for (const row of requests) pointAt(points, row.at, row.endpointId).requests = row;
  return points;
}

function pointAt(points: Map<string, Point>, at: number, endpointId: string | null): Point {
  const key = `${at} ${endpointId}`;
  const point = points.get(key) ?? { at, endpointId, books: null, requests: null };
  points.set(key, point);
  return point;
}

function show({ at, endpointId, books, requests }: Point, accepted: number | null) {
  const { targeted = 0, delivered = 0, pending = 0, dead = 0, cancelled = 0 } = books ?? {};
  return {
    at: showInstant(at),
    endpoint_id: endpointId === null ? null : publicId("ep", endpointId),
    ...{ accepted, targeted, delivered, pending, dead, cancelled },
    attempts: showAttempts(requests === null ? [] : [requests]),
  };
}

/** The rows of one snapshot, added up. */
function totalsOf(o: {
  books: readonly SeriesRow[];
  requests: readonly RequestsRow[];
  events: readonly { accepted: number; unwanted: number }[] | null;
  retrying: number;
}) {
  const pending = sumOf(o.books, (row) => row.pending);
  return {
    accepted: o.events && sumOf(o.events, (row) => row.accepted),
    unwanted: o.events && sumOf(o.events, (row) => row.unwanted),
    targeted: sumOf(o.books, (row) => row.targeted),
    delivered: sumOf(o.books, (row) => row.delivered),
    pending,
    // Counted a moment later.
    retrying: Math.min(pending, o.retrying),
    dead: sumOf(o.books, (row) => row.dead),
    cancelled: sumOf(o.books, (row) => row.cancelled),
    attempts: showAttempts(o.requests),
  };
}

function showAttempts(rows: readonly RequestsRow[]) {
  return {
    delivered: sumOf(rows, (row) => row.delivered),
    failed: sumOf(rows, (row) => row.failed),
    slow: sumOf(rows, (row) => row.slow),
    answer: showPercentiles(sumLatencies(rows.map((row) => row.answers))),
    arrival: showPercentiles(sumLatencies(rows.map((row) => row.arrivals))),
  };
}

function sumOf<Row>(rows: readonly Row[], pick: (row: Row) => number): number {
  return rows.reduce((sum, row) => sum + pick(row), 0);
}

function showPercentiles(histogram: LatencyHistogram) {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentileOf(histogram, share));
  if (p50 == null || p95 == null || p99 == null) return null;
  return { p50_ms: p50, p95_ms: p95, p99_ms: p99 };
}

interface Asked {
  step: Step;
  since: number | undefined;
  until: number | undefined;
  byEndpoint: boolean;
}

/** Whole steps: the one that holds `since` is the first, the one that holds `until` the last. */
function rangeOf({ step, since, until, byEndpoint }: Asked, now: number) {
  const stepMs = STEPS_MS[step];
  const last = until ?? now;
  const end = last % stepMs === 0 && until !== undefined ? last : last - (last % stepMs) + stepMs;
  const from = since === undefined ? end - DEFAULT_POINTS[step] * stepMs : since - (since % stepMs);
  if (step === "minute" && from < now - MINUTES_BACK_MS - stepMs) {
    throw fieldRefused("from", "is more than three hours ago: ask for hours");
  }
  const points = (end - from) / stepMs;
  if (points <= 0) throw fieldRefused("from", "is not before the end");
  const most = byEndpoint ? MOST_POINTS_EACH : MOST_POINTS;
  if (points > most) throw fieldRefused("from", `asks for more than ${most} points`);
  return { from, end };
}

function dayName(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
