import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { nextMonth } from "../../core/sending/sms-quota.ts";
import { FEATURES, has } from "../../core/workspaces/plans.ts";
import { findSmsUsage } from "../../storage/sending/sms-usage.ts";
import { countEndpoints, findGrant } from "../../storage/workspaces/plans.ts";
import {
  jsonAnswer,
  newRoutes,
  type Routes,
  requireScope,
  showInstant,
  shownInstant,
} from "../api.ts";
import { requireUnconfined } from "../resource.ts";

const ShownUsage = z
  .object({
    plan: z.string(),
    plan_title: z.string().openapi({ description: "What people call the plan" }),
    add_ons: z.array(z.enum(FEATURES)),
    features: z.array(z.enum(FEATURES)).openapi({ description: "By the plan or an add-on" }),
    trial_ends_at: shownInstant.nullable(),
    endpoints: z.object({
      used: z.int(),
      limit: z.int().nullable().openapi({ description: "null: as many as wanted" }),
    }),
    sms: z
      .object({
        used: z.int().openapi({ description: "Calls that Twilio took, whatever their segments" }),
        segments: z.int(),
        limit: z.int().nullable(),
        resets_at: shownInstant,
      })
      .openapi({ description: "Sent in this calendar month (UTC)" }),
  })
  .openapi("Usage");

const get = createRoute({
  tags: ["Plans"],
  middleware: requireScope("settings:read"),
  method: "get",
  path: "/usage",
  operationId: "getUsage",
  summary: "What the workspace's plan has, and how much of it is used",
  responses: { 200: jsonAnswer("The usage.", ShownUsage) },
});

export function usageRoutes({ db, clock }: { db: Queryable; clock: Pick<Clock, "now"> }): Routes {
  const routes = newRoutes();
  routes.openapi(get, async (c) => {
    const { principal } = c.var;
    requireUnconfined(principal);
    const { workspaceId } = principal;
    const grant = await findGrant(db, workspaceId);
    if (!grant) throw new CurlewError("not_found", "The workspace is gone.");
    const { plan, addOns, trialEndsAt } = grant;
    const now = clock.now();
    const { used, segments, limit } = await findSmsUsage(db, workspaceId, now);
    return c.json(
      {
        plan: plan.name,
        plan_title: plan.title,
        add_ons: [...addOns],
        features: FEATURES.filter((feature) => has(grant, feature)),
        trial_ends_at: trialEndsAt === null ? null : showInstant(trialEndsAt),
        endpoints: { used: await countEndpoints(db, workspaceId), limit: plan.endpoints },
        sms: { used, segments, limit, resets_at: showInstant(nextMonth(now)) },
      },
      200,
    );
  });
  return routes;
}
