import { createRoute, z } from "@hono/zod-openapi";
import { publicId } from "../../core/ids.ts";
import type { ExpungeOne } from "../../delivery/rounds/expunging.ts";
import {
  idParams,
  jsonAnswer,
  newRoutes,
  notFound,
  problems,
  type Routes,
  requireScope,
  shownId,
} from "../api.ts";
import { ownerOf } from "../resource.ts";

const ShownExpunged = z
  .object({
    id: shownId("evt"),
    body_expunged: z.literal(true),
    was_expunged: z.boolean().openapi({ description: "It had been expunged before" }),
    deliveries: z.int().openapi({ description: "Deliveries that kept a body" }),
    attempts: z.int().openapi({ description: "Attempts that kept an answer" }),
    cancelled: z.int().openapi({ description: "Deliveries that waited, and will not be made" }),
    caught: z.int().openapi({ description: "Requests of it in catchers" }),
  })
  .openapi("ExpungedEvent");

const expunge = createRoute({
  tags: ["Events"],
  middleware: requireScope("events:expunge"),
  method: "post",
  path: "/events/{id}/expunge",
  operationId: "expungeEvent",
  summary: "Expunge an event's body now, wherever it is kept; the log of it stays",
  description:
    "What waits to be delivered is cancelled. Once expunged it stays so: to ask again changes nothing. " +
    "`conflict` while a request with it is being made: come back after `Retry-After`.",
  request: { params: idParams("evt") },
  responses: {
    200: jsonAnswer("What was expunged.", ShownExpunged),
    ...problems("not_found", "conflict"),
  },
});

export function eventExpungingRoutes({ expungeOne }: { expungeOne: ExpungeOne }): Routes {
  const routes = newRoutes();

  routes.openapi(expunge, async (c) => {
    const { id } = c.req.valid("param");
    const one = await expungeOne(ownerOf(c.var.principal), id);
    if (one === null) throw notFound("evt", publicId("evt", id));
    const { wasExpunged, deliveries, attempts, cancelled, caught } = one;
    const counts = { deliveries, attempts, cancelled, caught };
    return c.json(
      {
        ...{ id: publicId("evt", id), body_expunged: true as const },
        ...{ was_expunged: wasExpunged, ...counts },
      },
      200,
    );
  });

  return routes;
}
