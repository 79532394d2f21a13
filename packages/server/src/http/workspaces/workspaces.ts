import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import { publicId } from "../../core/ids.ts";
import { FEATURES } from "../../core/workspaces/plans.ts";
import { followTrial } from "../../delivery/endpoints/trials.ts";
import { DELETION_KIND, type DeletionParams } from "../../delivery/jobs/deletion-job.ts";
import type { Tx } from "../../storage/connections/connections.ts";
import { insertJob } from "../../storage/instance/jobs.ts";
import { closeWorkspace } from "../../storage/retention/workspace-deletion.ts";
import { findPlan } from "../../storage/workspaces/plans.ts";
import {
  findWorkspace,
  insertWorkspace,
  listWorkspaces,
  updateWorkspace,
  type Workspace,
} from "../../storage/workspaces/workspaces.ts";
import {
  fieldRefused,
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
  requireAdmin,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";
import { instantSchema } from "../parameters/instant.ts";
import type { ResourceDeps } from "../resource.ts";

const WorkspaceBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  plan: z.string().max(40).optional().openapi({ description: "One of `GET /v1/plans`" }),
  add_ons: z.array(z.enum(FEATURES)).max(FEATURES.length).optional().openapi({
    description: "What it has beyond its plan",
  }),
  trial_ends_at: instantSchema
    .nullable()
    .optional()
    .openapi({
      type: ["string", "null"],
      description: "From then on endpoints are paused with their queue and nothing can be sent",
    }),
});

const WorkspacePatch = WorkspaceBody.partial();
type WorkspaceChange = z.infer<typeof WorkspacePatch>;

const ShownWorkspace = z
  .object({
    id: shownId("ws"),
    serial: z.int(),
    name: z.string(),
    plan: z.string(),
    add_ons: z.array(z.string()),
    trial_ends_at: shownInstant.nullable(),
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
  summary: "Change a workspace's name, plan, add-ons or trial",
  request: { params: idParams("ws"), body: jsonBody(WorkspacePatch) },
  responses: { 200: answer, ...problems("not_found") },
});

const remove = createRoute({
  ...shared,
  method: "delete",
  path: "/workspaces/{id}",
  operationId: "deleteWorkspace",
  summary: "Delete a workspace and everything in it; a job says how far it has come",
  request: { params: idParams("ws") },
  responses: {
    202: jsonAnswer(
      "Closed: nothing reaches it and nothing leaves it. The job belongs to the workspace that this request acts on.",
      z.object({ job_id: shownId("job") }),
    ),
    ...problems("not_found", "conflict"),
  },
});

/** Tenants, as the operator of the instance sees them. */
export function workspaceRoutes({ db, changeConfig, clock, newId }: ResourceDeps): Routes {
  const routes = newRoutes();

  routes.openapi(create, async (c) => {
    const { name, ...given } = c.req.valid("json");
    await requirePlan(given.plan);
    const now = clock.now();
    const { id } = await insertWorkspace(db, { id: newId(), name, now });
    return c.json(show(found(await give(id, given), id)), 201);
  });

  routes.openapi(list, async (c) => {
    const page = await pageById(c.req.valid("query"), (o) => listWorkspaces(db, o), show);
    return c.json(page, 200);
  });

  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(show(found(await findWorkspace(db, id), id)), 200);
  });

  routes.openapi(patch, async (c) => {
    const { id } = c.req.valid("param");
    const body = c.req.valid("json");
    found(await findWorkspace(db, id), id);
    await requirePlan(body.plan);
    return c.json(show(found(await give(id, body), id)), 200);
  });

  routes.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    const acting = c.var.principal.workspaceId;
    const workspace = found(await findWorkspace(db, id), id);
    if (workspace.isDefault || id === acting) {
      const which = workspace.isDefault ? "The default workspace" : "The workspace acted on";
      throw new CurlewError("conflict", `${which} cannot be deleted.`);
    }
    const job = newId();
    const close = async (tx: Tx) => {
      if (!(await closeWorkspace(tx, id, clock.now()))) throw notFound("ws", publicId("ws", id));
      await insertJob(tx, {
        ...{ id: job, workspaceId: acting, kind: DELETION_KIND, total: null },
        params: JSON.stringify({ workspaceId: id, closedAt: clock.now() } satisfies DeletionParams),
        now: clock.now(),
      });
    };
    await changeConfig(id, close, { everywhere: true });
    return c.json({ job_id: publicId("job", job) }, 202);
  });

  async function requirePlan(name: string | undefined): Promise<void> {
    if (name === undefined || (await findPlan(db, name))) return;
    throw fieldRefused("/plan", `there is no plan ${JSON.stringify(name)}`);
  }

  /** Changes what a body names; endpoints follow the trial at once. */
  function give(id: string, body: WorkspaceChange) {
    const { name, plan, add_ons: addOns, trial_ends_at: trialEndsAt } = body;
    const change = {
      ...(name === undefined ? {} : { name }),
      ...(plan === undefined ? {} : { plan }),
      ...(addOns === undefined ? {} : { addOns: [...new Set(addOns)] }),
      ...(trialEndsAt === undefined ? {} : { trialEndsAt }),
    };
    return changeConfig(id, async (tx, version) => {
      const workspace = await updateWorkspace(tx, id, change);
      await followTrial(tx, id, { version, now: clock.now() });
      return workspace;
    });
  }

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
    add_ons: workspace.addOns,
    trial_ends_at: workspace.trialEndsAt === null ? null : showInstant(workspace.trialEndsAt),
    is_default: workspace.isDefault,
    created_at: showInstant(workspace.createdAt),
  };
}
