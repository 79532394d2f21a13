import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import { publicId } from "../../core/ids.ts";
import { EVERY_SCOPE, grantedScopes, SCOPES } from "../../core/workspaces/scopes.ts";
import type { Tx } from "../../storage/connections/connections.ts";
import {
  type ApiKey,
  expireKey,
  findKey,
  findSuccessor,
  insertKey,
  listKeys,
  revokeKey,
} from "../../storage/workspaces/api-keys.ts";
import {
  fieldRefused,
  idParams,
  idSchema,
  jsonAnswer,
  jsonBody,
  listQueryById,
  newRoutes,
  notFound,
  optionalJsonBody,
  pageById,
  pageSchema,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";
import { instantSchema } from "../parameters/instant.ts";
import { accountFor, ownerOf, type ResourceDeps } from "../resource.ts";
import { requireOwnScopes } from "./handing-on.ts";
import { newApiKey } from "./key-text.ts";

const DAY_S = 86_400;
const MAX_OVERLAP_S = 30 * DAY_S;

const KeyBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: z
    .array(z.enum([EVERY_SCOPE, ...SCOPES]))
    .min(1)
    .openapi({
      description: "`*` stands for every scope, those of later versions included.",
    }),
  account_id: idSchema("acc").nullable().optional().openapi({
    description: "Confines the key to this account.",
  }),
  expires_at: instantSchema.nullable().optional(),
});

const RotateBody = z.strictObject({
  overlap_s: z.int().min(0).max(MAX_OVERLAP_S).default(DAY_S).openapi({
    description: "How long the key that is replaced goes on working.",
  }),
});

const ShownKey = z
  .object({
    id: shownId("key"),
    name: z.string(),
    prefix: z.string().openapi({ example: "curlew_live_8fK2mQx0aZ4b" }),
    last4: z.string(),
    scopes: z.array(z.string()),
    account_id: shownId("acc").nullable(),
    rotated_from: shownId("key").nullable(),
    created_at: shownInstant,
    expires_at: shownInstant.nullable(),
    revoked_at: shownInstant.nullable(),
    last_used_at: shownInstant.nullable(),
  })
  .openapi("ApiKey");

const ShownNewKey = ShownKey.extend({
  key: z.string().openapi({ description: "The key itself: shown here and never again." }),
}).openapi("NewApiKey");

const tags = ["API keys"];
const reading = { tags, middleware: requireScope("api_keys:read") };
const writing = { tags, middleware: requireScope("api_keys:write") };

const create = createRoute({
  ...writing,
  method: "post",
  path: "/api-keys",
  operationId: "createApiKey",
  summary: "Make a key",
  description: "A key can be given no scope, and no account, that the one who makes it lacks.",
  request: { body: jsonBody(KeyBody) },
  responses: { 201: jsonAnswer("The key.", ShownNewKey) },
});

const list = createRoute({
  ...reading,
  method: "get",
  path: "/api-keys",
  operationId: "listApiKeys",
  summary: "List keys, the newest first, with those that no longer work",
  request: { query: listQueryById({}) },
  responses: { 200: jsonAnswer("A page.", pageSchema(ShownKey)) },
});

const get = createRoute({
  ...reading,
  method: "get",
  path: "/api-keys/{id}",
  operationId: "getApiKey",
  summary: "Get a key",
  request: { params: idParams("key") },
  responses: { 200: jsonAnswer("The key.", ShownKey), ...problems("not_found") },
});

const revoke = createRoute({
  ...writing,
  method: "delete",
  path: "/api-keys/{id}",
  operationId: "revokeApiKey",
  summary: "Revoke a key: it stops working at once",
  request: { params: idParams("key") },
  responses: { 204: { description: "Revoked." }, ...problems("not_found") },
});

const rotate = createRoute({
  ...writing,
  method: "post",
  path: "/api-keys/{id}/rotate",
  operationId: "rotateApiKey",
  summary: "Replace a key by a second one; the first expires after the overlap",
  request: {
    params: idParams("key"),
    body: optionalJsonBody(RotateBody),
  },
  responses: { 201: jsonAnswer("The new key.", ShownNewKey), ...problems("not_found", "conflict") },
});

export function apiKeyRoutes({ db, changeConfig, clock, newId }: ResourceDeps): Routes {
  const routes = newRoutes();

  routes.openapi(create, async (c) => {
    const { principal } = c.var;
    const { name, scopes, account_id, expires_at } = c.req.valid("json");
    const now = clock.now();
    if (expires_at != null && expires_at <= now) {
      throw fieldRefused("/expires_at", "lies in the past");
    }
    requireOwnScopes(principal, grantedScopes(scopes));
    const made = newApiKey();
    const key = await changeConfig(principal.workspaceId, async (tx) =>
      insertKey(tx, {
        ...made,
        id: newId(),
        workspaceId: principal.workspaceId,
        accountId: await accountFor(tx, principal, account_id, "/account_id"),
        name,
        scopes: [...new Set(scopes)],
        rotatedFrom: null,
        createdAt: now,
        expiresAt: expires_at ?? null,
      }),
    );
    return c.json({ ...show(key), key: made.text }, 201);
  });

  routes.openapi(list, async (c) => {
    const owner = ownerOf(c.var.principal);
    const page = await pageById(c.req.valid("query"), (o) => listKeys(db, owner, o), show);
    return c.json(page, 200);
  });

  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(show(found(await findKey(db, ownerOf(c.var.principal), id), id)), 200);
  });

  routes.openapi(revoke, async (c) => {
    const { principal } = c.var;
    const { id } = c.req.valid("param");
    const revoked = async (tx: Tx) => {
      found(await findKey(tx, ownerOf(principal), id), id);
      await revokeKey(tx, id, clock.now());
    };
    await changeConfig(principal.workspaceId, revoked, { everywhere: true });
    return c.body(null, 204);
  });

  routes.openapi(rotate, async (c) => {
    const { principal } = c.var;
    const { id } = c.req.valid("param");
    // Without a body there is nothing that the schema could have filled in.
    const { overlap_s } = RotateBody.parse(c.req.valid("json"));
    const now = clock.now();
    const made = newApiKey();
    const key = await changeConfig(principal.workspaceId, async (tx) => {
      const before = found(await findKey(tx, ownerOf(principal), id), id);
      // Otherwise whoever may rotate could turn any key into one that they know.
      requireOwnScopes(principal, grantedScopes(before.scopes));
      if (before.revokedAt !== null || (before.expiresAt !== null && before.expiresAt <= now)) {
        throw new CurlewError("conflict", "This key no longer works: make a new one.");
      }
      const successor = await findSuccessor(tx, id, now);
      if (successor !== null) {
        throw new CurlewError(
          "conflict",
          `This key is being replaced by ${publicId("key", successor)}: rotate that one.`,
        );
      }
      const lifeMs = before.expiresAt === null ? null : before.expiresAt - before.createdAt;
      await expireKey(tx, id, now + overlap_s * 1000);
      return insertKey(tx, {
        ...made,
        id: newId(),
        workspaceId: before.workspaceId,
        accountId: before.accountId,
        name: before.name,
        scopes: before.scopes,
        rotatedFrom: id,
        createdAt: now,
        expiresAt: lifeMs === null ? null : now + lifeMs,
      });
    });
    return c.json({ ...show(key), key: made.text }, 201);
  });

  return routes;
}

function found(key: ApiKey | null, id: string): ApiKey {
  if (key) return key;
  throw notFound("key", publicId("key", id));
}

function show(key: ApiKey): z.infer<typeof ShownKey> {
  return {
    id: publicId("key", key.id),
    name: key.name,
    prefix: key.prefix,
    last4: key.last4,
    scopes: key.scopes,
    account_id: key.accountId === null ? null : publicId("acc", key.accountId),
    rotated_from: key.rotatedFrom === null ? null : publicId("key", key.rotatedFrom),
    created_at: showInstant(key.createdAt),
    expires_at: showInstant(key.expiresAt),
    revoked_at: showInstant(key.revokedAt),
    last_used_at: showInstant(key.lastUsedAt),
  };
}
