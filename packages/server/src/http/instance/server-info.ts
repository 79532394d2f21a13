import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { readServerInfo } from "../../storage/instance/server-info.ts";
import { jsonAnswer, newRoutes, type Routes } from "../api.ts";

const get = createRoute({
  tags: ["Operations"],
  method: "get",
  path: "/server",
  operationId: "getServer",
  summary: "Which server this is: its version, its database, its processes",
  responses: {
    200: jsonAnswer(
      "The server.",
      z
        .object({
          version: z.string().openapi({ example: "0.1.0" }),
          database: z.string().openapi({ example: "PostgreSQL 18" }),
          processes: z.int().openapi({ description: "How many work now" }),
        })
        .openapi("Server"),
    ),
  },
});

export function serverInfoRoutes({ db, version }: { db: Queryable; version: string }): Routes {
  const routes = newRoutes();
  routes.openapi(get, async (c) => {
    const { database, processes } = await readServerInfo(db);
    return c.json({ version, database: `PostgreSQL ${database}`, processes }, 200);
  });
  return routes;
}
