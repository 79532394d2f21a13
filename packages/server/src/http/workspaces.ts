import { createRoute, z } from "@hono/zod-openapi";
import { publicId } from "../core/ids.ts";
import {
  findWorkspace,
  insertWorkspace,
  listWorkspaces,
  updateWorkspace,
  type Workspace,
} from "../storage/workspaces.ts";
import {
  idParams,
  jsonAnswer,
  jsonBody,
  listQueryById,
  newRoutes,
  notFound,
  pageSchema,
  problems,
  type Routes,
  requireAdmin,
  showInstant,
  shownId,
  shownInstant,
  toPage,
} from "./api.ts";
import type { ResourceDeps } from "./resource.ts";

const WorkspaceBody = z.strictObject({ name: z.string().trim().min(1).max(100) });

const ShownWorkspace = z
  .object({
    id: shownId("ws"),
    serial: z.int(),
    name: z.string(),
    plan: z.string(),
    is_default: z.boolean(),
    created_at: shownInstant,
  })
  .openapi("Workspace");

const shared = { tags: ["Workspaces"], middleware: requireAdmin };
const answer = jsonAnswer("The workspace.", ShownWorkspace);

const create = createRoute({
  ...shared,
  method: "post",
  path: "/workspaces",
  operationId: "createWorkspace",
  summary: "Make a workspace",
  request: { body: jsonBody(WorkspaceBody) },
  responses: { 201: answer },
});

const list = createRoute({
  ...shared,
  method: "get",
  path: "/workspaces",
  operationId: "listWorkspaces",
  summary: "List workspaces, the newest first",
  request: { query: listQueryById({}) },
  responses: { 200: jsonAnswer("A page.", pageSchema(ShownWorkspace)) },
});

const get = createRoute({
  ...shared,
  method: "get",
  path: "/workspaces/{id}",
  operationId: "getWorkspace",
  summary: "Get a workspace",
  request: { params: idParams("ws") },
  responses: { 200: answer, ...problems("not_found") },
});

const patch = createRoute({
  ...shared,
  method: "patch",
  path: "/workspaces/{id}",
  operationId: "updateWorkspace",
  summary: "Rename a workspace",
  request: { params: idParams("ws"), body: jsonBody(WorkspaceBody.partial()) },
  responses: { 200: answer, ...problems("not_found") },
});

/** Tenants, as the operator of the instance sees them. */
export function workspaceRoutes({ db, changeConfig, clock, newId }: ResourceDeps): Routes {
  const routes = newRoutes();

  routes.openapi(create, async (c) => {
    const { name } = c.req.valid("json");
    const workspace = await insertWorkspace(db, { id: newId(), name, now: clock.now() });
    return c.json(show(workspace), 201);
  });

  routes.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const rows = await listWorkspaces(db, { limit: limit + 1, before: cursor });
    return c.json(
      toPage(rows, limit, ({ id }) => id, show),
      200,
    );
  });

  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(show(found(await findWorkspace(db, id), id)), 200);
  });

  routes.openapi(patch, async (c) => {
    const { id } = c.req.valid("param");
    const { name } = c.req.valid("json");
    const before = found(await findWorkspace(db, id), id);
    const change = { name: name ?? before.name };
    const workspace = await changeConfig(id, (tx) => updateWorkspace(tx, id, change));
    return c.json(show(found(workspace, id)), 200);
  });

  return routes;
}

function found(workspace: Workspace | null, id: string): Workspace {
  if (workspace) return workspace;
  throw notFound("ws", publicId("ws", id));
}

function show(workspace: Workspace): z.infer<typeof ShownWorkspace> {
  return {
    id: publicId("ws", workspace.id),
    serial: workspace.serial,
    name: workspace.name,
    plan: workspace.plan,
    is_default: workspace.isDefault,
    created_at: showInstant(workspace.createdAt),
  };
}
