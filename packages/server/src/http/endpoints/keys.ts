import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import { publicId } from "../../core/ids.ts";
import { getDialect } from "../../dialects/registry.ts";
import { publicKeyFor } from "../../dialects/standard-webhooks.ts";
import type { Vault } from "../../runtime/secrets/vault.ts";
import { listSealedSecrets } from "../../storage/endpoints/endpoint-secrets.ts";
import { findEndpoint, secretPlace } from "../../storage/endpoints/endpoints.ts";
import {
  idParams,
  jsonAnswer,
  newRoutes,
  notFound,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";
import { ownerOf, type ResourceDeps } from "../resource.ts";

const ShownPublicKey = z
  .object({
    secret_id: shownId("sec"),
    public_key: z.string().openapi({ example: "whpk_8m1x…" }),
    stage: z.enum(["staged", "signing", "retiring"]),
    expires_at: shownInstant.nullable(),
  })
  .openapi("EndpointPublicKey");

const list = createRoute({
  tags: ["Endpoints"],
  middleware: requireScope("endpoints:read"),
  method: "get",
  path: "/endpoints/{id}/public-keys",
  operationId: "listEndpointPublicKeys",
  summary: "The public keys that verify an endpoint's Ed25519 signatures (v1a)",
  description:
    "One of each secret that counts. Requests carry such signatures when `dialect_options` of a native endpoint says `ed25519`.",
  request: { params: idParams("ep") },
  responses: {
    200: jsonAnswer("All of them.", z.object({ data: z.array(ShownPublicKey) })),
    ...problems("not_found"),
  },
});

const reveal = createRoute({
  tags: ["Endpoints"],
  middleware: requireScope("endpoints:write"),
  method: "post",
  path: "/endpoints/{id}/reveal-secret",
  operationId: "revealEndpointSecret",
  summary: "Show an endpoint's signing secret again, where its dialect promises that",
  description:
    "ChatGenius' and Chatmefy's consumers can look theirs up at any time. Every other secret is shown once.",
  request: { params: idParams("ep") },
  responses: {
    200: jsonAnswer("The one that signs.", z.object({ secret: z.string() }).openapi("ShownSecret")),
    ...problems("not_found", "conflict"),
  },
});

export function endpointKeyRoutes({
  db,
  clock,
  vault,
}: Pick<ResourceDeps, "db" | "clock"> & { vault: Pick<Vault, "open"> }): Routes {
  const routes = newRoutes();
  routes.openapi(list, async (c) => {
    const { id } = c.req.valid("param");
    const endpoint = await findEndpoint(db, ownerOf(c.var.principal), id);
    if (!endpoint) throw notFound("ep", publicId("ep", id));
    const secrets =
      endpoint.dialect === "curlew" ? await listSealedSecrets(db, id, clock.now()) : [];
    const data = secrets.map((secret) => ({
      secret_id: publicId("sec", secret.id),
      public_key: publicKeyFor(vault.open(secret.sealed, secretPlace(secret.id))),
      stage: secret.stage,
      expires_at: showInstant(secret.expiresAt),
    }));
    return c.json({ data }, 200);
  });

  routes.openapi(reveal, async (c) => {
    const { id } = c.req.valid("param");
    const endpoint = await findEndpoint(db, ownerOf(c.var.principal), id);
    if (!endpoint) throw notFound("ep", publicId("ep", id));
    if (!getDialect(endpoint.dialect).secret.isShownLater) {
      throw new CurlewError("conflict", "Its secret was shown once; rotate it to get a new one.");
    }
    const secrets = await listSealedSecrets(db, id, clock.now());
    const signing = secrets.find(({ stage }) => stage === "signing");
    if (!signing) throw new CurlewError("conflict", "It has no secret that signs.");
    c.header("cache-control", "no-store");
    return c.json({ secret: vault.open(signing.sealed, secretPlace(signing.id)) }, 200);
  });

  return routes;
}
