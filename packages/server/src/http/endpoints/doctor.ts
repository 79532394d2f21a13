import { createRoute, z } from "@hono/zod-openapi";
import type { Clock } from "../../core/outside/clock.ts";
import { diagnose, TOLERANCE_S } from "../../dialects/doctor/diagnose.ts";
import { FINDINGS, type FindingCode } from "../../dialects/doctor/findings.ts";
import { DIAGNOSED } from "../../dialects/doctor/schemes.ts";
import { jsonAnswer, jsonBody, newRoutes, type Routes, requireScope } from "../api.ts";
import { instantSchema } from "../parameters/instant.ts";

const codes = Object.keys(FINDINGS) as [FindingCode, ...FindingCode[]]; // keys of a table that has some

const diagnosis = createRoute({
  tags: ["Endpoints"],
  middleware: requireScope("endpoints:read"),
  method: "post",
  path: "/doctor",
  operationId: "diagnoseSignature",
  summary: "Say what is wrong with the signature of a webhook",
  description:
    "For a receiver that refuses what it should accept: give what it saw. Nothing of it is kept or logged.",
  request: {
    body: jsonBody(
      z
        .strictObject({
          headers: z
            .record(z.string(), z.union([z.string(), z.array(z.string())]))
            .openapi({ description: "As your receiver has them" }),
          body: z.string().openapi({ description: "What your receiver verified, to the letter" }),
          secret: z.string().min(1).max(1000),
          dialect: z.enum(DIAGNOSED).optional().openapi({
            description: "The endpoint's; told from the headers when absent",
          }),
          now: instantSchema.optional().openapi({
            description: "What your receiver's clock says; the server's own when absent",
          }),
        })
        .openapi("SignedRequest"),
    ),
  },
  responses: {
    200: jsonAnswer(
      "What was found.",
      z
        .object({
          accepted: z
            .boolean()
            .openapi({ description: "A receiver that does as it should accepts the request" }),
          dialect: z.enum(DIAGNOSED),
          expected: z.string().nullable().openapi({
            description:
              "What the signature's header should hold for this very body; null where it is the secret itself",
          }),
          tolerance_s: z.int(),
          findings: z.array(
            z.object({
              code: z.enum(codes),
              detail: z.string(),
              advice: z.string().openapi({ description: "What helps" }),
            }),
          ),
        })
        .openapi("Diagnosis"),
    ),
  },
});

export function doctorRoutes({ clock }: { clock: Pick<Clock, "now"> }): Routes {
  const routes = newRoutes();
  routes.openapi(diagnosis, (c) => {
    const { dialect = null, now = clock.now(), ...suspect } = c.req.valid("json");
    const found = diagnose({ ...suspect, dialect, now });
    return c.json({ ...found, tolerance_s: TOLERANCE_S }, 200);
  });
  return routes;
}
