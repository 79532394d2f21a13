import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import { type ListedUnroutable, listUnroutable } from "../../storage/channels/unroutable.ts";
import {
  jsonAnswer,
  listQueryById,
  newRoutes,
  pageById,
  pageSchema,
  type Routes,
  requireAdmin,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";

const ShownUnroutable = z
  .object({
    id: shownId("unr"),
    provider: z.string().openapi({ example: "meta" }),
    reason: z.string().openapi({ example: "unknown_channel" }),
    channel_kind: z.string().nullable(),
    external_id: z.string().nullable().openapi({ description: "The address that it came for" }),
    payload: z.string().openapi({
      description: "As it came: JSON, where it was JSON. Of a long one its first 65,536 characters",
    }),
    payload_is_whole: z.boolean(),
    received_at: shownInstant,
  })
  .openapi("Unroutable");

const list = createRoute({
  tags: ["Ingress"],
  middleware: requireAdmin,
  method: "get",
  path: "/unroutable",
  operationId: "listUnroutable",
  summary: "List what providers sent and nobody could place, the newest first",
  request: { query: listQueryById({ reason: z.string().max(100).optional() }) },
  responses: { 200: jsonAnswer("A page.", pageSchema(ShownUnroutable)) },
});

/** What belongs to no channel belongs to no workspace: for the operator of the instance alone. */
export function unroutableRoutes({ db }: { db: Queryable }): Routes {
  const routes = newRoutes();
  routes.openapi(list, async (c) => {
    const { reason, ...query } = c.req.valid("query");
    const page = await pageById(query, (o) => listUnroutable(db, { ...o, reason }), show);
    return c.json(page, 200);
  });
  return routes;
}

function show(entry: ListedUnroutable): z.infer<typeof ShownUnroutable> {
  return {
    id: publicId("unr", entry.id),
    provider: entry.provider,
    reason: entry.reason,
    channel_kind: entry.channelKind,
    external_id: entry.externalId,
    payload: entry.payload,
    payload_is_whole: entry.isWhole,
    received_at: showInstant(entry.receivedAt),
  };
}
