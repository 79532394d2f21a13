import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { firstIdAt, publicId, timeOfId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { DAY_MS, firstKeptId } from "../../delivery/retention.ts";
import {
  countEventsOfDays,
  countRetrying,
  type LedgerQuery,
  readLedger,
  sumLedger,
} from "../../storage/figures/tally.ts";
import {
  fieldRefused,
  idSchema,
  isSerial,
  jsonAnswer,
  listQuery,
  newRoutes,
  problems,
  type Routes,
  requireScope,
  shownId,
  toPage,
} from "../api.ts";
import { withinYears } from "../parameters/instant.ts";
import { endpointsOf } from "../parameters/visible-endpoints.ts";

const DEFAULT_DAYS = 7;
const MOST_DAYS = 400;

const day = withinYears(z.iso.date({ error: "is not a day like 2026-11-21" })).openapi({
  type: "string",
  format: "date",
  example: "2026-11-21",
});

const counts = {
  targeted: z.int().openapi({ description: "How many were to be delivered: the sum of the rest" }),
  delivered: z.int(),
  pending: z.int().openapi({ description: "Under way, or waiting for an attempt" }),
  dead: z.int(),
  cancelled: z.int(),
};

const ShownLedger = z
  .object({
    data: z.array(z.object({ day, endpoint_id: shownId("ep"), ...counts })),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
    totals: z.object({
      ...counts,
      retrying: z.int().openapi({
        description: "Of what is pending: has failed, and waits for another attempt",
      }),
    }),
    events: z
      .object({
        accepted: z.int(),
        unwanted: z.int().openapi({ description: "Kept, though no endpoint wanted them" }),
      })
      .nullable()
      .openapi({
        description: "Of the whole workspace; null where an endpoint or account is asked for",
      }),
  })
  .openapi("Ledger");

const get = createRoute({
  tags: ["Deliveries"],
  middleware: requireScope("deliveries:read"),
  method: "get",
  path: "/ledger",
  operationId: "readLedger",
  summary: "What became of everything that was to be delivered, by day and endpoint",
  request: {
    query: listQuery(
      { endpoint_id: idSchema("ep").optional(), from: day.optional(), to: day.optional() },
      (cursor) => findPlace(cursor) !== null,
    ),
  },
  responses: {
    200: jsonAnswer("A page, the newest day first, and the totals.", ShownLedger),
    ...problems("too_many_requests"),
  },
});

export interface LedgerRoutesDeps {
  db: Queryable;
  clock: Pick<Clock, "now">;
  retentionMs: number;
}

export function ledgerRoutes({ db, clock, retentionMs }: LedgerRoutesDeps): Routes {
  const routes = newRoutes();

  routes.openapi(get, async (c) => {
    const { principal } = c.var;
    const { limit, cursor, endpoint_id: endpointId, from, to } = c.req.valid("query");
    const now = clock.now();
    const { first, last } = daysOf(from, to, now);
    const query: LedgerQuery = {
      workspaceId: principal.workspaceId,
      endpoints: await endpointsOf(db, principal, endpointId),
      from: dayName(first),
      to: dayName(last),
      firstId: firstIdAt(first),
      endId: firstIdAt(last + DAY_MS),
      firstKept: dayName(timeOfId(firstKeptId(now, retentionMs))),
      after: cursor === undefined ? null : findPlace(cursor),
      limit: limit + 1,
    };
    const rows = await readLedger(db, query);
    const totals = await sumLedger(db, query);
    const retrying = Math.min(totals.pending, await countRetrying(db, query));
    const events = query.endpoints === null ? await countEventsOfDays(db, query) : null;
    const place = (row: { day: string; endpoint: number }) => `${row.day} ${row.endpoint}`;
    const page = toPage(rows, limit, place, ({ endpoint: _, endpointId: id, ...row }) => ({
      ...row,
      endpoint_id: publicId("ep", id),
    }));
    return c.json({ ...page, totals: { ...totals, retrying }, events }, 200);
  });

  return routes;
}

function daysOf(from: string | undefined, to: string | undefined, now: number) {
  const last = to === undefined ? now - (now % DAY_MS) : Date.parse(to);
  const first = from === undefined ? last - (DEFAULT_DAYS - 1) * DAY_MS : Date.parse(from);
  if (first > last) throw fieldRefused("from", "is after the last day");
  if (last - first >= MOST_DAYS * DAY_MS)
    throw fieldRefused("from", `asks for more than ${MOST_DAYS} days`);
  return { first, last };
}

function dayName(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function findPlace(cursor: string): { day: string; endpoint: number } | null {
  const [name = "", endpoint = ""] = cursor.split(" ");
  return day.safeParse(name).success && isSerial(endpoint)
    ? { day: name, endpoint: Number(endpoint) }
    : null;
}
