import { randomBytes } from "node:crypto";
import { createRoute } from "@hono/zod-openapi";
import { type EndpointAction, firstState, stateAfter } from "../core/endpoint-rules.ts";
import { CurlewError } from "../core/errors.ts";
import { publicId } from "../core/ids.ts";
import type { Principal } from "../core/principal.ts";
import type { Queryable } from "../core/recording.ts";
import type { Vault } from "../runtime/vault.ts";
import type { Tx } from "../storage/connections.ts";
import { forgetFailures } from "../storage/endpoint-health.ts";
import { insertEndpointSecret } from "../storage/endpoint-secrets.ts";
import {
  deleteEndpoint,
  type Endpoint,
  type EndpointDraft,
  findEndpoint,
  insertEndpoint,
  insertEndpointVersion,
  listEndpoints,
  secretPlace,
  updateEndpoint,
} from "../storage/endpoints.ts";
import {
  fieldRefused,
  idParams,
  jsonAnswer,
  jsonBody,
  listQueryById,
  newRoutes,
  notFound,
  pageSchema,
  problems,
  type Routes,
  requireScope,
  toPage,
} from "./api.ts";
import { EndpointBody, type EndpointChange, EndpointPatch } from "./endpoint-body.ts";
import {
  columnsOf,
  requireEventSelectors,
  requireOptions,
  requireReachable,
  type UrlVerdict,
} from "./endpoint-change.ts";
import {
  type EndpointViews,
  type OfferedDialect,
  ShownEndpoint,
  ShownNewEndpoint,
} from "./endpoint-view.ts";
import { PLAN_PROBLEMS, requireEndpointPlan } from "./plan-limits.ts";
import { ownerOf, type ResourceDeps } from "./resource.ts";

const SECRET_BYTES = 32;

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
  request: { query: listQueryById({ state: ShownEndpoint.shape.state.optional() }) },
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
  enable: "Collect and deliver events again, from now on",
  disable: "Stop: nothing new is collected",
  pause: "Hold deliveries back; events are kept for later",
  resume: "Deliver again, what was held back first",
};

const act = (action: EndpointAction) =>
  createRoute({
    ...writing,
    method: "post",
    path: `/endpoints/{id}/${action}`,
    operationId: `${action}Endpoint`,
    summary: ACTIONS[action],
    request: { params },
    responses: { 200: answer, ...problems("not_found", "conflict", ...PLAN_PROBLEMS) },
  });

export interface EndpointRoutesDeps extends ResourceDeps {
  vault: Vault;
  views: EndpointViews;
  /** Whether webhooks may go there; `detail` names the rule and what would allow it. */
  checkUrl(url: string): Promise<UrlVerdict>;
  /** A person has disabled an endpoint. */
  onDisabled(endpoint: Endpoint): void;
}

export function endpointRoutes(deps: EndpointRoutesDeps): Routes {
  const { db, changeConfig, clock, newId, vault, views } = deps;
  const routes = newRoutes();

  routes.openapi(create, async (c) => {
    const { principal } = c.var;
    const { dialect: dialectName, secret: given, enabled, ...body } = c.req.valid("json");
    const dialect = views.requireDialect(dialectName);
    const secret = chooseSecret(dialect, given);
    requireEventSelectors(body.events ?? [], dialect);
    requireOptions(body.dialect_options ?? {}, dialect);
    if (body.shadow_dialect) views.requireDialect(body.shadow_dialect, "/shadow_dialect");
    await requireUrls(body);

    const now = clock.now();
    const id = newId();
    const state = firstState(dialect.initialState, enabled);
    const blank: EndpointDraft = {
      ...UNSET,
      id,
      workspaceId: principal.workspaceId,
      ownerAccountId: principal.accountId,
      name: body.name,
      url: body.url,
      dialect: dialect.name,
      state,
      disabledBy: state === "disabled" ? "user" : null,
      createdAt: now,
      updatedAt: now,
    };
    const endpoint = await changeConfig(principal.workspaceId, async (tx, version) => {
      const draft = {
        ...blank,
        ...(await columnsOf(tx, { vault, principal, id, body, before: null })),
      };
      await requirePlan(tx, principal, draft, true);
      const inserted = await insertEndpoint(tx, draft);
      if (secret !== null) {
        const secretId = newId();
        const sealed = vault.seal(secret, secretPlace(secretId));
        await insertEndpointSecret(tx, { id: secretId, endpointId: id, sealed, createdAt: now });
      }
      await insertEndpointVersion(tx, inserted, { version, now });
      return inserted;
    });
    return c.json({ ...(await views.show(endpoint)), secret }, 201);
  });

  routes.openapi(list, async (c) => {
    const { limit, cursor, state } = c.req.valid("query");
    const page = { limit: limit + 1, before: cursor, state };
    const rows = await listEndpoints(db, ownerOf(c.var.principal), page);
    const show = await views.showing(rows);
    return c.json(
      toPage(rows, limit, ({ id }) => id, show),
      200,
    );
  });

  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await views.show(await getEndpoint(db, c.var.principal, id)), 200);
  });

  routes.openapi(patch, async (c) => {
    const { principal } = c.var;
    const { id } = c.req.valid("param");
    const body = c.req.valid("json");
    const dialect = views.requireDialect((await getEndpoint(db, principal, id)).dialect);
    requireEventSelectors(body.events ?? [], dialect);
    requireOptions(body.dialect_options ?? {}, dialect);
    if (body.shadow_dialect) views.requireDialect(body.shadow_dialect, "/shadow_dialect");
    await requireUrls(body);
    const endpoint = await change(principal, id, async (tx, before) => {
      const after = { ...before, ...(await columnsOf(tx, { vault, principal, id, body, before })) };
      if (body.channels !== undefined) await requirePlan(tx, principal, after, false);
      return after;
    });
    return c.json(await views.show(endpoint), 200);
  });

  routes.openapi(remove, async (c) => {
    const { principal } = c.var;
    const { id } = c.req.valid("param");
    const deleted = async (tx: Tx, version: number) => {
      const endpoint = await getEndpoint(tx, principal, id);
      const now = clock.now();
      await deleteEndpoint(tx, id, now);
      await insertEndpointVersion(tx, endpoint, { version, now, deleted: true });
    };
    await changeConfig(principal.workspaceId, deleted, { everywhere: true });
    return c.body(null, 204);
  });

  for (const action of ["enable", "disable", "pause", "resume"] as const) {
    routes.openapi(act(action), async (c) => {
      const { id } = c.req.valid("param");
      let stateBefore: Endpoint["state"] | null = null;
      const { principal } = c.var;
      const endpoint = await change(principal, id, async (tx, before) => {
        stateBefore = before.state;
        const after = afterAction(before, action);
        if (after.state === "enabled") await requirePlan(tx, principal, after, false);
        return after;
      });
      if (action === "disable" && stateBefore !== "disabled") deps.onDisabled(endpoint);
      return c.json(await views.show(endpoint), 200);
    });
  }

  function requirePlan(tx: Tx, principal: Principal, draft: EndpointDraft, isNew: boolean) {
    const { channelKinds, channelIds, state } = draft;
    const wish = { isNew, channelKinds, channelIds, moves: state === "enabled" };
    return requireEndpointPlan(tx, ownerOf(principal), wish, clock.now());
  }

  /** Every URL that a body names may be reached. */
  async function requireUrls({ url, auth }: EndpointChange): Promise<void> {
    if (url !== undefined) requireReachable(await deps.checkUrl(url));
    if (auth?.type === "oauth2") {
      requireReachable(await deps.checkUrl(auth.token_url), "/auth/token_url");
    }
  }

  /** Reads, changes and keeps an endpoint while nobody else changes it. */
  function change(
    principal: Principal,
    id: string,
    make: (tx: Tx, before: Endpoint) => Promise<Endpoint>,
  ): Promise<Endpoint> {
    const changed = async (tx: Tx, version: number) => {
      const before = await getEndpoint(tx, principal, id);
      const now = clock.now();
      const after = { ...(await make(tx, before)), updatedAt: now };
      await updateEndpoint(tx, after);
      await insertEndpointVersion(tx, after, { version, now });
      if (isGivenAChance(before, after)) await forgetFailures(tx, after.serial, now);
      return after;
    };
    return changeConfig(principal.workspaceId, changed, { everywhere: true });
  }

  return routes;
}

/** What an endpoint is when nothing is said. */
const UNSET = {
  description: null,
  dialectOptions: "{}",
  shadowDialect: null,
  events: ["*"],
  channelKinds: [],
  channelIds: [],
  accountIds: [],
  campaignIds: [],
  customFields: [],
  retrySchedule: null,
  timeoutMs: null,
  ordering: "parallel",
  rateLimit: null,
  headers: null,
  headerNames: null,
  filter: null,
  auth: null,
  authShown: null,
  metadata: "{}",
  stateReason: null,
} satisfies Partial<EndpointDraft>;

/** The client's own, or one made for it; none where the dialect leaves that to the client. */
function chooseSecret({ secret }: OfferedDialect, given: string | null | undefined): string | null {
  if (given === undefined || given === null) {
    return secret.isMade ? secret.make(randomBytes(SECRET_BYTES)) : null;
  }
  const problem = secret.problem(given);
  if (problem !== null) throw fieldRefused("/secret", problem);
  return given;
}

async function getEndpoint(db: Queryable, principal: Principal, id: string): Promise<Endpoint> {
  const endpoint = await findEndpoint(db, ownerOf(principal), id);
  if (endpoint) return endpoint;
  throw notFound("ep", publicId("ep", id));
}

/** What it has failed at before says nothing any more. */
function isGivenAChance(before: Endpoint, after: Endpoint): boolean {
  return after.state === "enabled" && (before.state !== "enabled" || before.url !== after.url);
}

function afterAction(before: Endpoint, action: EndpointAction): Endpoint {
  const state = stateAfter(action, before.state);
  if (state === null) {
    throw new CurlewError(
      "conflict",
      `An endpoint that is ${before.state} cannot be ${PAST[action]}.`,
    );
  }
  const disabledBy =
    state !== "disabled" ? null : action === "disable" ? "user" : before.disabledBy;
  return { ...before, state, disabledBy, stateReason: null };
}

const PAST: Record<EndpointAction, string> = {
  enable: "enabled",
  disable: "disabled",
  pause: "paused",
  resume: "resumed",
};
