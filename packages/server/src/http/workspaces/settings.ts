import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import {
  canPurge,
  changed,
  contradictsPurge,
  type OwnSettings,
  type Settings,
  settle,
  settleRows,
} from "../../core/workspaces/settings.ts";
import { findAccount } from "../../storage/workspaces/accounts.ts";
import {
  listSettingsLevels,
  type SettingsLevel,
} from "../../storage/workspaces/settings-levels.ts";
import { findWorkspace, updateWorkspace } from "../../storage/workspaces/workspaces.ts";
import {
  fieldRefused,
  jsonAnswer,
  jsonBody,
  newRoutes,
  problems,
  type Routes,
  requireScope,
} from "../api.ts";
import { ownerOf, type ResourceDeps, requireUnconfined } from "../resource.ts";

const choice = z.boolean().nullable().optional();

/** A change of what one level says; null goes back to what the level above says. */
export const SettingsChange = z
  .strictObject({ ai_enabled: choice, external_reply_mode: choice, inbound_body_purge: choice })
  .openapi("SettingsChange", {
    description: "null takes a setting back to what the account, or the workspace, says.",
  });

/** What one level says itself. */
export const ShownOwnSettings = z
  .object({
    ai_enabled: z.boolean().optional(),
    external_reply_mode: z.boolean().optional(),
    inbound_body_purge: z.boolean().optional(),
  })
  .openapi("OwnSettings");

const ShownSettings = z
  .object({
    ai_enabled: z.boolean(),
    external_reply_mode: z.boolean(),
    inbound_body_purge: z.boolean(),
  })
  .openapi("Settings");

const get = createRoute({
  method: "get",
  path: "/settings",
  operationId: "getSettings",
  summary: "What holds where no channel says otherwise",
  tags: ["Settings"],
  middleware: requireScope("settings:read"),
  responses: { 200: jsonAnswer("The settings.", ShownSettings) },
});

const patch = createRoute({
  method: "patch",
  path: "/settings",
  operationId: "updateSettings",
  summary: "Change what the workspace says",
  tags: ["Settings"],
  middleware: requireScope("settings:write"),
  request: { body: jsonBody(SettingsChange) },
  responses: {
    200: jsonAnswer("The settings.", ShownSettings),
    ...problems("purge_conflict"),
  },
});

/** Settings of the workspace. Accounts and channels carry their own in their `settings`. */
export function settingsRoutes({ db, changeConfig }: ResourceDeps): Routes {
  const routes = newRoutes();

  routes.openapi(get, async (c) => c.json(await holding(c.var.principal), 200));

  routes.openapi(patch, async (c) => {
    const { principal } = c.var;
    requireUnconfined(principal);
    const change = c.req.valid("json");
    await changeConfig(principal.workspaceId, async (tx) => {
      const workspace = await findWorkspace(tx, principal.workspaceId);
      if (!workspace) throw new CurlewError("not_found", "The workspace is gone.");
      const settings = writeSettings(changed(readSettings(workspace.settings), change));
      await updateWorkspace(tx, workspace.id, { settings });
      await requirePeaceWithPurge(tx, workspace.id);
    });
    return c.json(await holding(principal), 200);
  });

  async function holding(principal: Principal): Promise<Settings> {
    const { workspaceId, accountId } = principal;
    const workspace = await findWorkspace(db, workspaceId);
    const account =
      accountId === null ? null : await findAccount(db, ownerOf(principal), accountId);
    return settle(
      readSettings(workspace?.settings ?? "{}"),
      readSettings(account?.settings ?? "{}"),
    );
  }

  return routes;
}

/** What was written by `writeSettings`. */
export function readSettings(text: string): OwnSettings {
  return JSON.parse(text) as OwnSettings; // only this file writes it
}

export function writeSettings(settings: OwnSettings): string {
  return JSON.stringify(settings);
}

/** Purging is of channels where what customers write need not stay with the provider. */
export function requirePurgeable(kind: string, change: { inbound_body_purge?: unknown }): void {
  if (change.inbound_body_purge !== true || canPurge(kind)) return;
  const detail = "is of sms and whatsapp channels alone";
  throw fieldRefused("/settings/inbound_body_purge", detail, "unsupported_action");
}

/**
 * Refuses a change after which bodies were destroyed where something here answers customers by them, and
 * names every place that is in the way. Asked in the transaction of the change, after it.
 */
export async function requirePeaceWithPurge(tx: Queryable, workspaceId: string): Promise<void> {
  const conflicts = (await listSettingsLevels(tx, workspaceId)).filter(
    ({ kind, workspaceSettings, accountSettings, channelSettings }) =>
      (kind === null || canPurge(kind)) &&
      contradictsPurge(settleRows(workspaceSettings, accountSettings, channelSettings)),
  );
  if (conflicts.length === 0) return;
  const names = conflicts.map(({ level, name }) => `${level} ${name}`);
  throw new CurlewError(
    "purge_conflict",
    `Bodies cannot be destroyed where AI answers by them: ${names.join(", ")}. Turn AI off there, or External Reply Mode on.`,
    { extra: { conflicts: conflicts.map(showConflict) } },
  );
}

const PREFIXES = { workspace: "ws", account: "acc", channel: "ch" } as const;

function showConflict({ level, id, name }: SettingsLevel) {
  return { level, id: publicId(PREFIXES[level], id), name, setting: "ai_enabled" };
}
