import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import { publicId } from "../../core/ids.ts";
import { CHANNEL_KINDS } from "../../core/messages/channel-kinds.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import { changed } from "../../core/workspaces/settings.ts";
import { keepChannelNotice } from "../../outbox/announce.ts";
import type { Vault } from "../../runtime/secrets/vault.ts";
import {
  type Channel,
  clearOtherDefaults,
  deleteChannel,
  findChannel,
  insertChannel,
  listChannels,
  updateChannel,
} from "../../storage/channels/channels.ts";
import { forgetToken } from "../../storage/channels/token-renewals.ts";
import {
  fieldRefused,
  idParams,
  jsonAnswer,
  jsonBody,
  listQueryById,
  newRoutes,
  notFound,
  onlyTroubled,
  pageById,
  pageSchema,
  problems,
  type Routes,
  requireScope,
} from "../api.ts";
import { accountFor, ownerOf, type ResourceDeps } from "../resource.ts";
import { requireChannelPlan } from "../workspaces/plan-limits.ts";
import {
  readSettings,
  requirePeaceWithPurge,
  requirePurgeable,
  writeSettings,
} from "../workspaces/settings.ts";
import {
  ChannelBody,
  ChannelPatch,
  idWarnings,
  openCredentials,
  refuseForeignFields,
  requireConnectable,
  ShownChannel,
  ShownNewChannel,
  sealCredentials,
  showChannel,
} from "./channel-body.ts";

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
  responses: {
    201: jsonAnswer("The channel. Its credentials are never shown.", ShownNewChannel),
    ...problems("channel_taken", "unsupported_action", "plan_feature", "purge_conflict"),
  },
});

const list = createRoute({
  ...reading,
  method: "get",
  path: "/channels",
  operationId: "listChannels",
  summary: "List channels, the newest first",
  request: {
    query: listQueryById({
      kind: z.enum(CHANNEL_KINDS).optional(),
      troubled: onlyTroubled("Only those that are paused, or that their provider refuses"),
    }),
  },
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
  responses: { 200: answer, ...problems("not_found", "unsupported_action", "purge_conflict") },
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

const MENDED = {
  kind: "restored",
  reason: "The channel has new credentials; what waited leaves.",
} as const;

export interface ChannelRoutesDeps extends ResourceDeps {
  vault: Vault;
  /** Something that is to be told of channels was kept. Never rejects. */
  announce(): Promise<void>;
}

export function channelRoutes(deps: ChannelRoutesDeps): Routes {
  const { db, changeConfig, clock, vault } = deps;
  const routes = newRoutes();
  const show = (channel: Channel) => showChannel(vault, channel);

  routes.openapi(create, async (c) => {
    const channel = await connectChannel(deps, c.var.principal, c.req.valid("json"));
    return c.json({ ...show(channel), ...idWarnings(channel) }, 201);
  });

  routes.openapi(list, async (c) => {
    const { kind, troubled, ...query } = c.req.valid("query");
    const of = { kind, troubled: troubled === "true" };
    const owner = ownerOf(c.var.principal);
    const page = await pageById(query, (o) => listChannels(db, owner, { ...o, ...of }), show);
    return c.json(page, 200);
  });

  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(show(found(await findChannel(db, ownerOf(c.var.principal), id), id)), 200);
  });

  routes.openapi(patch, async (c) => {
    const { id } = c.req.valid("param");
    const channel = await changeChannel(deps, c.var.principal, id, c.req.valid("json"));
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

/** Connects a channel. Refuses one that is connected already, here or anywhere. */
export async function connectChannel(
  { changeConfig, newId, clock, vault }: ChannelRoutesDeps,
  principal: Principal,
  body: z.infer<typeof ChannelBody>,
): Promise<Channel> {
  const { workspaceId } = principal;
  const { settings = {}, credentials = {} } = body;
  const kind = requireConnectable(body.kind);
  refuseForeignFields(kind, body);
  requirePurgeable(body.kind, settings);
  if (!kind.externalId.test(body.external_id)) {
    throw fieldRefused("/external_id", `must be ${kind.externalIdIs}`);
  }
  return changeConfig(workspaceId, async (tx) => {
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
    if (!inserted) throw channelTaken(body.kind, body.external_id);
    if (inserted.isDefault) await clearOtherDefaults(tx, inserted);
    await requirePeaceWithPurge(tx, workspaceId);
    return inserted;
  });
}

/** Whoever has it may be another tenant: nothing more is said. */
export function channelTaken(kind: string, externalId: string): CurlewError {
  return new CurlewError("channel_taken", `${kind} ${externalId} is connected already.`);
}

/** Changes a channel. New credentials set one that was paused going again, and that is told. */
export async function changeChannel(
  { changeConfig, clock, vault, announce }: ChannelRoutesDeps,
  principal: Principal,
  id: string,
  body: z.infer<typeof ChannelPatch>,
): Promise<Channel> {
  const { settings = {}, credentials = {} } = body;
  const { channel, isMended } = await changeConfig(principal.workspaceId, async (tx) => {
    const before = found(await findChannel(tx, ownerOf(principal), id), id);
    refuseForeignFields(requireConnectable(before.kind), body);
    requirePurgeable(before.kind, settings);
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
    if (credentials.access_token !== undefined) await forgetToken(tx, id);
    if (after.isDefault) await clearOtherDefaults(tx, after);
    await requirePeaceWithPurge(tx, principal.workspaceId);
    const isMended = before.state === "paused" && after.state === "connected";
    if (isMended) await keepChannelNotice(tx, id, MENDED, after.updatedAt);
    return { channel: after, isMended };
  });
  if (isMended) await announce();
  return channel;
}

function found(channel: Channel | null, id: string): Channel {
  if (channel) return channel;
  throw notFound("ch", publicId("ch", id));
}
