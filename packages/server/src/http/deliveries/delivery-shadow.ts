import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { deliveryId } from "../../core/ids.ts";
import { viewShadow } from "../../delivery/views/shadow-view.ts";
import { dialectNames } from "../../dialects/registry.ts";
import { findDelivery } from "../../storage/deliveries/delivery-reads.ts";
import {
  fieldRefused,
  jsonAnswer,
  newRoutes,
  notFound,
  problems,
  type Routes,
  requireScope,
} from "../api.ts";
import { ownerOf } from "../resource.ts";
import { deliveryParams } from "./delivery-view.ts";

const ShownRendering = z.object({
  dialect: z.string(),
  name: z.string().nullable().openapi({
    description:
      "What the dialect calls the event; null where it has no name and would not send it",
  }),
  body: z.string(),
});

const ShownShadow = z
  .object({
    own: ShownRendering,
    shadow: ShownRendering,
    differences: z
      .array(
        z.object({
          pointer: z.string().openapi({ example: "/data/email" }),
          kind: z.enum(["only_here", "only_there", "changed"]),
          here: z.unknown().optional(),
          there: z.unknown().optional(),
        }),
      )
      .openapi({ description: "From the endpoint's own body (here) to the other one (there)" }),
  })
  .openapi("Shadow");

const shadow = createRoute({
  tags: ["Deliveries"],
  middleware: requireScope("deliveries:read"),
  method: "get",
  path: "/deliveries/{id}/shadow",
  operationId: "getDeliveryShadow",
  summary: "Compare a delivery's body with what another dialect would send; nothing is sent",
  request: {
    params: deliveryParams,
    query: z.strictObject({
      dialect: z.enum(dialectNames).optional().openapi({
        description: "The endpoint's `shadow_dialect` when absent",
      }),
    }),
  },
  responses: {
    200: jsonAnswer("Both bodies.", ShownShadow),
    ...problems("not_found", "body_expunged"),
  },
});

export function deliveryShadowRoutes({ db }: { db: Queryable }): Routes {
  const routes = newRoutes();

  routes.openapi(shadow, async (c) => {
    const key = c.req.valid("param").id;
    const delivery = await findDelivery(db, ownerOf(c.var.principal), key);
    if (!delivery) throw notFound("dlv", deliveryId(key.eventId, key.endpoint));
    if (delivery.isExpunged) throw new CurlewError("body_expunged", "There is nothing to compare.");
    const name = c.req.valid("query").dialect ?? delivery.shadowDialect;
    if (name === null) {
      throw fieldRefused("dialect", "name a dialect, or give the endpoint a shadow_dialect");
    }
    return c.json(viewShadow(delivery, name), 200);
  });

  return routes;
}
