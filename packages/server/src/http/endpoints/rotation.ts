import { randomBytes } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import {
  DEFAULT_OVERLAP_S,
  DEFAULT_RESEND_ON,
  LONGEST_OVERLAP_S,
  planRotation,
  ROTATION_STEPS,
} from "../../core/endpoints/secret-rotation.ts";
import { CurlewError } from "../../core/errors.ts";
import { publicId } from "../../core/ids.ts";
import type { Notices } from "../../delivery/endpoints/notices.ts";
import type { Vault } from "../../runtime/secrets/vault.ts";
import type { Tx } from "../../storage/connections/connections.ts";
import {
  applyRotation,
  insertEndpointSecret,
  readStages,
} from "../../storage/endpoints/endpoint-secrets.ts";
import { findEndpoint, secretPlace } from "../../storage/endpoints/endpoints.ts";
import {
  fieldRefused,
  idParams,
  jsonAnswer,
  newRoutes,
  notFound,
  optionalJsonBody,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownInstant,
} from "../api.ts";
import { ownerOf, type ResourceDeps } from "../resource.ts";
import { type EndpointViews, ShownEndpoint } from "./endpoint-view.ts";

const SECRET_BYTES = 32;

const RotationBody = z
  .strictObject({
    step: z.enum(ROTATION_STEPS).optional().openapi({
      description:
        "`stage` makes a secret that does not sign yet, `promote` lets it sign, `retire` ends the older ones now. Without it a new secret is made and signs at once",
    }),
    overlap_s: z.int().min(0).max(LONGEST_OVERLAP_S).default(DEFAULT_OVERLAP_S).openapi({
      description: "How long the secret before still counts, in seconds; 0 ends it at once",
    }),
    resend_on: z
      .array(z.int().min(300).max(599))
      .max(300)
      .default([...DEFAULT_RESEND_ON])
      .openapi({
        description:
          "Where a request carries one signature: on these answers it is sent again at once, signed with the secret before",
      }),
    secret: z
      .string()
      .max(256)
      .optional()
      .openapi({ description: "Your own; made for you when absent" }),
  })
  .openapi("SecretRotation");

const rotate = createRoute({
  tags: ["Endpoints"],
  middleware: requireScope("endpoints:write"),
  method: "post",
  path: "/endpoints/{id}/rotate-secret",
  operationId: "rotateEndpointSecret",
  summary: "Replace an endpoint's signing secret, at once or step by step",
  description:
    "Answers when every process goes by it: after `retire` nothing is signed with an older secret any more.",
  request: {
    params: idParams("ep"),
    body: optionalJsonBody(RotationBody),
  },
  responses: {
    200: jsonAnswer(
      "The endpoint with the stages of its secrets.",
      ShownEndpoint.extend({
        secret: z
          .string()
          .optional()
          .openapi({ description: "The new one, where one was made: shown here and never again." }),
        retiring_until: shownInstant.nullable(),
      }).openapi("RotatedEndpoint"),
    ),
    ...problems("not_found", "conflict"),
  },
});

const STEP_TAKEN = { stage: "staged", promote: "promoted", retire: "retired" } as const;

export interface EndpointRotationDeps extends ResourceDeps {
  vault: Vault;
  views: EndpointViews;
  notices: Pick<Notices, "secretRotated" | "soon">;
}

export function endpointRotationRoutes(deps: EndpointRotationDeps): Routes {
  const { changeConfig, clock, newId, vault, views, notices } = deps;
  const routes = newRoutes();

  routes.openapi(rotate, async (c) => {
    const { principal } = c.var;
    const { id } = c.req.valid("param");
    // Without a body there is nothing that the schema could have filled in.
    const body = RotationBody.parse(c.req.valid("json") ?? {});
    const { step } = body;
    const now = clock.now();
    const retiringUntil = now + body.overlap_s * 1000;
    const rotated = async (tx: Tx) => {
      const { endpoint, plan, made } = await applied(tx);
      const until = plan.retires === null ? null : retiringUntil;
      await notices.secretRotated(tx, endpoint, {
        step: step === undefined ? "rotated" : STEP_TAKEN[step],
        secretId: plan.promotes ?? made?.id ?? null,
        retiringUntil: until,
      });
      return { endpoint, until, made };
    };
    const applied = async (tx: Tx) => {
      const endpoint = await findEndpoint(tx, ownerOf(principal), id);
      if (!endpoint) throw notFound("ep", publicId("ep", id));
      const plan = planRotation(await readStages(tx, id), step, {
        now,
        overlapS: body.overlap_s,
      });
      if ("refusal" in plan) throw new CurlewError("conflict", plan.refusal);
      await applyRotation(tx, plan, { expiresAt: retiringUntil, resendOn: body.resend_on });
      if (plan.adds === null) {
        if (body.secret !== undefined) throw fieldRefused("/secret", `is not for ${step}`);
        return { endpoint, plan, made: null };
      }
      const dialect = views.requireDialect(endpoint.dialect);
      const problem = body.secret === undefined ? null : dialect.secret.problem(body.secret);
      if (problem !== null) throw fieldRefused("/secret", problem);
      const text = body.secret ?? dialect.secret.make(randomBytes(SECRET_BYTES));
      const made = { id: newId(), text };
      const sealed = vault.seal(text, secretPlace(made.id));
      await insertEndpointSecret(tx, {
        ...{ id: made.id, endpointId: id, sealed, createdAt: now },
        stage: plan.adds,
      });
      return { endpoint, plan, made };
    };
    const { endpoint, until, made } = await changeConfig(principal.workspaceId, rotated, {
      everywhere: true,
    });
    notices.soon();
    const shown = { ...(await views.show(endpoint)), retiring_until: showInstant(until) };
    return c.json(made === null ? shown : { ...shown, secret: made.text }, 200);
  });

  return routes;
}
