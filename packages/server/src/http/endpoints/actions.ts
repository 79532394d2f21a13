import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import type { Replays } from "../../delivery/jobs/replay.ts";
import {
  idParams,
  jsonAnswer,
  jsonBody,
  newRoutes,
  problems,
  type Routes,
  requireScope,
} from "../api.ts";
import { replayFilters, requireTypes, ShownReplay, showReplay } from "../deliveries/replay-body.ts";
import { instantSchema } from "../parameters/instant.ts";
import { ownerOf } from "../resource.ts";
import { requireEndpoint } from "./probes.ts";

const tags = ["Endpoints"];
const params = idParams("ep");
const FINAL = ["delivered", "dead", "cancelled"] as const;
const MISSING = ["missing"] as const;

const replay = createRoute({
  tags,
  middleware: requireScope("deliveries:write"),
  method: "post",
  path: "/endpoints/{id}/replay",
  operationId: "replayEndpoint",
  summary: "Replay what an endpoint was sent since a time, or give it what it misses",
  request: {
    params,
    body: jsonBody(
      z
        .strictObject({
          ...replayFilters,
          since: instantSchema,
          states: z
            .array(z.enum([...FINAL, "missing"]))
            .min(1)
            .refine((named) => named.length === 1 || !named.includes("missing"), {
              error: "has missing stand alone",
            })
            .default([...FINAL])
            .openapi({
              description:
                'Of what was sent, by how it ended; or `["missing"]`: what its filters want now and what never reached it',
              example: [...MISSING],
            }),
        })
        .openapi("EndpointReplay"),
    ),
  },
  responses: {
    202: jsonAnswer("How many, and the job that replays them.", ShownReplay),
    ...problems("not_found", "unknown_event_type", "too_many_requests"),
  },
});

export interface EndpointActionRoutesDeps {
  db: Queryable;
  replays: Pick<Replays, "many" | "missing">;
}

export function endpointActionRoutes(deps: EndpointActionRoutesDeps): Routes {
  const { db, replays } = deps;
  const routes = newRoutes();

  routes.openapi(replay, async (c) => {
    const { principal } = c.var;
    const body = c.req.valid("json");
    requireTypes(body.types);
    const { serial } = await requireEndpoint(db, principal, c.req.valid("param").id);
    const { since, until, types, states, dry_run: dryRun } = body;
    const request = {
      ...{ endpoint: serial, since, dryRun },
      ...(types && { types }),
      ...(until !== undefined && { until }),
    };
    const ended = states.filter((each) => each !== "missing");
    const started =
      ended.length < states.length
        ? await replays.missing(ownerOf(principal), request)
        : await replays.many(ownerOf(principal), { ...request, states: [...new Set(ended)] });
    return c.json(showReplay(started, dryRun), 202);
  });

  return routes;
}
