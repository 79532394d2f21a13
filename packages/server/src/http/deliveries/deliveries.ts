import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { deliveryId } from "../../core/ids.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import type { Replays } from "../../delivery/jobs/replay.ts";
import {
  type DeliveryDetail,
  type DeliveryKey,
  findDelivery,
} from "../../storage/deliveries/delivery-reads.ts";
import {
  jsonAnswer,
  listQuery,
  newRoutes,
  notFound,
  pageSchema,
  problems,
  type Routes,
  requireScope,
} from "../api.ts";
import { ownerOf } from "../resource.ts";
import { deliveryFilters, deliveryPage } from "./delivery-query.ts";
import {
  DELIVERY_STATES,
  deliveryParams,
  isDeliveryPosition,
  ShownDelivery,
  ShownDeliveryDetail,
  showDelivery,
  showDeliveryDetail,
} from "./delivery-view.ts";

const tags = ["Deliveries"];
const reading = { tags, middleware: requireScope("deliveries:read") };
const writing = { tags, middleware: requireScope("deliveries:write") };

const list = createRoute({
  ...reading,
  method: "get",
  path: "/deliveries",
  operationId: "listDeliveries",
  summary: "List deliveries, those of the newest events first",
  request: {
    query: listQuery(
      { ...deliveryFilters, state: z.enum(DELIVERY_STATES).optional() },
      isDeliveryPosition,
    ),
  },
  responses: {
    200: jsonAnswer("A page.", pageSchema(ShownDelivery)),
    ...problems("too_many_requests"),
  },
});

const get = createRoute({
  ...reading,
  method: "get",
  path: "/deliveries/{id}",
  operationId: "getDelivery",
  summary: "Get a delivery with its requests and what came back",
  request: { params: deliveryParams },
  responses: { 200: jsonAnswer("The delivery.", ShownDeliveryDetail), ...problems("not_found") },
});

const replay = createRoute({
  ...writing,
  method: "post",
  path: "/deliveries/{id}/replay",
  operationId: "replayDelivery",
  summary: "Replay a delivery: one that waits is due now, one that has ended starts a new round",
  request: { params: deliveryParams },
  responses: {
    202: jsonAnswer(
      "What it came to, and the delivery as it stands now.",
      ShownDelivery.extend({
        replay: z.enum(["started", "due", "under_way"]).openapi({
          description:
            "`started`: a new round. `due`: its next attempt is now. `under_way`: one is being made.",
        }),
      }).openapi("ReplayedDelivery"),
    ),
    ...problems("not_found", "not_replayable"),
  },
});

export interface DeliveryRoutesDeps {
  db: Queryable;
  replays: Pick<Replays, "one" | "many">;
}

export function deliveryRoutes({ db, replays }: DeliveryRoutesDeps): Routes {
  const routes = newRoutes();

  routes.openapi(list, async (c) => {
    const query = c.req.valid("query");
    return c.json(await deliveryPage(db, c.var.principal, query, query.state), 200);
  });

  routes.openapi(get, async (c) => {
    const key = c.req.valid("param").id;
    return c.json(showDeliveryDetail(await getDelivery(c.var.principal, key)), 200);
  });

  routes.openapi(replay, async (c) => {
    const { principal } = c.var;
    const key = c.req.valid("param").id;
    const outcome = await replays.one(ownerOf(principal), key);
    if (outcome === null) throw notFound("dlv", deliveryId(key.eventId, key.endpoint));
    const delivery = showDelivery(await getDelivery(principal, key));
    return c.json({ ...delivery, replay: outcome }, 202);
  });

  async function getDelivery(principal: Principal, key: DeliveryKey): Promise<DeliveryDetail> {
    const delivery = await findDelivery(db, ownerOf(principal), key);
    if (delivery) return delivery;
    throw notFound("dlv", deliveryId(key.eventId, key.endpoint));
  }

  return routes;
}
