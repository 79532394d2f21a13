import { createRoute, z } from "@hono/zod-openapi";
import { CHANNEL_KINDS } from "../core/channel-kinds.ts";
import { CurlewError } from "../core/errors.ts";
import { publicId } from "../core/ids.ts";
import { changed } from "../core/settings.ts";
import type { Vault } from "../runtime/vault.ts";
import {
  type Channel,
  clearOtherDefaults,
  deleteChannel,
  findChannel,
  insertChannel,
  listChannels,
  updateChannel,
} from "../storage/channels.ts";
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
import {
  ChannelBody,
  ChannelPatch,
  openCredentials,
  refuseForeignFields,
  requireConnectable,
  ShownChannel,
  sealCredentials,
  showChannel,
} from "./channel-body.ts";
import { requireChannelPlan } from "./plan-limits.ts";
import { accountFor, ownerOf, type ResourceDeps } from "./resource.ts";
import { readSettings, refusePurge, writeSettings } from "./settings.ts";

const tags = ["Channels"];
const reading = { tags, middleware: requireScope("channels:read") };
const writing = { tags, middleware: requireScope("channels:write") };
const answer = jsonAnswer("The channel. Its credentials are never shown.", ShownChannel);

const create = createRoute({
  ...writing,
  method: "post",
  path: "/channels",
  operationId: "createChannel",
  summary: "Connect a channel",
  request: { body: jsonBody(ChannelBody) },
  responses: { 201: answer, ...problems("channel_taken", "unsupported_action", "plan_feature") },
});

const list = createRoute({
  ...reading,
  method: "get",
  path: "/channels",
  operationId: "listChannels",
  summary: "List channels, the newest first",
  request: { query: listQueryById({ kind: z.enum(CHANNEL_KINDS).optional() }) },
  responses: { 200: jsonAnswer("A page.", pageSchema(ShownChannel)) },
});

const get = createRoute({
  ...reading,
  method: "get",
  path: "/channels/{id}",
  operationId: "getChannel",
  summary: "Get a channel",
  request: { params: idParams("ch") },
  responses: { 200: answer, ...problems("not_found") },
});

const patch = createRoute({
  ...writing,
  method: "patch",
  path: "/channels/{id}",
  operationId: "updateChannel",
  summary: "Change a channel. New credentials set one that was paused going again",
  request: { params: idParams("ch"), body: jsonBody(ChannelPatch) },
  responses: { 200: answer, ...problems("not_found", "unsupported_action") },
});

const remove = createRoute({
  ...writing,
  method: "delete",
  path: "/channels/{id}",
  operationId: "deleteChannel",
  summary: "Disconnect a channel; its conversations stay",
  request: { params: idParams("ch") },
  responses: { 204: { description: "Disconnected." }, ...problems("not_found") },
});

export interface ChannelRoutesDeps extends ResourceDeps {
  vault: Vault;
}

export function channelRoutes(deps: ChannelRoutesDeps): Routes {
  const { db, changeConfig, clock, newId, vault } = deps;
  const routes = newRoutes();
  const show = (channel: Channel) => showChannel(vault, channel);

  routes.openapi(create, async (c) => {
    const { principal } = c.var;
    const { workspaceId } = principal;
    const body = c.req.valid("json");
    const { settings = {}, credentials = {} } = body;
    const kind = requireConnectable(body.kind);
    refuseForeignFields(kind, body);
    refusePurge(settings, "/settings");
    if (!kind.externalId.test(body.external_id)) {
      throw fieldRefused("/external_id", `is ${kind.externalIdIs}`);
    }
    const channel = await changeConfig(workspaceId, async (tx) => {
      await requireChannelPlan(tx, workspaceId, body.kind);
      const id = newId();
      const inserted = await insertChannel(tx, {
        id,
        workspaceId,
        accountId: await accountFor(tx, principal, body.account_id, "/account_id"),
        kind: body.kind,
        name: body.name,
        externalId: body.external_id,
        wabaId: body.waba_id ?? null,
        messagingServiceSid: body.messaging_service_sid ?? null,
        login: body.kind === "instagram" ? (body.login ?? "facebook") : null,
        credentials: sealCredentials(vault, id, credentials),
        settings: writeSettings(changed({}, settings)),
        isDefault: body.is_default ?? false,
        createdAt: clock.now(),
      });
      // Whoever has it may be another tenant: nothing more is said.
      if (!inserted) {
        throw new CurlewError(
          "channel_taken",
          `${body.kind} ${body.external_id} is connected already.`,
        );
      }
      if (inserted.isDefault) await clearOtherDefaults(tx, inserted);
      return inserted;
    });
    return c.json(show(channel), 201);
  });

  routes.openapi(list, async (c) => {
    const { limit, cursor, kind } = c.req.valid("query");
    const page = { limit: limit + 1, before: cursor, kind };
    const rows = await listChannels(db, ownerOf(c.var.principal), page);
    return c.json(
      toPage(rows, limit, ({ id }) => id, show),
      200,
    );
  });

  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(show(found(await findChannel(db, ownerOf(c.var.principal), id), id)), 200);
  });

  routes.openapi(patch, async (c) => {
    const { principal } = c.var;
    const { id } = c.req.valid("param");
    const body = c.req.valid("json");
    const { settings = {}, credentials = {} } = body;
    refusePurge(settings, "/settings");
    const channel = await changeConfig(principal.workspaceId, async (tx) => {
      const before = found(await findChannel(tx, ownerOf(principal), id), id);
      refuseForeignFields(requireConnectable(before.kind), body);
      const renewed = Object.keys(credentials).length > 0;
      const after: Channel = {
        ...before,
        name: body.name ?? before.name,
        wabaId: body.waba_id === undefined ? before.wabaId : body.waba_id,
        login: body.login ?? before.login,
        credentials: renewed
          ? sealCredentials(vault, id, { ...openCredentials(vault, before), ...credentials })
          : before.credentials,
        settings: writeSettings(changed(readSettings(before.settings), settings)),
        isDefault: body.is_default ?? before.isDefault,
        ...(renewed ? { state: "connected", stateReason: null, pausedUntil: null } : {}),
        updatedAt: clock.now(),
      };
      await updateChannel(tx, after);
      if (after.isDefault) await clearOtherDefaults(tx, after);
      return after;
    });
    return c.json(show(channel), 200);
  });

  routes.openapi(remove, async (c) => {
    const { principal } = c.var;
    const { id } = c.req.valid("param");
    await changeConfig(principal.workspaceId, async (tx) => {
      found(await findChannel(tx, ownerOf(principal), id), id);
      await deleteChannel(tx, id, clock.now());
    });
    return c.body(null, 204);
  });

  return routes;
}

function found(channel: Channel | null, id: string): Channel {
  if (channel) return channel;
  throw notFound("ch", publicId("ch", id));
}
