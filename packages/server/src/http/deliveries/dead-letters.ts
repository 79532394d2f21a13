import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { Replays } from "../../delivery/jobs/replay.ts";
import { countCauses } from "../../storage/figures/dead-letter-causes.ts";
import {
  idSchema,
  jsonAnswer,
  jsonBody,
  listQuery,
  newRoutes,
  pageSchema,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";
import { instantSchema } from "../parameters/instant.ts";
import { endpointsOf } from "../parameters/visible-endpoints.ts";
import { ownerOf } from "../resource.ts";
import { deliveryFilters, deliveryPage } from "./delivery-query.ts";
import { deliveryIdSchema, isDeliveryPosition, ShownDelivery } from "./delivery-view.ts";
import { replayFilters, requireTypes, ShownReplay, showReplay } from "./replay-body.ts";

const tags = ["Deliveries"];

const list = createRoute({
  tags,
  middleware: requireScope("deliveries:read"),
  method: "get",
  path: "/dead-letters",
  operationId: "listDeadLetters",
  summary: "List deliveries whose schedule is spent, those of the newest events first",
  request: { query: listQuery(deliveryFilters, isDeliveryPosition) },
  responses: {
    200: jsonAnswer("A page.", pageSchema(ShownDelivery)),
    ...problems("too_many_requests"),
  },
});

const causes = createRoute({
  tags,
  middleware: requireScope("deliveries:read"),
  method: "get",
  path: "/dead-letters/causes",
  operationId: "countDeadLetterCauses",
  summary: "Why dead letters died, the most frequent cause first",
  request: {
    query: z.strictObject({
      endpoint_id: idSchema("ep").optional(),
      by: z.enum(["endpoint"]).optional().openapi({ description: "Each endpoint's causes apart" }),
    }),
  },
  responses: {
    200: jsonAnswer(
      "The causes.",
      z
        .object({
          data: z.array(
            z.object({
              status: z.int().nullable().openapi({
                description: "What its last request was answered; null where nothing answered",
              }),
              error: z.string().nullable(),
              reason: z.string().nullable(),
              endpoint_id: shownId("ep").nullable().openapi({
                description: "Where `by` asks for them apart",
              }),
              count: z.int(),
              endpoints: z.int().openapi({ description: "How many endpoints it struck" }),
              last_at: shownInstant,
            }),
          ),
          is_exact: z.boolean().openapi({
            description: "False where there are more than the newest 20,000 that were looked at",
          }),
        })
        .openapi("DeadLetterCauses"),
    ),
    ...problems("too_many_requests"),
  },
});

const replay = createRoute({
  tags,
  middleware: requireScope("deliveries:write"),
  method: "post",
  path: "/dead-letters/replay",
  operationId: "replayDeadLetters",
  summary: "Replay dead letters: all, or those of an endpoint, of types, of a time, or some by id",
  request: {
    body: jsonBody(
      z
        .strictObject({
          ...replayFilters,
          endpoint_id: idSchema("ep").optional(),
          since: instantSchema.optional(),
          ids: z.array(deliveryIdSchema).min(1).max(1_000).optional(),
        })
        .openapi("DeadLetterReplay"),
    ),
  },
  responses: {
    202: jsonAnswer("How many, and the job that replays them.", ShownReplay),
    ...problems("unknown_event_type", "too_many_requests"),
  },
});

export interface DeadLetterRoutesDeps {
  db: Queryable;
  replays: Pick<Replays, "many">;
}

export function deadLetterRoutes({ db, replays }: DeadLetterRoutesDeps): Routes {
  const routes = newRoutes();

  routes.openapi(list, async (c) => {
    const query = c.req.valid("query");
    return c.json(await deliveryPage(db, c.var.principal, query, "dead"), 200);
  });

  routes.openapi(causes, async (c) => {
    const { principal } = c.var;
    const { endpoint_id: endpointId, by } = c.req.valid("query");
    const endpoints = await endpointsOf(db, principal, endpointId);
    const found = await countCauses(db, {
      workspaceId: principal.workspaceId,
      endpoints,
      byEndpoint: by === "endpoint",
    });
    const data = found.causes.map(({ lastAt, endpointId: id, ...cause }) => ({
      ...cause,
      endpoint_id: id && publicId("ep", id),
      last_at: showInstant(lastAt),
    }));
    return c.json({ data, is_exact: found.isExact }, 200);
  });

  routes.openapi(replay, async (c) => {
    const { principal } = c.var;
    const body = c.req.valid("json");
    requireTypes(body.types);
    const { endpoint_id: endpointId, types, since, until, ids, dry_run: dryRun } = body;
    const [endpoint] = endpointId ? ((await endpointsOf(db, principal, endpointId)) ?? []) : [];
    const only = ids && uniqueKeys(ids);
    const started = await replays.many(ownerOf(principal), {
      states: ["dead"],
      dryRun,
      ...(endpoint !== undefined && { endpoint }),
      ...(types && { types }),
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
      ...(only && { only }),
    });
    return c.json(showReplay(started, dryRun), 202);
  });

  return routes;
}

function uniqueKeys<Key extends { eventId: string; endpoint: number }>(
  keys: readonly Key[],
): Key[] {
  return [...new Map(keys.map((key) => [`${key.eventId}/${key.endpoint}`, key])).values()];
}
