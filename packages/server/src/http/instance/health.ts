import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import type { Metrics } from "../../runtime/telemetry/metrics.ts";
import { jsonAnswer, newRoutes, problems, type Routes } from "../api.ts";

export interface Readiness {
  ready: boolean;
  /** What was looked at, in words: `{ database: "answers", engine: "stopping" }`. */
  checks: Record<string, string>;
}

export interface HealthDeps {
  /** Whether requests can be served now. It gives up by itself: a probe does not wait for ever. */
  ready(): Promise<Readiness>;
  metrics: Pick<Metrics, "contentType" | "text">;
}

const healthz = createRoute({
  method: "get",
  path: "/healthz",
  operationId: "isAlive",
  summary: "Whether the process is up",
  tags: ["Operations"],
  security: [],
  responses: { 200: jsonAnswer("It is up.", z.object({ status: z.literal("ok") })) },
});

const readyz = createRoute({
  method: "get",
  path: "/readyz",
  operationId: "isReady",
  summary: "Whether the process can serve: its database answers and its engine runs",
  tags: ["Operations"],
  security: [],
  responses: {
    200: jsonAnswer(
      "It can.",
      z.object({ status: z.literal("ready"), checks: z.record(z.string(), z.string()) }),
    ),
    ...problems("unavailable"),
  },
});

const metrics = createRoute({
  method: "get",
  path: "/metrics",
  operationId: "readMetrics",
  summary: "Metrics for Prometheus",
  tags: ["Operations"],
  security: [],
  responses: {
    200: { description: "All metrics.", content: { "text/plain": { schema: z.string() } } },
  },
});

/** What watches a process asks for. It needs no key and tells nothing of any workspace. */
export function healthRoutes(deps: HealthDeps): Routes {
  const routes = newRoutes();
  routes.openapi(healthz, (c) => c.json({ status: "ok" as const }, 200));
  routes.openapi(readyz, async (c) => {
    const { ready, checks } = await deps.ready();
    if (ready) return c.json({ status: "ready" as const, checks }, 200);
    throw new CurlewError("unavailable", "This process cannot serve now.", { extra: { checks } });
  });
  routes.openapi(metrics, async (c) =>
    c.text(await deps.metrics.text(), 200, { "content-type": deps.metrics.contentType }),
  );
  return routes;
}
