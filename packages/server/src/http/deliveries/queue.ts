import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { findOldestDue } from "../../storage/figures/oldest-due.ts";
import {
  idSchema,
  jsonAnswer,
  newRoutes,
  type Routes,
  requireScope,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";
import { endpointsOf } from "../parameters/visible-endpoints.ts";

const ShownQueue = z
  .object({
    oldest_due: z
      .object({
        endpoint_id: shownId("ep"),
        due_at: shownInstant,
        seconds: z.number().openapi({ description: "For how long it has been due" }),
      })
      .nullable()
      .openapi({
        description:
          "The attempt that has been due longest and has not begun, at an endpoint that is enabled; null when nothing is late",
      }),
  })
  .openapi("Queue");

const get = createRoute({
  tags: ["Deliveries"],
  middleware: requireScope("deliveries:read"),
  method: "get",
  path: "/queue",
  operationId: "readQueue",
  summary: "Whether attempts begin when they are due",
  request: { query: z.strictObject({ endpoint_id: idSchema("ep").optional() }) },
  responses: { 200: jsonAnswer("How the queue stands.", ShownQueue) },
});

export interface QueueRoutesDeps {
  db: Queryable;
  clock: Pick<Clock, "now">;
}

export function queueRoutes({ db, clock }: QueueRoutesDeps): Routes {
  const routes = newRoutes();
  routes.openapi(get, async (c) => {
    const { principal } = c.var;
    const { workspaceId } = principal;
    const endpoints = await endpointsOf(db, principal, c.req.valid("query").endpoint_id);
    const now = clock.now();
    const due = await findOldestDue(db, { workspaceId, endpoints, now });
    const oldest = due && {
      endpoint_id: publicId("ep", due.endpointId),
      due_at: showInstant(due.dueAt),
      seconds: (now - due.dueAt) / 1000,
    };
    return c.json({ oldest_due: oldest }, 200);
  });
  return routes;
}
