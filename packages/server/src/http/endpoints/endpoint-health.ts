import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId, timeOfId } from "../../core/ids.ts";
import { countWaiting, findLastFailure } from "../../storage/deliveries/delivery-health.ts";
import { findHealth } from "../../storage/endpoints/endpoint-health.ts";
import { findEndpoint } from "../../storage/endpoints/endpoints.ts";
import { readHours } from "../../storage/figures/endpoint-hours.ts";
import { readOwed } from "../../storage/queue/behind.ts";
import {
  idParams,
  jsonAnswer,
  newRoutes,
  notFound,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";
import { ownerOf } from "../resource.ts";
import { MOST_COUNTED, readMissed, shownBacklog } from "./backlog.ts";

const HOUR_MS = 60 * 60_000;
const HOURS = 24;

const ShownHealth = z
  .object({
    endpoint_id: shownId("ep"),
    state: z.enum(["pending", "enabled", "disabled", "paused"]),
    breaker: z
      .object({
        state: z.enum(["closed", "open", "probing"]),
        opened_at: shownInstant.nullable(),
        failed_probes: z.int(),
        next_probe_at: shownInstant.nullable(),
      })
      .openapi({
        description:
          "Open after a long row of failures: one request at a time finds out whether the endpoint is back. In the compatible dialects it is only shown",
      }),
    failing_since: shownInstant.nullable(),
    last_failure: z
      .object({
        at: shownInstant,
        status: z.int().nullable(),
        error: z.string().nullable(),
      })
      .nullable(),
    ...shownBacklog,
    behind_since: shownInstant.nullable().openapi({
      description:
        "Events from then on wait in the log until the endpoint has caught up: it is paused, disabled, or hopelessly late",
    }),
    process: z
      .object({
        in_flight: z.int(),
        in_memory: z.int(),
        slots: z.int().openapi({ description: "How many requests may be in flight at once" }),
      })
      .nullable()
      .openapi({ description: "In the process that answers; null where it sends nothing to it" }),
    hours: z
      .array(
        z.object({
          hour: shownInstant,
          delivered: z.int(),
          failed: z.int(),
          slow: z.int(),
          average_ms: z.int(),
        }),
      )
      .openapi({
        description:
          "Requests by hour, the last 24, up to some seconds ago; hours without any are left out",
      }),
  })
  .openapi("EndpointHealth");

const health = createRoute({
  tags: ["Endpoints"],
  middleware: requireScope("endpoints:read"),
  method: "get",
  path: "/endpoints/{id}/health",
  operationId: "getEndpointHealth",
  summary: "How an endpoint fares: breaker, queue, requests by hour, last failure",
  request: { params: idParams("ep") },
  responses: { 200: jsonAnswer("Its health.", ShownHealth), ...problems("not_found") },
});

export interface EndpointHealthRoutesDeps {
  db: Queryable;
  clock: { now(): number };
  /** What this process has of an endpoint, by its serial. */
  lane(endpoint: number): { inFlight: number; queued: number; slots: number } | undefined;
}

export function endpointHealthRoutes({ db, clock, lane }: EndpointHealthRoutesDeps): Routes {
  const routes = newRoutes();

  routes.openapi(health, async (c) => {
    const { principal } = c.var;
    const { id } = c.req.valid("param");
    const endpoint = await findEndpoint(db, ownerOf(principal), id);
    if (!endpoint) throw notFound("ep", publicId("ep", id));
    const { serial, workspaceId } = endpoint;
    const found = await findHealth(db, serial);
    const last =
      found?.lastFailedAt != null
        ? { at: found.lastFailedAt, status: found.lastStatus, error: found.lastError }
        : await findLastFailure(db, workspaceId, serial);
    const here = lane(serial);
    const owed = await readOwed(db, serial, MOST_COUNTED);
    const hours = await readHours(db, serial, clock.now() - HOURS * HOUR_MS);
    return c.json(
      {
        endpoint_id: publicId("ep", id),
        state: endpoint.state,
        breaker: {
          state:
            found?.state !== "open"
              ? ("closed" as const)
              : found.probeProcess === null
                ? ("open" as const)
                : ("probing" as const),
          opened_at: showInstant(found?.openedAt ?? null),
          failed_probes: found?.probes ?? 0,
          next_probe_at: showInstant(found?.probeAt ?? null),
        },
        failing_since: showInstant(found?.failingSince ?? null),
        last_failure: last && { ...last, at: showInstant(last.at) },
        missed: await readMissed(db, { workspaceId, serial }, found),
        waiting: (await countWaiting(db, serial, MOST_COUNTED)) + (owed?.count ?? 0),
        behind_since: owed && showInstant(timeOfId(owed.from)),
        process: here
          ? { in_flight: here.inFlight, in_memory: here.queued, slots: here.slots }
          : null,
        hours: hours.map(({ hour, delivered, failed, slow, ms }) => ({
          hour: showInstant(hour),
          ...{ delivered, failed, slow },
          average_ms: Math.round(ms / Math.max(1, delivered + failed)),
        })),
      },
      200,
    );
  });

  return routes;
}
