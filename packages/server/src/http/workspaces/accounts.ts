import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import { publicId } from "../../core/ids.ts";
import { changed } from "../../core/workspaces/settings.ts";
import {
  type Account,
  countDependants,
  deleteAccount,
  findAccount,
  insertAccount,
  listAccounts,
  updateAccount,
} from "../../storage/workspaces/accounts.ts";
import { revokeKeysOfAccount } from "../../storage/workspaces/api-keys.ts";
import {
  idParams,
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
import { ownerOf, type ResourceDeps, requireUnconfined } from "../resource.ts";
import {
  readSettings,
  requirePeaceWithPurge,
  SettingsChange,
  ShownOwnSettings,
  writeSettings,
} from "./settings.ts";

const AccountBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  external_id: z.string().min(1).max(200).nullable().optional().openapi({
    description: "What you call this account yourself",
  }),
  settings: SettingsChange.optional(),
});

const ShownAccount = z
  .object({
    id: shownId("acc"),
    serial: z.int(),
    name: z.string(),
    external_id: z.string().nullable(),
    settings: ShownOwnSettings,
    created_at: shownInstant,
  })
  .openapi("Account");

const tags = ["Accounts"];
const reading = { tags, middleware: requireScope("accounts:read") };
const writing = { tags, middleware: requireScope("accounts:write") };
const answer = jsonAnswer("The account.", ShownAccount);

const create = createRoute({
  ...writing,
  method: "post",
  path: "/accounts",
  operationId: "createAccount",
  summary: "Make an account",
  request: { body: jsonBody(AccountBody) },
  responses: { 201: answer, ...problems("purge_conflict") },
});

const list = createRoute({
  ...reading,
  method: "get",
  path: "/accounts",
  operationId: "listAccounts",
  summary: "List accounts, the newest first",
  request: { query: listQueryById({}) },
  responses: { 200: jsonAnswer("A page.", pageSchema(ShownAccount)) },
});

const get = createRoute({
  ...reading,
  method: "get",
  path: "/accounts/{id}",
  operationId: "getAccount",
  summary: "Get an account",
  request: { params: idParams("acc") },
  responses: { 200: answer, ...problems("not_found") },
});

const patch = createRoute({
  ...writing,
  method: "patch",
  path: "/accounts/{id}",
  operationId: "updateAccount",
  summary: "Change an account",
  request: { params: idParams("acc"), body: jsonBody(AccountBody.partial()) },
  responses: { 200: answer, ...problems("not_found", "purge_conflict") },
});

const remove = createRoute({
  ...writing,
  method: "delete",
  path: "/accounts/{id}",
  operationId: "deleteAccount",
  summary: "Delete an account that has no channels and endpoints; its keys are revoked",
  request: { params: idParams("acc") },
  responses: { 204: { description: "Deleted." }, ...problems("not_found", "conflict") },
});

/** Managed accounts inside a workspace. A confined key sees its own and changes none. */
export function accountRoutes({ db, changeConfig, clock, newId }: ResourceDeps): Routes {
  const routes = newRoutes();

  routes.openapi(create, async (c) => {
    const { principal } = c.var;
    requireUnconfined(principal);
    const { name, external_id, settings = {} } = c.req.valid("json");
    const account = await changeConfig(principal.workspaceId, async (tx) => {
      const inserted = await insertAccount(tx, {
        id: newId(),
        workspaceId: principal.workspaceId,
        name,
        externalId: external_id ?? null,
        settings: writeSettings(changed({}, settings)),
        createdAt: clock.now(),
      });
      await requirePeaceWithPurge(tx, principal.workspaceId);
      return inserted;
    });
    return c.json(show(account), 201);
  });

  routes.openapi(list, async (c) => {
    const owner = ownerOf(c.var.principal);
    const page = await pageById(c.req.valid("query"), (o) => listAccounts(db, owner, o), show);
    return c.json(page, 200);
  });

  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(show(found(await findAccount(db, ownerOf(c.var.principal), id), id)), 200);
  });

  routes.openapi(patch, async (c) => {
    const { principal } = c.var;
    const { id } = c.req.valid("param");
    const { name, external_id, settings = {} } = c.req.valid("json");
    requireUnconfined(principal);
    const account = await changeConfig(principal.workspaceId, async (tx) => {
      const before = found(await findAccount(tx, ownerOf(principal), id), id);
      const after: Account = {
        ...before,
        name: name ?? before.name,
        externalId: external_id === undefined ? before.externalId : external_id,
        settings: writeSettings(changed(readSettings(before.settings), settings)),
      };
      await updateAccount(tx, after);
      await requirePeaceWithPurge(tx, principal.workspaceId);
      return after;
    });
    return c.json(show(account), 200);
  });

  routes.openapi(remove, async (c) => {
    const { principal } = c.var;
    const { id } = c.req.valid("param");
    requireUnconfined(principal);
    await changeConfig(principal.workspaceId, async (tx) => {
      found(await findAccount(tx, ownerOf(principal), id), id);
      const { channels, endpoints } = await countDependants(tx, id);
      if (channels + endpoints > 0) {
        throw new CurlewError(
          "conflict",
          `The account still has ${channels} channels and ${endpoints} endpoints: delete them first.`,
        );
      }
      await revokeKeysOfAccount(tx, id, clock.now());
      await deleteAccount(tx, id, clock.now());
    });
    return c.body(null, 204);
  });

  return routes;
}

function found(account: Account | null, id: string): Account {
  if (account) return account;
  throw notFound("acc", publicId("acc", id));
}

function show(account: Account): z.infer<typeof ShownAccount> {
  return {
    id: publicId("acc", account.id),
    serial: account.serial,
    name: account.name,
    external_id: account.externalId,
    settings: readSettings(account.settings),
    created_at: showInstant(account.createdAt),
  };
}
