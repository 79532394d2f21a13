import { createRoute, z } from "@hono/zod-openapi";
import { EVENT_TYPES } from "../core/event-types.ts";
import { jsonAnswer, newRoutes, type Routes } from "./api.ts";

const ShownEventType = z
  .object({
    type: z.string().openapi({ example: "message.received" }),
    description: z.string(),
    operational: z.boolean().openapi({
      description: "About Curlew itself: `*` does not stand for it, it must be named.",
    }),
  })
  .openapi("EventType");

const list = createRoute({
  method: "get",
  path: "/event-types",
  operationId: "listEventTypes",
  summary: "Every event type that Curlew knows",
  tags: ["Events"],
  responses: { 200: jsonAnswer("All of them.", z.object({ data: z.array(ShownEventType) })) },
});

export function eventTypeRoutes(): Routes {
  const routes = newRoutes();
  routes.openapi(list, (c) => c.json({ data: [...EVENT_TYPES] }, 200));
  return routes;
}
