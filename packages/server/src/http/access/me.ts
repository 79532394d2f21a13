import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import { ROLES } from "../../core/workspaces/roles.ts";
import { listMembers, listMemberships } from "../../storage/workspaces/members.ts";
import { findWorkspace } from "../../storage/workspaces/workspaces.ts";
import { jsonAnswer, newRoutes, type Routes, shownId } from "../api.ts";

const ShownMe = z
  .object({
    kind: z.enum(["admin", "key", "member"]),
    person: z
      .object({ id: shownId("usr"), name: z.string(), email: z.string() })
      .nullable()
      .openapi({ description: "Who has signed in; null for a key" }),
    is_operator: z.boolean(),
    workspace: z.object({ id: shownId("ws"), name: z.string() }),
    workspaces: z
      .array(z.object({ id: shownId("ws"), name: z.string(), role: z.enum(ROLES) }))
      .openapi({ description: "Where the person is a member" }),
    scopes: z.array(z.string()),
  })
  .openapi("Me");

const get = createRoute({
  tags: ["Members"],
  method: "get",
  path: "/me",
  operationId: "getMe",
  summary: "Whom this request acts for, and what it may do",
  responses: { 200: jsonAnswer("You.", ShownMe) },
});

export function meRoutes({ db }: { db: Queryable }): Routes {
  const routes = newRoutes();
  routes.openapi(get, async (c) => {
    const { kind, personId, workspaceId, scopes, isOperator } = c.var.principal;
    const workspace = await findWorkspace(db, workspaceId);
    const members = personId === undefined ? [] : await listMembers(db, workspaceId);
    const person = members.find(({ id }) => id === personId);
    const memberships = personId === undefined ? [] : await listMemberships(db, personId);
    return c.json(
      {
        kind,
        person: person
          ? { id: publicId("usr", person.id), name: person.name, email: person.email }
          : null,
        is_operator: kind === "admin" || isOperator === true,
        workspace: { id: publicId("ws", workspaceId), name: workspace?.name ?? "" },
        workspaces: memberships.map((each) => ({
          id: publicId("ws", each.workspaceId),
          name: each.workspaceName,
          role: each.role,
        })),
        scopes: [...scopes],
      },
      200,
    );
  });
  return routes;
}
