import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../core/errors.ts";
import { deliveryId, publicId } from "../core/ids.ts";
import type { Principal } from "../core/principal.ts";
import type { Queryable } from "../core/recording.ts";
import type { Publish } from "../delivery/publish.ts";
import type { Replays } from "../delivery/replay.ts";
import { hurryProbe } from "../storage/endpoint-health.ts";
import { type Endpoint, findEndpoint } from "../storage/endpoints.ts";
import {
  idParams,
  jsonAnswer,
  jsonBody,
  newRoutes,
  notFound,
  problems,
  type Routes,
  requireScope,
  shownId,
} from "./api.ts";
import { instantSchema } from "./instant.ts";
import { replayFilters, requireTypes, ShownReplay, showReplay } from "./replay-body.ts";
import { ownerOf } from "./resource.ts";

const tags = ["Endpoints"];
const params = idParams("ep");
const FINAL = ["delivered", "dead", "cancelled"] as const;

const replay = createRoute({
  tags,
  middleware: requireScope("deliveries:write"),
  method: "post",
  path: "/endpoints/{id}/replay",
  operationId: "replayEndpoint",
  summary: "Replay what an endpoint was sent since a time",
  request: {
    params,
    body: jsonBody(
      z
        .strictObject({
          ...replayFilters,
          since: instantSchema,
          states: z
            .array(z.enum(FINAL))
            .min(1)
            .default([...FINAL]),
        })
        .openapi("EndpointReplay"),
    ),
  },
  responses: {
    202: jsonAnswer("How many, and the job that replays them.", ShownReplay),
    ...problems("not_found", "unknown_event_type"),
  },
});

const test = createRoute({
  tags,
  middleware: requireScope("endpoints:write"),
  method: "post",
  path: "/endpoints/{id}/test",
  operationId: "testEndpoint",
  summary: "Send a test event to an endpoint, and to no other",
  request: { params },
  responses: {
    202: jsonAnswer(
      "The event, and the delivery to look at.",
      z.object({ event_id: shownId("evt"), delivery_id: z.string() }).openapi("EndpointTest"),
    ),
    ...problems("not_found", "conflict"),
  },
});

export interface EndpointActionRoutesDeps {
  db: Queryable;
  clock: { now(): number };
  publish: Publish;
  replays: Pick<Replays, "many">;
}

export function endpointActionRoutes(deps: EndpointActionRoutesDeps): Routes {
  const { db, clock, publish, replays } = deps;
  const routes = newRoutes();

  routes.openapi(replay, async (c) => {
    const { principal } = c.var;
    const body = c.req.valid("json");
    requireTypes(body.types);
    const { serial } = await getEndpoint(principal, c.req.valid("param").id);
    const { since, until, types, states, dry_run: dryRun } = body;
    const started = await replays.many(ownerOf(principal), {
      ...{ endpoint: serial, states: [...new Set(states)], since, dryRun },
      ...(types && { types }),
      ...(until !== undefined && { until }),
    });
    return c.json(showReplay(started, dryRun), 202);
  });

  routes.openapi(test, async (c) => {
    const { principal } = c.var;
    const endpoint = await getEndpoint(principal, c.req.valid("param").id);
    if (endpoint.state !== "enabled") {
      const detail = `The endpoint is ${endpoint.state}: nothing is sent to it.`;
      throw new CurlewError("conflict", detail);
    }
    // A person is waiting: the breaker need not.
    await hurryProbe(db, endpoint.serial, clock.now());
    const answer = await publish({
      workspaceId: principal.workspaceId,
      confinedTo: principal.accountId,
      items: [
        {
          type: "endpoint.tested",
          data: { endpoint_id: publicId("ep", endpoint.id), endpoint_name: endpoint.name },
          accountId: endpoint.ownerAccountId,
          campaignId: null,
          channel: null,
          conversationId: null,
          key: null,
          onlyEndpoint: endpoint.serial,
        },
      ],
    });
    const event = answer.kind === "published" ? answer.events[0] : undefined;
    if (!event) throw new CurlewError("conflict", "The endpoint's account was deleted.");
    return c.json(
      {
        event_id: publicId("evt", event.id),
        delivery_id: deliveryId(event.id, endpoint.serial),
      },
      202,
    );
  });

  async function getEndpoint(principal: Principal, id: string): Promise<Endpoint> {
    const endpoint = await findEndpoint(db, ownerOf(principal), id);
    if (endpoint) return endpoint;
    throw notFound("ep", publicId("ep", id));
  }

  return routes;
}
