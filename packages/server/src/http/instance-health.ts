import { createRoute, z } from "@hono/zod-openapi";
import type { Clock } from "../core/clock.ts";
import { judgeHealth } from "../core/health-rules.ts";
import type { Queryable } from "../core/recording.ts";
import { countLateProcesses, readQueueGauges } from "../storage/queue-gauges.ts";
import { jsonAnswer, newRoutes, type Routes, requireAdmin } from "./api.ts";

const health = createRoute({
  tags: ["Operations"],
  middleware: requireAdmin,
  method: "get",
  path: "/health",
  operationId: "readHealth",
  summary: "How the instance stands, the worst first, with what to do",
  responses: {
    200: jsonAnswer(
      "Every entry.",
      z
        .object({
          data: z.array(
            z.object({
              name: z.string().openapi({ example: "oldest_due" }),
              level: z.enum(["ok", "warning", "critical"]),
              value: z.number(),
              unit: z.enum(["seconds", "rows", "days", "processes", "messages"]),
              detail: z.string(),
              advice: z.string().nullable(),
            }),
          ),
        })
        .openapi("Health"),
    ),
  },
});

export interface InstanceHealthDeps {
  db: Queryable;
  clock: Pick<Clock, "now">;
  /** How far this process's clock is from the database's, in ms. */
  clockOffsetMs(): number;
}

export function instanceHealthRoutes({ db, clock, clockOffsetMs }: InstanceHealthDeps): Routes {
  const routes = newRoutes();
  routes.openapi(health, async (c) => {
    const gauges = await readQueueGauges(db, clock.now());
    const lateProcesses = await countLateProcesses(db);
    const standing = { ...gauges, lateProcesses, clockOffsetSeconds: clockOffsetMs() / 1000 };
    return c.json({ data: judgeHealth(standing) }, 200);
  });
  return routes;
}
