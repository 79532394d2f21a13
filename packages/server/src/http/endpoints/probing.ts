import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import { examineEndpoint } from "../../delivery/endpoints/endpoint-examination.ts";
import { testEndpoint } from "../../delivery/endpoints/endpoint-test.ts";
import type { Notices } from "../../delivery/endpoints/notices.ts";
import type { Prober } from "../../delivery/endpoints/prober.ts";
import { hurryProbe } from "../../storage/endpoints/endpoint-health.ts";
import {
  fieldRefused,
  idParams,
  jsonAnswer,
  newRoutes,
  optionalJsonBody,
  problems,
  type Routes,
  requireScope,
  shownId,
} from "../api.ts";
import { PLAN_PROBLEMS } from "../workspaces/plan-limits.ts";
import { type EndpointViews, ShownEndpoint } from "./endpoint-view.ts";
import type { EndpointKeeper } from "./keeper.ts";
import { ShownProbe, showProbe } from "./probe-view.ts";
import { type FindView, requireEndpoint, requireView } from "./probes.ts";

const writing = { tags: ["Endpoints"], middleware: requireScope("endpoints:write") };
const params = idParams("ep");
const why = z.string().nullable().openapi({ description: "In words" });

const verify = createRoute({
  ...writing,
  method: "post",
  path: "/endpoints/{id}/verify",
  operationId: "verifyEndpoint",
  summary: "Have an endpoint send a token back",
  description:
    "Where the dialect asks for it, an endpoint that fails is disabled, and one that was waiting for it is enabled. In the native dialect it changes nothing but `verified_at`.",
  request: { params },
  responses: {
    200: jsonAnswer(
      "The endpoint, and what came of it.",
      ShownEndpoint.extend({
        verification: ShownProbe.extend({ verified: z.boolean(), reason: why }),
      }).openapi("VerifiedEndpoint"),
    ),
    ...problems("not_found", "conflict", ...PLAN_PROBLEMS),
  },
});

const TestBody = z
  .strictObject({
    type: z.string().max(128).optional().openapi({
      description:
        "A type of `GET /v1/event-types`, one of the dialect's own names, or a type of your own; without it `endpoint.tested`, or what a dialect with names of its own subscribes to first",
    }),
  })
  .openapi("EndpointTestRequest");

const test = createRoute({
  ...writing,
  method: "post",
  path: "/endpoints/{id}/test",
  operationId: "testEndpoint",
  summary: "Send a sample event to an endpoint, whatever state it is in, and to no other",
  description:
    "It is made and sent now, once, with `webhook-test: 1`, and does not stand in the delivery log.",
  request: { params, body: optionalJsonBody(TestBody) },
  responses: {
    200: jsonAnswer(
      "What was sent, and what came back.",
      ShownProbe.extend({
        event_id: shownId("evt"),
        event_type: z.string(),
        delivered: z.boolean(),
        error: why,
      }).openapi("EndpointTest"),
    ),
    ...problems("not_found", "unknown_event_type", "conflict"),
  },
});

const doctor = createRoute({
  ...writing,
  method: "post",
  path: "/endpoints/{id}/doctor",
  operationId: "examineEndpoint",
  summary:
    "Find out whether an endpoint checks signatures: a right sample, then forged and stale ones",
  request: { params },
  responses: {
    200: jsonAnswer(
      "Each request, and whether the endpoint did with it as it should.",
      z
        .object({
          healthy: z.boolean(),
          checks: z.array(
            ShownProbe.extend({
              check: z.enum(["genuine", "forged", "unsigned", "tampered", "stale"]),
              expected: z.enum(["accepted", "refused"]),
              outcome: z.enum(["accepted", "refused", "no_answer"]),
              passed: z.boolean(),
              detail: z.string(),
            }),
          ),
        })
        .openapi("EndpointExamination"),
    ),
    ...problems("not_found", "conflict"),
  },
});

export interface EndpointProbingDeps {
  db: Queryable;
  keeper: EndpointKeeper;
  views: EndpointViews;
  prober: Prober;
  notices: Pick<Notices, "tested">;
  findView: FindView;
}

export function endpointProbingRoutes(deps: EndpointProbingDeps): Routes {
  const { db, keeper, views, findView } = deps;
  const routes = newRoutes();

  routes.openapi(verify, async (c) => {
    const { endpoint, outcome } = await keeper.verify(c.var.principal, c.req.valid("param").id);
    const { verified, reason } = outcome;
    const verification = { ...showProbe(outcome), verified, reason };
    return c.json({ ...(await views.show(endpoint)), verification }, 200);
  });

  routes.openapi(test, async (c) => {
    // Without a body there is nothing that the schema could have filled in.
    const { type } = TestBody.parse(c.req.valid("json") ?? {});
    const endpoint = await requireEndpoint(db, c.var.principal, c.req.valid("param").id);
    const outcome = await testEndpoint(deps, await requireView(findView, endpoint), type);
    if ("refusal" in outcome) throw fieldRefused("/type", outcome.refusal, "unknown_event_type");
    const { eventId, type: eventType, delivered, error } = outcome;
    // It answers again: an open breaker need not wait for its time.
    if (delivered) await hurryProbe(db, endpoint.serial, outcome.sentAt);
    const about = { event_id: publicId("evt", eventId), event_type: eventType, delivered, error };
    return c.json({ ...showProbe(outcome), ...about }, 200);
  });

  routes.openapi(doctor, async (c) => {
    const endpoint = await requireEndpoint(db, c.var.principal, c.req.valid("param").id);
    const checks = await examineEndpoint(deps.prober, await requireView(findView, endpoint));
    const shown = checks.map(({ check, expected, outcome, passed, detail, ...probed }) => ({
      ...showProbe(probed),
      ...{ check, expected, outcome, passed, detail },
    }));
    return c.json({ healthy: checks.every(({ passed }) => passed), checks: shown }, 200);
  });

  return routes;
}
