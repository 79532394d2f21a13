import { createRoute } from "@hono/zod-openapi";
import type { EndpointAction } from "../../core/endpoints/endpoint-rules.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { listEndpoints } from "../../storage/endpoints/endpoints.ts";
import {
  idParams,
  jsonAnswer,
  jsonBody,
  listQueryById,
  newRoutes,
  onlyTroubled,
  pageSchema,
  problems,
  type Routes,
  requireScope,
  toPage,
} from "../api.ts";
import { ownerOf } from "../resource.ts";
import { PLAN_PROBLEMS } from "../workspaces/plan-limits.ts";
import { readBacklog, shownBacklog } from "./backlog.ts";
import { EndpointBody, EndpointPatch } from "./endpoint-body.ts";
import { type EndpointViews, ShownEndpoint, ShownNewEndpoint } from "./endpoint-view.ts";
import type { EndpointKeeper } from "./keeper.ts";

const tags = ["Endpoints"];
const reading = { tags, middleware: requireScope("endpoints:read") };
const writing = { tags, middleware: requireScope("endpoints:write") };
const params = idParams("ep");
const answer = jsonAnswer("The endpoint.", ShownEndpoint);
const refusals = problems("unknown_event_type", "address_refused", ...PLAN_PROBLEMS);

const create = createRoute({
  ...writing,
  method: "post",
  path: "/endpoints",
  operationId: "createEndpoint",
  summary: "Subscribe a URL to events",
  request: { body: jsonBody(EndpointBody) },
  responses: { 201: jsonAnswer("The endpoint.", ShownNewEndpoint), ...refusals },
});

const list = createRoute({
  ...reading,
  method: "get",
  path: "/endpoints",
  operationId: "listEndpoints",
  summary: "List endpoints, the newest first",
  request: {
    query: listQueryById({
      state: ShownEndpoint.shape.state.optional(),
      troubled: onlyTroubled(
        "Only those that fail now, wait to be verified, are paused, or were disabled for failing",
      ),
    }),
  },
  responses: { 200: jsonAnswer("A page.", pageSchema(ShownEndpoint)) },
});

const get = createRoute({
  ...reading,
  method: "get",
  path: "/endpoints/{id}",
  operationId: "getEndpoint",
  summary: "Get an endpoint",
  request: { params },
  responses: { 200: answer, ...problems("not_found") },
});

const patch = createRoute({
  ...writing,
  method: "patch",
  path: "/endpoints/{id}",
  operationId: "updateEndpoint",
  summary: "Change an endpoint; its dialect never changes",
  request: { params, body: jsonBody(EndpointPatch) },
  responses: {
    200: answer,
    ...problems("not_found", "unknown_event_type", "address_refused", ...PLAN_PROBLEMS),
  },
});

const remove = createRoute({
  ...writing,
  method: "delete",
  path: "/endpoints/{id}",
  operationId: "deleteEndpoint",
  summary: "Delete an endpoint; its delivery log stays",
  request: { params },
  responses: { 204: { description: "Deleted." }, ...problems("not_found") },
});

const ACTIONS: Record<EndpointAction, string> = {
  enable:
    "Collect and deliver events again, from now on; what has to be verified is verified first",
  disable: "Stop: nothing new is collected",
  pause: "Hold deliveries back; events are kept for later",
  resume: "Deliver again, what was held back first",
};

const backToWork = jsonAnswer(
  "The endpoint, what waits for it and comes by itself, and what it has missed and can be sent again.",
  ShownEndpoint.extend(shownBacklog).openapi("ReturnedEndpoint"),
);
const act = <Answer extends typeof answer | typeof backToWork>(
  action: EndpointAction,
  described: Answer,
) =>
  createRoute({
    ...writing,
    method: "post",
    path: `/endpoints/{id}/${action}`,
    operationId: `${action}Endpoint`,
    summary: ACTIONS[action],
    request: { params },
    responses: {
      200: described,
      ...problems("not_found", "conflict", "verification_failed", ...PLAN_PROBLEMS),
    },
  });

export interface EndpointRoutesDeps {
  db: Queryable;
  keeper: EndpointKeeper;
  views: EndpointViews;
}

export function endpointRoutes({ db, keeper, views }: EndpointRoutesDeps): Routes {
  const routes = newRoutes();

  routes.openapi(create, async (c) => {
    const body = c.req.valid("json");
    const { secret, ...kept } = await keeper.create(c.var.principal, body);
    return c.json({ ...(await views.showChanged(kept, body.events)), secret }, 201);
  });

  routes.openapi(list, async (c) => {
    const { limit, cursor, state, troubled } = c.req.valid("query");
    const page = { limit: limit + 1, before: cursor, state, troubled: troubled === "true" };
    const rows = await listEndpoints(db, ownerOf(c.var.principal), page);
    const show = await views.showing(rows);
    return c.json(
      toPage(rows, limit, ({ id }) => id, show),
      200,
    );
  });

  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await views.show(await keeper.get(c.var.principal, id)), 200);
  });

  routes.openapi(patch, async (c) => {
    const { id } = c.req.valid("param");
    const body = c.req.valid("json");
    const kept = await keeper.update(c.var.principal, id, body);
    return c.json(await views.showChanged(kept, body.events), 200);
  });

  routes.openapi(remove, async (c) => {
    await keeper.remove(c.var.principal, c.req.valid("param").id);
    return c.body(null, 204);
  });

  for (const action of ["enable", "resume"] as const) {
    routes.openapi(act(action, backToWork), async (c) => {
      const endpoint = await keeper.act(c.var.principal, c.req.valid("param").id, action);
      return c.json({ ...(await views.show(endpoint)), ...(await readBacklog(db, endpoint)) }, 200);
    });
  }
  for (const action of ["disable", "pause"] as const) {
    routes.openapi(act(action, answer), async (c) => {
      const endpoint = await keeper.act(c.var.principal, c.req.valid("param").id, action);
      return c.json(await views.show(endpoint), 200);
    });
  }

  return routes;
}
