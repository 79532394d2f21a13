import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { judgeHealth } from "../../core/health-rules.ts";
import { firstIdAt } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import {
  countDeadSince,
  countLostProcesses,
  listLateProcesses,
  readQueueGauges,
} from "../../storage/figures/queue-gauges.ts";
import { readHold } from "../../storage/instance/instance-hold.ts";
import { jsonAnswer, newRoutes, type Routes, requireAdmin } from "../api.ts";

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
              unit: z.enum(["seconds", "rows", "days", "processes", "messages", "deliveries"]),
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
  /** Requests to endpoints that are under way here. */
  inFlight(): number;
  /** Whether this process sends webhooks itself because no thread for them starts. */
  isWithoutSendingThread(): boolean;
}

const DAY_MS = 24 * 60 * 60_000;
const MOST_DEAD = 10_000;

export function instanceHealthRoutes({
  db,
  clock,
  clockOffsetMs,
  inFlight,
  isWithoutSendingThread,
}: InstanceHealthDeps): Routes {
  const routes = newRoutes();
  routes.openapi(health, async (c) => {
    const now = clock.now();
    const gauges = await readQueueGauges(db, now);
    const { deliveriesSince, messagesSince } = await readHold(db);
    const heldSince = Math.min(deliveriesSince ?? now, messagesSince ?? now);
    const standing = {
      ...gauges,
      inFlight: inFlight(),
      heldSeconds: (now - heldSince) / 1000,
      lateProcesses: (await listLateProcesses(db)).length,
      lostProcesses: await countLostProcesses(db, now - DAY_MS),
      deadLetters: await countDeadSince(db, firstIdAt(now - DAY_MS), MOST_DEAD),
      clockOffsetSeconds: clockOffsetMs() / 1000,
      isWithoutSendingThread: isWithoutSendingThread(),
    };
    return c.json({ data: judgeHealth(standing) }, 200);
  });
  return routes;
}
