import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";
import { changed, type OwnSettings, type Settings, settle } from "../core/settings.ts";
import { findAccount } from "../storage/accounts.ts";
import { findWorkspace, updateWorkspace } from "../storage/workspaces.ts";
import {
  fieldRefused,
  jsonAnswer,
  jsonBody,
  newRoutes,
  problems,
  type Routes,
  requireScope,
} from "./api.ts";
import { ownerOf, type ResourceDeps, requireUnconfined } from "./resource.ts";

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
    ...problems("unsupported_action"),
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
    refusePurge(change, "");
    await changeConfig(principal.workspaceId, async (tx) => {
      const workspace = await findWorkspace(tx, principal.workspaceId);
      if (!workspace) throw new CurlewError("not_found", "The workspace is gone.");
      const settings = writeSettings(changed(readSettings(workspace.settings), change));
      await updateWorkspace(tx, workspace.id, { settings });
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

/** A promise to destroy bodies must not be taken before it can be kept. */
export function refusePurge(
  change: { inbound_body_purge?: boolean | null | undefined },
  at: string,
): void {
  if (change.inbound_body_purge === true) {
    const detail = "this version cannot destroy bodies after forwarding them";
    throw fieldRefused(`${at}/inbound_body_purge`, detail, "unsupported_action");
  }
}
