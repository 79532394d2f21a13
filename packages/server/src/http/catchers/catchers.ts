import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { deliveryId, parseId, publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import { DIAGNOSED } from "../../dialects/doctor/schemes.ts";
import {
  type Catcher,
  type Caught,
  clearCaught,
  deleteCatcher,
  findCatcher,
  findCaught,
  insertCatcher,
  listCatchers,
  listCaught,
  updateCatcher,
} from "../../storage/endpoints/catchers.ts";
import {
  idParams,
  idSchema,
  jsonAnswer,
  jsonBody,
  listQueryById,
  newRoutes,
  notFound,
  pageById,
  pageSchema,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";
import { ownerOf } from "../resource.ts";
import type { Verdict } from "./catch.ts";

const MOST_CATCHERS = 20;
const MOST_DELAY_MS = 60_000;
const MOST_KEPT = 500;

const tags = ["Catchers"];
const reading = { tags, middleware: requireScope("endpoints:read") };
const writing = { tags, middleware: requireScope("endpoints:write") };
const params = idParams("cat");

const fields = {
  name: z.string().trim().min(1).max(100),
  status: z.int().min(200).max(599).openapi({ description: "What it answers" }),
  delay_ms: z.int().min(0).max(MOST_DELAY_MS).openapi({ description: "How long that takes" }),
  keep: z.int().min(1).max(MOST_KEPT).openapi({ description: "How many requests it remembers" }),
};
const CatcherBody = z.strictObject({
  name: fields.name.default("Catcher"),
  status: fields.status.default(200),
  delay_ms: fields.delay_ms.default(0),
  keep: fields.keep.default(100),
});
const CatcherPatch = z.strictObject(fields).partial();

const ShownCatcher = z
  .object({
    id: shownId("cat"),
    url: z.string().openapi({
      description: "For an endpoint: the address guard lets webhooks go there",
      example: `http://127.0.0.1:8400/catch/${publicId("cat", "01890a5d-ac96-774b-bcce-b302099a8057")}`,
    }),
    ...fields,
    created_at: shownInstant,
    updated_at: shownInstant,
  })
  .openapi("Catcher");

const caught = {
  id: shownId("req"),
  received_at: shownInstant,
  method: z.string(),
  headers: z.array(z.tuple([z.string(), z.string()])).openapi({ description: "As they came" }),
  body_bytes: z.int(),
  answered: z.int(),
  event_id: z.string().nullable().openapi({ description: "What `webhook-id` names" }),
  event_type: z.string().nullable().openapi({ description: "What `webhook-event` says" }),
  endpoint_id: shownId("ep").nullable(),
  delivery_id: shownId("dlv").nullable(),
  signature: z
    .object({
      accepted: z.boolean(),
      dialect: z.enum(DIAGNOSED),
      expected: z.string().nullable(),
      findings: z.array(z.object({ code: z.string(), detail: z.string(), advice: z.string() })),
    })
    .nullable()
    .openapi({
      description:
        "What the signature was worth when it came, by the secrets of the endpoint that sends here; null where none does",
    }),
};
const ShownCaught = z.object(caught).openapi("CaughtRequest");
const ShownWhole = z
  .object({
    ...caught,
    body: z.string().nullable().openapi({
      description: "As it came; null where message bodies are purged: then it is not written down",
    }),
    encoding: z
      .enum(["utf8", "base64"])
      .openapi({ description: "base64 where the bytes are no text" }),
    body_is_whole: z.boolean(),
  })
  .openapi("WholeCaughtRequest");

const create = createRoute({
  ...writing,
  method: "post",
  path: "/catchers",
  operationId: "createCatcher",
  summary: "Make a receiver inside Curlew, at which webhooks can be looked at",
  request: { body: jsonBody(CatcherBody) },
  responses: { 201: jsonAnswer("The catcher.", ShownCatcher), ...problems("conflict") },
});
const list = createRoute({
  ...reading,
  method: "get",
  path: "/catchers",
  operationId: "listCatchers",
  summary: "List catchers, the newest first",
  request: { query: listQueryById({}) },
  responses: { 200: jsonAnswer("A page.", pageSchema(ShownCatcher)) },
});
const get = createRoute({
  ...reading,
  method: "get",
  path: "/catchers/{id}",
  operationId: "getCatcher",
  summary: "Get a catcher",
  request: { params },
  responses: { 200: jsonAnswer("The catcher.", ShownCatcher), ...problems("not_found") },
});
const patch = createRoute({
  ...writing,
  method: "patch",
  path: "/catchers/{id}",
  operationId: "updateCatcher",
  summary: "Change what a catcher answers",
  request: { params, body: jsonBody(CatcherPatch) },
  responses: { 200: jsonAnswer("The catcher.", ShownCatcher), ...problems("not_found") },
});
const remove = createRoute({
  ...writing,
  method: "delete",
  path: "/catchers/{id}",
  operationId: "deleteCatcher",
  summary: "Delete a catcher with everything that it has caught",
  request: { params },
  responses: { 204: { description: "Deleted." }, ...problems("not_found") },
});
const requests = createRoute({
  ...reading,
  method: "get",
  path: "/catchers/{id}/requests",
  operationId: "listCaughtRequests",
  summary: "List what a catcher has caught, the newest first, without bodies",
  request: { params, query: listQueryById({}) },
  responses: { 200: jsonAnswer("A page.", pageSchema(ShownCaught)), ...problems("not_found") },
});
const clear = createRoute({
  ...writing,
  method: "delete",
  path: "/catchers/{id}/requests",
  operationId: "clearCaughtRequests",
  summary: "Forget what a catcher has caught",
  request: { params },
  responses: { 204: { description: "Forgotten." }, ...problems("not_found") },
});
const request = createRoute({
  ...reading,
  method: "get",
  path: "/catchers/{id}/requests/{request_id}",
  operationId: "getCaughtRequest",
  summary: "Get a caught request with its body",
  request: {
    params: params.extend({
      request_id: idSchema("req").openapi({ param: { name: "request_id", in: "path" } }),
    }),
  },
  responses: { 200: jsonAnswer("The request.", ShownWhole), ...problems("not_found") },
});

export interface CatcherRoutesDeps {
  db: Queryable;
  clock: Pick<Clock, "now">;
  newId(): string;
  urlOf(catcherId: string): string;
}

export function catcherRoutes({ db, clock, newId, urlOf }: CatcherRoutesDeps): Routes {
  const routes = newRoutes();

  const find = async (principal: Principal, id: string): Promise<Catcher> => {
    const found = await findCatcher(db, ownerOf(principal), id);
    if (found) return found;
    throw notFound("cat", publicId("cat", id));
  };
  const show = (catcher: Catcher): z.infer<typeof ShownCatcher> => ({
    id: publicId("cat", catcher.id),
    url: urlOf(catcher.id),
    ...{
      name: catcher.name,
      status: catcher.status,
      delay_ms: catcher.delayMs,
      keep: catcher.keep,
    },
    created_at: showInstant(catcher.createdAt),
    updated_at: showInstant(catcher.updatedAt),
  });

  routes.openapi(create, async (c) => {
    const { name, status, delay_ms: delayMs, keep } = c.req.valid("json");
    const now = clock.now();
    const made: Catcher = {
      id: newId(),
      ...ownerOf(c.var.principal),
      ...{ name, status, delayMs, keep },
      ...{ createdAt: now, updatedAt: now },
    };
    if (!(await insertCatcher(db, made, MOST_CATCHERS))) {
      const detail = `A workspace has at most ${MOST_CATCHERS} catchers: delete one.`;
      throw new CurlewError("conflict", detail);
    }
    return c.json(show(made), 201);
  });

  routes.openapi(list, async (c) => {
    const owner = ownerOf(c.var.principal);
    const page = await pageById(c.req.valid("query"), (o) => listCatchers(db, owner, o), show);
    return c.json(page, 200);
  });

  routes.openapi(get, async (c) =>
    c.json(show(await find(c.var.principal, c.req.valid("param").id)), 200),
  );

  routes.openapi(patch, async (c) => {
    const before = await find(c.var.principal, c.req.valid("param").id);
    const change = c.req.valid("json");
    const after: Catcher = {
      ...before,
      name: change.name ?? before.name,
      status: change.status ?? before.status,
      delayMs: change.delay_ms ?? before.delayMs,
      keep: change.keep ?? before.keep,
      updatedAt: clock.now(),
    };
    await updateCatcher(db, after);
    return c.json(show(after), 200);
  });

  routes.openapi(remove, async (c) => {
    await deleteCatcher(db, (await find(c.var.principal, c.req.valid("param").id)).id);
    return c.body(null, 204);
  });

  routes.openapi(requests, async (c) => {
    const catcher = await find(c.var.principal, c.req.valid("param").id);
    const query = c.req.valid("query");
    const page = await pageById(query, (o) => listCaught(db, catcher.id, o), showCaught);
    return c.json(page, 200);
  });

  routes.openapi(clear, async (c) => {
    await clearCaught(db, (await find(c.var.principal, c.req.valid("param").id)).id);
    return c.body(null, 204);
  });

  routes.openapi(request, async (c) => {
    const { id, request_id: requestId } = c.req.valid("param");
    const catcher = await find(c.var.principal, id);
    const found = await findCaught(db, catcher.id, requestId);
    if (!found) throw notFound("req", publicId("req", requestId));
    const text = found.body?.toString("utf8") ?? null;
    const isText = text === null || Buffer.from(text, "utf8").equals(found.body ?? Buffer.of());
    return c.json(
      {
        ...showCaught(found),
        body: isText ? text : (found.body?.toString("base64") ?? null),
        encoding: isText ? ("utf8" as const) : ("base64" as const),
        body_is_whole: found.body?.length === found.bodyBytes,
      },
      200,
    );
  });

  return routes;
}

function showCaught(row: Caught): z.infer<typeof ShownCaught> {
  const headers = JSON.parse(row.headers) as [string, string][]; // written by `catch.ts` alone
  const verdict = row.verdict === null ? null : (JSON.parse(row.verdict) as Verdict); // likewise
  const header = (name: string) => headers.find(([each]) => each === name)?.[1] ?? null;
  const eventId = header("webhook-id");
  const uuid = eventId === null ? null : parseId("evt", eventId);
  return {
    id: publicId("req", row.id),
    received_at: showInstant(row.receivedAt),
    method: row.method,
    headers,
    body_bytes: row.bodyBytes,
    answered: row.answered,
    event_id: uuid === null ? null : eventId,
    event_type: header("webhook-event"),
    endpoint_id: row.endpointId === null ? null : publicId("ep", row.endpointId),
    delivery_id: uuid === null || verdict === null ? null : deliveryId(uuid, verdict.serial),
    signature: verdict && {
      accepted: verdict.accepted,
      dialect: verdict.dialect,
      expected: verdict.expected,
      findings: verdict.findings,
    },
  };
}
