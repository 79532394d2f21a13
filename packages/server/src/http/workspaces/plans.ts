import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { FEATURES, type Plan, UNLIMITED } from "../../core/workspaces/plans.ts";
import { deletePlan, findPlan, listPlans, putPlan } from "../../storage/workspaces/plans.ts";
import { jsonAnswer, jsonBody, newRoutes, problems, type Routes, requireAdmin } from "../api.ts";

const MOST_ENDPOINTS = 1_000_000;
const MOST_SMS = 1_000_000_000;

const PlanBody = z.strictObject({
  title: z.string().trim().min(1).max(100),
  endpoints: z.int().min(0).max(MOST_ENDPOINTS).nullable().openapi({
    description: "How many endpoints a workspace may have; null for any number",
  }),
  sms_per_month: z.int().min(0).max(MOST_SMS).nullable().default(null).openapi({
    description: "How many SMS it may send in a calendar month (UTC); null for any number",
  }),
  features: z.array(z.enum(FEATURES)).max(FEATURES.length),
});

const ShownPlan = PlanBody.extend({ name: z.string() }).openapi("Plan");

const params = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,39}$/, "is lower case letters, digits, - and _, 40 at most"),
});
const shared = { tags: ["Plans"], middleware: requireAdmin };

const list = createRoute({
  ...shared,
  method: "get",
  path: "/plans",
  operationId: "listPlans",
  summary: "List the plans that workspaces can have",
  responses: { 200: jsonAnswer("All of them.", z.object({ data: z.array(ShownPlan) })) },
});

const put = createRoute({
  ...shared,
  method: "put",
  path: "/plans/{name}",
  operationId: "putPlan",
  summary: "Make a plan, or change what it opens",
  request: { params, body: jsonBody(PlanBody) },
  responses: { 200: jsonAnswer("The plan.", ShownPlan), ...problems("conflict") },
});

const remove = createRoute({
  ...shared,
  method: "delete",
  path: "/plans/{name}",
  operationId: "deletePlan",
  summary: "Delete a plan that no workspace has",
  request: { params },
  responses: { 204: { description: "Deleted." }, ...problems("not_found", "conflict") },
});

/** The operator's table of plans: what is offered, and what each opens. */
export function planRoutes({ db }: { db: Queryable }): Routes {
  const routes = newRoutes();

  routes.openapi(list, async (c) => c.json({ data: (await listPlans(db)).map(show) }, 200));

  routes.openapi(put, async (c) => {
    const { name } = c.req.valid("param");
    requireChangeable(name);
    const { sms_per_month: smsPerMonth, ...body } = c.req.valid("json");
    const plan = { name, smsPerMonth, ...body };
    await putPlan(db, plan);
    return c.json(show(plan), 200);
  });

  routes.openapi(remove, async (c) => {
    const { name } = c.req.valid("param");
    requireChangeable(name);
    if (!(await findPlan(db, name)))
      throw new CurlewError("not_found", `There is no plan ${name}.`);
    if (!(await deletePlan(db, name))) {
      throw new CurlewError("conflict", `There are workspaces with the plan ${name}.`);
    }
    return c.body(null, 204);
  });

  return routes;
}

function requireChangeable(name: string): void {
  if (name !== UNLIMITED) return;
  throw new CurlewError("conflict", `The plan ${UNLIMITED} gates nothing, and stays so.`);
}

function show(plan: Plan): z.infer<typeof ShownPlan> {
  const { name, title, endpoints, smsPerMonth, features } = plan;
  return { name, title, endpoints, sms_per_month: smsPerMonth, features: [...features] };
}
