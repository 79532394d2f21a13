import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { CurlewError } from "../../../core/errors.ts";
import type { Queryable } from "../../../core/events/recording.ts";
import { listsType } from "../../../core/events/subscription.ts";
import { testEndpoint } from "../../../delivery/endpoints/endpoint-test.ts";
import type { Notices } from "../../../delivery/endpoints/notices.ts";
import type { Prober } from "../../../delivery/endpoints/prober.ts";
import { genesy } from "../../../dialects/genesy/dialect.ts";
import { countAttempts, listAttempts } from "../../../storage/deliveries/attempt-log.ts";
import { listSecrets } from "../../../storage/endpoints/endpoint-secrets.ts";
import {
  countEndpointsOf,
  type Endpoint,
  findEndpointOf,
  listEndpointsOf,
} from "../../../storage/endpoints/endpoints.ts";
import {
  type AppEnv,
  fieldRefused,
  jsonAnswer,
  jsonBody,
  newRoutes,
  optionalJsonBody,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownInstant,
} from "../../api.ts";
import { insteadOf } from "../../problems/refusal-words.ts";
import { ownerOf } from "../../resource.ts";
import { PLAN_PROBLEMS } from "../../workspaces/plan-limits.ts";
import { type ReplaceSecretDeps, replaceSecret } from "../endpoint-secret.ts";
import type { EndpointKeeper } from "../keeper.ts";
import { type FindView, requireView } from "../probes.ts";
import { ShownLog, showLog } from "./genesy-log.ts";

const DIALECT = genesy.name;
const MOST_COUNTED = 10_000;
const named = genesy.events ?? [];
const names = named.map(({ name }) => name) as [string, ...string[]]; // it has eight

const integer = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const changeable = {
  name: z.string().min(1).max(255),
  url: z.string().min(1).max(2048),
  events: z.array(z.enum(names)).min(1).max(names.length),
  secret: z.string().min(8).max(256).nullable(),
  campaignIds: z.array(integer).max(100),
  customFields: z.array(z.string().min(1).max(64)).max(100),
  enabled: z.boolean(),
};
const elsewhere = {
  error: insteadOf({
    dialect: "is always genesy here: POST /v1/endpoints makes endpoints of the others",
    state: "is not given here: enabled, true or false, stands for it",
  }),
};
const WebhookBody = z
  .strictObject(changeable, elsewhere)
  .partial({ secret: true, campaignIds: true, customFields: true, enabled: true })
  .openapi("GenesyWebhookDraft");
const WebhookPatch = z.strictObject(changeable, elsewhere).partial().openapi("GenesyWebhookPatch");

const ShownWebhook = z
  .object({
    id: z.int(),
    name: z.string(),
    url: z.string(),
    events: z.array(z.string()),
    campaignIds: z.array(z.int()),
    customFields: z.array(z.string()),
    enabled: z.boolean(),
    hasSecret: z.boolean(),
    createdAt: shownInstant,
    updatedAt: shownInstant,
  })
  .openapi("GenesyWebhook");

const meta = z.object({ page: z.int(), pageSize: z.int(), total: z.int() });
const envelope = <Data extends z.ZodType>(data: Data) =>
  z.object({ status: z.literal("success"), message: z.string(), data });
const answer = jsonAnswer("The subscription.", envelope(ShownWebhook));

const params = z.object({
  id: z.coerce
    .number()
    .int()
    .min(1)
    .max(0x7fffffff)
    .openapi({ type: "integer", param: { name: "id", in: "path" }, example: 123 }),
});
const paging = (size: number) =>
  z.strictObject({
    page: z.coerce.number().int().min(1).max(MOST_COUNTED).default(1),
    pageSize: z.coerce.number().int().min(1).max(100).default(size),
  });

const tags = ["Genesy"];
const reading = { tags, middleware: requireScope("endpoints:read") };
const writing = { tags, middleware: requireScope("endpoints:write") };
const refusals = problems("address_refused", ...PLAN_PROBLEMS);

const list = createRoute({
  ...reading,
  method: "get",
  path: "/webhooks",
  operationId: "listGenesyWebhooks",
  summary: "Genesy: list webhook subscriptions, the newest first",
  request: { query: paging(100) },
  responses: {
    200: jsonAnswer("A page.", envelope(z.array(ShownWebhook)).extend({ meta })),
  },
});
const create = createRoute({
  ...writing,
  method: "post",
  path: "/webhooks",
  operationId: "createGenesyWebhook",
  summary: "Genesy: create a webhook subscription",
  request: { body: jsonBody(WebhookBody) },
  responses: { 201: answer, ...refusals },
});
const get = createRoute({
  ...reading,
  method: "get",
  path: "/webhooks/{id}",
  operationId: "getGenesyWebhook",
  summary: "Genesy: get a webhook subscription",
  request: { params },
  responses: { 200: answer, ...problems("not_found") },
});
const patch = createRoute({
  ...writing,
  method: "patch",
  path: "/webhooks/{id}",
  operationId: "updateGenesyWebhook",
  summary: "Genesy: change a webhook subscription; a null secret removes it",
  request: { params, body: jsonBody(WebhookPatch) },
  responses: { 200: answer, ...problems("not_found", "address_refused", ...PLAN_PROBLEMS) },
});
const remove = createRoute({
  ...writing,
  method: "delete",
  path: "/webhooks/{id}",
  operationId: "deleteGenesyWebhook",
  summary: "Genesy: delete a webhook subscription",
  request: { params },
  responses: {
    200: jsonAnswer("It is gone.", envelope(z.null())),
    ...problems("not_found"),
  },
});
const logs = createRoute({
  tags,
  middleware: requireScope("deliveries:read"),
  method: "get",
  path: "/webhooks/{id}/logs",
  operationId: "listGenesyWebhookLogs",
  summary: "Genesy: every attempt at a subscription's deliveries, the newest event first",
  request: { params, query: paging(20) },
  responses: {
    200: jsonAnswer(
      `A page. \`total\` counts up to ${MOST_COUNTED}.`,
      z.object({ data: z.array(ShownLog), meta }),
    ),
    ...problems("not_found"),
  },
});
const test = createRoute({
  ...writing,
  method: "post",
  path: "/webhooks/{id}/test",
  operationId: "testGenesyWebhook",
  summary: "Genesy: send a sample event to a subscription",
  request: { params, body: optionalJsonBody(z.strictObject({})) },
  responses: {
    200: jsonAnswer(
      "What came of it.",
      envelope(
        z.object({
          delivered: z.boolean(),
          eventType: z.string(),
          statusCode: z.int().nullable(),
          errorMessage: z.string().nullable(),
          durationMs: z.int(),
        }),
      ),
    ),
    ...problems("not_found", "conflict"),
  },
});

export interface GenesyDeps extends ReplaceSecretDeps {
  db: Queryable;
  keeper: EndpointKeeper;
  prober: Prober;
  findView: FindView;
  notices: Pick<Notices, "secretRotated" | "tested" | "soon">;
}

/** Genesy's own API for webhooks: its fields, its numbers for ids, its envelopes; its endpoints alone. */
export function genesyRoutes(deps: GenesyDeps): Routes {
  const { db, keeper } = deps;
  const routes = newRoutes();

  routes.openapi(list, async (c) => {
    const { page, pageSize } = c.req.valid("query");
    const owner = ownerOf(c.var.principal);
    const total = await countEndpointsOf(db, owner, DIALECT);
    const rows = await listEndpointsOf(db, owner, DIALECT, {
      limit: pageSize,
      offset: (page - 1) * pageSize,
    });
    const data = await showAll(rows);
    const found = { page, pageSize, total };
    return c.json({ ...success("Webhooks retrieved successfully", data), meta: found }, 200);
  });

  routes.openapi(create, async (c) => {
    const { campaignIds, customFields, ...body } = c.req.valid("json");
    const { endpoint } = await keeper.create(c.var.principal, {
      ...body,
      ...filters({ campaignIds, customFields }),
      dialect: DIALECT,
    });
    return c.json(success("Webhook created successfully", await show(endpoint)), 201);
  });

  routes.openapi(get, async (c) => {
    const endpoint = await find(c, c.req.valid("param").id);
    return c.json(success("Webhook retrieved successfully", await show(endpoint)), 200);
  });

  routes.openapi(patch, async (c) => {
    const { principal } = c.var;
    const { secret, enabled, campaignIds, customFields, ...body } = c.req.valid("json");
    const { id } = await find(c, c.req.valid("param").id);
    const problem = secret ? genesy.secret.problem(secret) : null;
    if (problem !== null) throw fieldRefused("/secret", problem);
    const change = { ...body, ...filters({ campaignIds, customFields }) };
    let { endpoint } = await keeper.update(principal, id, change);
    if (secret !== undefined) await replaceSecret(deps, principal, id, secret);
    if (enabled !== undefined && enabled !== (endpoint.state === "enabled")) {
      endpoint = await keeper.act(principal, id, enabled ? "enable" : "disable");
    }
    return c.json(success("Webhook updated successfully", await show(endpoint)), 200);
  });

  routes.openapi(remove, async (c) => {
    const { id } = await find(c, c.req.valid("param").id);
    await keeper.remove(c.var.principal, id);
    return c.json(success("Webhook deleted successfully", null), 200);
  });

  routes.openapi(logs, async (c) => {
    const { page, pageSize } = c.req.valid("query");
    const { serial, workspaceId } = await find(c, c.req.valid("param").id);
    const total = await countAttempts(db, { workspaceId, serial }, MOST_COUNTED);
    const offset = (page - 1) * pageSize;
    const rows =
      offset >= total
        ? []
        : await listAttempts(db, { workspaceId, serial }, { limit: pageSize, offset });
    return c.json({ data: rows.map(showLog), meta: { page, pageSize, total } }, 200);
  });

  routes.openapi(test, async (c) => {
    const endpoint = await find(c, c.req.valid("param").id);
    const outcome = await testEndpoint(deps, await requireView(deps.findView, endpoint), undefined);
    if ("refusal" in outcome) throw fieldRefused("/events", outcome.refusal);
    const { delivered, result, error } = outcome;
    const data = {
      delivered,
      eventType: wireName(outcome.request.body),
      statusCode: result.kind === "response" ? result.status : null,
      errorMessage: error,
      durationMs: Math.round(result.ms),
    };
    const message = delivered ? "Test event delivered" : "Test event was not delivered";
    return c.json(success(message, data), 200);
  });

  async function find(c: Context<AppEnv>, serial: number): Promise<Endpoint> {
    const endpoint = await findEndpointOf(db, ownerOf(c.var.principal), DIALECT, serial);
    if (endpoint) return endpoint;
    throw new CurlewError("not_found", `There is no webhook ${serial}.`);
  }

  async function showAll(endpoints: readonly Endpoint[]): Promise<z.infer<typeof ShownWebhook>[]> {
    const ids = endpoints.map(({ id }) => id);
    const secrets = await listSecrets(db, ids, deps.clock.now());
    const signing = new Set(
      secrets.filter(({ stage }) => stage === "signing").map(({ endpointId }) => endpointId),
    );
    return endpoints.map((endpoint) => ({
      id: endpoint.serial,
      name: endpoint.name,
      url: endpoint.url,
      events: eventsOf(endpoint),
      campaignIds: endpoint.campaignIds.map(Number).filter(Number.isSafeInteger),
      customFields: endpoint.customFields,
      enabled: endpoint.state === "enabled",
      hasSecret: signing.has(endpoint.id),
      createdAt: showInstant(endpoint.createdAt),
      updatedAt: showInstant(endpoint.updatedAt),
    }));
  }

  async function show(endpoint: Endpoint): Promise<z.infer<typeof ShownWebhook>> {
    const [shown] = await showAll([endpoint]);
    if (!shown) throw new Error("one endpoint was to be shown, and none was");
    return shown;
  }

  return routes;
}

function success<Data>(message: string, data: Data) {
  return { status: "success" as const, message, data };
}

/** Its names alone: an endpoint that was made elsewhere may name types, prefixes and everything. */
function eventsOf({ events }: Endpoint): string[] {
  const shown = events.flatMap((text) =>
    named
      .filter(({ name, type }) => name === text || listsType([text], type))
      .map(({ name }) => name),
  );
  return [...new Set(shown)];
}

/** Campaigns are numbers there and texts here. */
function filters(given: {
  campaignIds?: readonly number[] | undefined;
  customFields?: string[] | undefined;
}) {
  const { campaignIds, customFields } = given;
  return {
    ...(campaignIds && { campaign_ids: campaignIds.map(String) }),
    ...(customFields && { custom_fields: customFields }),
  };
}

/** What a body of ours calls its event. */
function wireName(body: string): string {
  const { eventType } = JSON.parse(body) as { eventType: string };
  return eventType;
}
