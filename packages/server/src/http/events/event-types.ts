import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import { EVENT_SCHEMAS } from "../../core/events/event-schemas.ts";
import { EVENT_TYPES, isCatalogued, isOwnType } from "../../core/events/event-types.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { schemaProblems } from "../../core/json/json-schema-rules.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { sampleBody, sampleDraft, sampleNamed } from "../../core/samples/event-samples.ts";
import { dialectNames, getDialect } from "../../dialects/registry.ts";
import { plainSpeech } from "../../dialects/speech.ts";
import {
  countOwnTypes,
  deleteOwnType,
  findOwnType,
  listOwnTypes,
  type OwnType,
  putOwnType,
} from "../../storage/events/event-types.ts";
import type { ChangeConfig } from "../../storage/workspaces/config-changes.ts";
import {
  fieldRefused,
  jsonAnswer,
  jsonBody,
  newRoutes,
  problems,
  type Routes,
  requireScope,
} from "../api.ts";
import { requireUnconfined } from "../resource.ts";
import { heldSchema, misfitInTime } from "./held-schema.ts";

const MOST_OWN_TYPES = 500;
const MOST_DESCRIPTION_LENGTH = 500;
const SAMPLE_ID = "01890a5d-ac96-774b-bcce-b302099a8057";

const anyObject = z.record(z.string(), z.unknown());

const ShownEventType = z
  .object({
    type: z.string().openapi({ example: "message.received" }),
    description: z.string(),
    operational: z.boolean().openapi({
      description: "About Curlew itself: `*` does not stand for it, it must be named.",
    }),
    is_own: z.boolean().openapi({ description: "The workspace has described it itself" }),
  })
  .openapi("EventType");

const ShownEventTypeDetail = ShownEventType.extend({
  schema: anyObject.nullable().openapi({
    description:
      "JSON Schema of `data`, which what is published must fit. Expect members that it does not name",
  }),
  example: anyObject.nullable().openapi({
    description: "Of an own type its `data`, as it was given; else a whole native body",
  }),
  rendered: z
    .object({
      dialect: z.string(),
      name: z.string().openapi({ description: "What the dialect calls it" }),
      body: z.string().openapi({ description: "To the byte, as an endpoint gets it" }),
    })
    .nullable()
    .openapi({
      description:
        "The example in the dialect that was asked for; null where none was, or where it has no such event",
    }),
}).openapi("EventTypeDetail");

const params = z.object({
  type: z.string().openapi({ param: { name: "type", in: "path" }, example: "order.shipped" }),
});
const tags = ["Events"];

const list = createRoute({
  tags,
  method: "get",
  path: "/event-types",
  operationId: "listEventTypes",
  summary: "Every event type that Curlew knows, and those that the workspace has described",
  responses: { 200: jsonAnswer("All of them.", z.object({ data: z.array(ShownEventType) })) },
});

const get = createRoute({
  tags,
  method: "get",
  path: "/event-types/{type}",
  operationId: "getEventType",
  summary: "Get an event type with its schema and an example, in any dialect",
  request: {
    params,
    query: z.strictObject({
      dialect: z.enum(dialectNames as [string, ...string[]]).optional(), // there are some
    }),
  },
  responses: { 200: jsonAnswer("The type.", ShownEventTypeDetail), ...problems("not_found") },
});

const put = createRoute({
  tags,
  middleware: requireScope("events:write"),
  method: "put",
  path: "/event-types/{type}",
  operationId: "putEventType",
  summary: "Describe a type of your own; events of it are checked against its schema",
  request: {
    params,
    body: jsonBody(
      z
        .strictObject({
          description: z.string().max(MOST_DESCRIPTION_LENGTH).default(""),
          schema: anyObject.nullable().default(null),
          example: anyObject.nullable().default(null),
        })
        .openapi("EventTypeDraft"),
    ),
  },
  responses: {
    200: jsonAnswer("The type.", ShownEventTypeDetail),
    ...problems("unknown_event_type", "conflict"),
  },
});

const remove = createRoute({
  tags,
  middleware: requireScope("events:write"),
  method: "delete",
  path: "/event-types/{type}",
  operationId: "deleteEventType",
  summary: "Forget what is said of a type of your own; its events stay",
  request: { params },
  responses: { 204: { description: "It is forgotten." }, ...problems("not_found") },
});

/** A sample as an endpoint of a dialect gets it; null where the dialect has no such event. */
function renderSample(dialectName: string, type: string, o: { now: number; workspaceId: string }) {
  const dialect = getDialect(dialectName);
  const own = dialect.events?.find((each) => each.type === type);
  if (dialect.events !== null && !own) return null;
  const draft = own ? sampleNamed(own, o) : sampleDraft(type, o);
  const frozen = { native: sampleBody(draft, SAMPLE_ID), history: null };
  const body = dialect.render(frozen, plainSpeech(dialect), dialect.renderer);
  return { dialect: dialectName, name: own?.name ?? type, body };
}

export interface EventTypeRoutesDeps {
  db: Queryable;
  changeConfig: ChangeConfig;
  clock: Pick<Clock, "now">;
}

export function eventTypeRoutes({ db, changeConfig, clock }: EventTypeRoutesDeps): Routes {
  const routes = newRoutes();

  routes.openapi(list, async (c) => {
    const own = await listOwnTypes(db, c.var.principal.workspaceId);
    const known = EVENT_TYPES.map((each) => ({ ...each, is_own: false }));
    return c.json({ data: [...known, ...own.map(showOwn)] }, 200);
  });

  routes.openapi(get, async (c) => {
    const { type } = c.req.valid("param");
    const { workspaceId } = c.var.principal;
    const known = EVENT_TYPES.find((each) => each.type === type);
    if (known) {
      const { dialect } = c.req.valid("query");
      const scene = { now: clock.now(), workspaceId };
      const rendered = dialect === undefined ? null : renderSample(dialect, type, scene);
      // What `JSON.stringify` made of our own sample.
      const example = JSON.parse(sampleBody(sampleDraft(type, scene), SAMPLE_ID)) as Record<
        string,
        unknown
      >;
      return c.json(
        { ...known, is_own: false, schema: EVENT_SCHEMAS[type] ?? null, example, rendered },
        200,
      );
    }
    const own = await findOwnType(db, workspaceId, type);
    if (!own) throw notDescribed(type);
    return c.json(showDetail(own), 200);
  });

  routes.openapi(put, async (c) => {
    const { principal } = c.var;
    requireUnconfined(principal);
    const { type } = c.req.valid("param");
    const { description, schema, example } = c.req.valid("json");
    requireOwn(type);
    if (schema !== null) requireSchema(schema, example);
    const { workspaceId } = principal;
    const isNew = (await findOwnType(db, workspaceId, type)) === null;
    if (isNew && (await countOwnTypes(db, workspaceId)) >= MOST_OWN_TYPES) {
      throw new CurlewError("conflict", `A workspace describes ${MOST_OWN_TYPES} types at most.`);
    }
    const own = await changeConfig(
      workspaceId,
      (tx) =>
        putOwnType(tx, workspaceId, {
          ...{ type, description, now: clock.now() },
          schema: schema && JSON.stringify(schema),
          example: example && JSON.stringify(example),
        }),
      { everywhere: true },
    );
    return c.json(showDetail(own), 200);
  });

  routes.openapi(remove, async (c) => {
    const { principal } = c.var;
    requireUnconfined(principal);
    const { type } = c.req.valid("param");
    const { workspaceId } = principal;
    if ((await findOwnType(db, workspaceId, type)) === null) throw notDescribed(type);
    await changeConfig(workspaceId, (tx) => deleteOwnType(tx, workspaceId, type), {
      everywhere: true,
    });
    return c.body(null, 204);
  });

  return routes;
}

function requireOwn(type: string): void {
  if (isOwnType(type)) return;
  const detail = isCatalogued(type)
    ? "is Curlew's own to describe"
    : "is no type of your own: dotted lower case outside Curlew's namespaces, like order.shipped";
  throw fieldRefused("type", detail, "unknown_event_type");
}

function requireSchema(schema: Record<string, unknown>, example: object | null): void {
  const [problem] = schemaProblems(schema);
  if (problem) {
    throw fieldRefused(`/schema${problem.path.map((part) => `/${part}`).join("")}`, problem.detail);
  }
  // Without an example it is tried on something all the same: some schemas never come to an end.
  const found = misfitInTime(heldSchema(schema), example ?? {});
  if (found.kind === "endless") {
    throw fieldRefused("/schema", "takes too long to be held against an example");
  }
  if (example === null || found.value === null) return;
  const { place, words } = found.value;
  throw fieldRefused(`/example${place}`, `${words}, by the schema`);
}

function notDescribed(type: string): CurlewError {
  return new CurlewError(
    "not_found",
    `There is no event type ${type} that somebody has described.`,
  );
}

function showOwn({ type, description }: OwnType): z.infer<typeof ShownEventType> {
  return { type, description, operational: false, is_own: true };
}

function showDetail(own: OwnType): z.infer<typeof ShownEventTypeDetail> {
  const read = (text: string | null) =>
    text === null ? null : (JSON.parse(text) as Record<string, unknown>); // as we wrote it
  return { ...showOwn(own), schema: read(own.schema), example: read(own.example), rendered: null };
}
