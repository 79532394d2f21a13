import { createRoute, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Queryable } from "../../core/events/recording.ts";
import { parseId, publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import {
  type AuditEntry,
  insertAuditEntry,
  listAuditEntries,
} from "../../storage/workspaces/audit-log.ts";
import {
  type AppEnv,
  jsonAnswer,
  listQueryById,
  newRoutes,
  pageById,
  pageSchema,
  type Routes,
  requireScope,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";
import { peerOf } from "../requests/peer.ts";
import { requireUnconfined } from "../resource.ts";

export interface Audit {
  db: Queryable;
  newId(): string;
  clock: Pick<Clock, "now">;
}

/** Routes by which nothing changes that is set up, or that have a record of their own: events, messages, questions. */
const NOT_A_CHANGE =
  /^\/v1\/(events|send|media(\/.*)?|doctor|conversations\/.*)$|\/(test|doctor|check)$/;
const READING = new Set(["GET", "HEAD", "OPTIONS"]);

/** Notes every change that was made, before it is answered: who, what, from where. No bodies. */
export function auditing({ db, newId, clock }: Audit, logger: Logger): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await next();
    const { method, path } = c.req;
    if (READING.has(method) || c.res.status >= 400) return;
    const matched = routePath(c, -1);
    const pattern = matched.endsWith("*") ? path : matched;
    if (NOT_A_CHANGE.test(pattern)) return;
    const { principal, requestId } = c.var;
    try {
      await insertAuditEntry(db, {
        id: newId(),
        workspaceId: principal.workspaceId,
        at: clock.now(),
        actorKind: principal.kind,
        actorId: principal.personId ?? principal.keyId,
        operation: `${method} ${pattern}`,
        method,
        path,
        requestId,
        ip: peerOf(c),
      });
    } catch (error) {
      // The change stands; to call it a failure would be wrong, and the log keeps the entry.
      logger.error(
        { err: error, request_id: requestId, method, path },
        "an audit entry is missing",
      );
    }
  };
}

const ShownEntry = z
  .object({
    id: shownId("aud"),
    at: shownInstant,
    actor: z.object({
      kind: z.enum(["admin", "key", "member"]),
      id: z.string().nullable(),
      name: z.string().nullable(),
    }),
    operation: z.string().openapi({ example: "PATCH /v1/endpoints/:id" }),
    path: z.string(),
    request_id: z.string(),
    ip: z.string().nullable(),
  })
  .openapi("AuditEntry");

const list = createRoute({
  tags: ["Audit log"],
  middleware: requireScope("audit_log:read"),
  method: "get",
  path: "/audit-log",
  operationId: "listAuditLog",
  summary: "List who changed what, the newest first",
  request: {
    query: listQueryById({
      actor_id: z.string().max(100).optional(),
      object_id: z.string().max(100).optional().openapi({
        description: "What was done to one thing: its id, as it stands in the path",
      }),
    }),
  },
  responses: { 200: jsonAnswer("A page.", pageSchema(ShownEntry)) },
});

export function auditLogRoutes({ db }: { db: Queryable }): Routes {
  const routes = newRoutes();
  routes.openapi(list, async (c) => {
    const { principal } = c.var;
    requireUnconfined(principal);
    const { actor_id: actorId, object_id: objectId, ...query } = c.req.valid("query");
    const of = {
      workspaceId: principal.workspaceId,
      actorId: actorId && (uuidOf(actorId) ?? actorId),
      objectId,
    };
    const page = await pageById(query, (o) => listAuditEntries(db, { ...o, ...of }), show);
    return c.json(page, 200);
  });
  return routes;
}

function uuidOf(id: string): string | null {
  return parseId("usr", id) ?? parseId("key", id);
}

function show(entry: AuditEntry): z.infer<typeof ShownEntry> {
  const { actorKind, actorId, actorName } = entry;
  const prefix = actorKind === "member" ? "usr" : "key";
  return {
    id: publicId("aud", entry.id),
    at: showInstant(entry.at),
    actor: { kind: actorKind, id: actorId && publicId(prefix, actorId), name: actorName },
    operation: entry.operation,
    path: entry.path,
    request_id: entry.requestId,
    ip: entry.ip,
  };
}
