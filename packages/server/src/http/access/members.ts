import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import { publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { ROLES } from "../../core/workspaces/roles.ts";
import { randomBase62 } from "../../runtime/secrets/secrets.ts";
import type { Connections, Tx } from "../../storage/connections/connections.ts";
import {
  deleteInvitation,
  deleteMember,
  findPersonByEmail,
  type Invitation,
  insertInvitation,
  listInvitations,
  listMembers,
  lockOwners,
  type Member,
  putMember,
} from "../../storage/workspaces/members.ts";
import {
  idParams,
  jsonAnswer,
  jsonBody,
  newRoutes,
  notFound,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";
import { requireUnconfined } from "../resource.ts";
import { requireRole } from "./handing-on.ts";
import { digestOf } from "./key-text.ts";

const INVITATION_KEPT_MS = 7 * 86_400_000;
const TOKEN_LETTERS = 43;

const role = z.enum(ROLES);
const ShownMember = z
  .object({
    id: shownId("usr"),
    name: z.string(),
    email: z.string(),
    role,
    two_factor: z.boolean(),
    created_at: shownInstant,
  })
  .openapi("Member");

const ShownInvitation = z
  .object({
    id: shownId("inv"),
    email: z.string(),
    role,
    created_at: shownInstant,
    expires_at: shownInstant,
  })
  .openapi("Invitation");

export const emailSchema = z
  .email()
  .max(254)
  .transform((text) => text.toLowerCase());

const reading = { tags: ["Members"], middleware: requireScope("members:read") };
const writing = { tags: ["Members"], middleware: requireScope("members:write") };
const member = { params: idParams("usr") };

const list = createRoute({
  ...reading,
  method: "get",
  path: "/members",
  operationId: "listMembers",
  summary: "List who may act for the workspace",
  responses: { 200: jsonAnswer("All of them.", z.object({ data: z.array(ShownMember) })) },
});

const patch = createRoute({
  ...writing,
  method: "patch",
  path: "/members/{id}",
  operationId: "updateMember",
  summary: "Give a member another role",
  request: { ...member, body: jsonBody(z.strictObject({ role })) },
  responses: { 200: jsonAnswer("The member.", ShownMember), ...problems("not_found", "conflict") },
});

const remove = createRoute({
  ...writing,
  method: "delete",
  path: "/members/{id}",
  operationId: "removeMember",
  summary: "Take somebody out of the workspace",
  request: member,
  responses: { 204: { description: "Gone." }, ...problems("not_found", "conflict") },
});

const invite = createRoute({
  ...writing,
  method: "post",
  path: "/invitations",
  operationId: "invite",
  summary: "Invite somebody; the link is shown once, and sending it is yours",
  description: "A role is offered, given and taken away by who may do all that it opens.",
  request: { body: jsonBody(z.strictObject({ email: emailSchema, role })) },
  responses: {
    201: jsonAnswer(
      "The invitation.",
      ShownInvitation.extend({
        token: z.string().openapi({ description: "Shown only here. It counts once, for a week." }),
      }),
    ),
    ...problems("conflict"),
  },
});

const invitations = createRoute({
  ...reading,
  method: "get",
  path: "/invitations",
  operationId: "listInvitations",
  summary: "List invitations that nobody has taken yet",
  responses: { 200: jsonAnswer("All of them.", z.object({ data: z.array(ShownInvitation) })) },
});

const withdraw = createRoute({
  ...writing,
  method: "delete",
  path: "/invitations/{id}",
  operationId: "withdrawInvitation",
  summary: "Withdraw an invitation",
  request: { params: idParams("inv") },
  responses: { 204: { description: "Withdrawn." }, ...problems("not_found") },
});

export interface MemberRoutesDeps {
  connections: Pick<Connections, "pool" | "transaction">;
  clock: Pick<Clock, "now">;
  newId(): string;
}

/** People and their roles. A member's role gives the same scopes to a session as a key has. */
export function memberRoutes({ connections, clock, newId }: MemberRoutesDeps): Routes {
  const db = connections.pool;
  const routes = newRoutes();

  routes.openapi(list, async (c) => {
    requireUnconfined(c.var.principal);
    const members = await listMembers(db, c.var.principal.workspaceId);
    return c.json({ data: members.map(show) }, 200);
  });

  routes.openapi(patch, async (c) => {
    const { principal } = c.var;
    requireUnconfined(principal);
    const { workspaceId } = principal;
    const { id } = c.req.valid("param");
    const change = c.req.valid("json");
    await requireRole(db, principal, change.role);
    await connections.transaction(async (tx) => {
      if (change.role !== "owner") await requireAnotherOwner(tx, workspaceId, id);
      await requireRole(tx, principal, (await requireMember(tx, workspaceId, id)).role);
      await putMember(tx, { workspaceId, personId: id, role: change.role, now: clock.now() });
    });
    return c.json(show(await requireMember(db, workspaceId, id)), 200);
  });

  routes.openapi(remove, async (c) => {
    const { principal } = c.var;
    requireUnconfined(principal);
    const { workspaceId } = principal;
    const { id } = c.req.valid("param");
    await connections.transaction(async (tx) => {
      await requireAnotherOwner(tx, workspaceId, id);
      await requireRole(tx, principal, (await requireMember(tx, workspaceId, id)).role);
      if (!(await deleteMember(tx, workspaceId, id))) throw notFound("usr", publicId("usr", id));
    });
    return c.body(null, 204);
  });

  routes.openapi(invite, async (c) => {
    const { principal } = c.var;
    requireUnconfined(principal);
    const { workspaceId } = principal;
    const { email, role: offered } = c.req.valid("json");
    await requireRole(db, principal, offered);
    const person = await findPersonByEmail(db, email);
    const members = await listMembers(db, workspaceId);
    if (members.some(({ id }) => id === person?.id)) {
      throw new CurlewError("conflict", `${email} is a member already.`);
    }
    const now = clock.now();
    const token = randomBase62(TOKEN_LETTERS);
    const invitation = {
      ...{ id: newId(), email, role: offered, createdAt: now },
      expiresAt: now + INVITATION_KEPT_MS,
    };
    await insertInvitation(db, { ...invitation, workspaceId, digest: digestOf(token) });
    return c.json({ ...showInvitation(invitation), token }, 201);
  });

  routes.openapi(invitations, async (c) => {
    requireUnconfined(c.var.principal);
    const rows = await listInvitations(db, c.var.principal.workspaceId);
    return c.json({ data: rows.map(showInvitation) }, 200);
  });

  routes.openapi(withdraw, async (c) => {
    requireUnconfined(c.var.principal);
    const { id } = c.req.valid("param");
    if (!(await deleteInvitation(db, c.var.principal.workspaceId, id))) {
      throw notFound("inv", publicId("inv", id));
    }
    return c.body(null, 204);
  });

  return routes;
}

async function requireMember(
  db: Parameters<typeof listMembers>[0],
  workspaceId: string,
  id: string,
): Promise<Member> {
  const found = (await listMembers(db, workspaceId)).find((each) => each.id === id);
  if (found) return found;
  throw notFound("usr", publicId("usr", id));
}

/** A workspace without an owner could never be given one again. */
async function requireAnotherOwner(tx: Tx, workspaceId: string, id: string): Promise<void> {
  const owners = await lockOwners(tx, workspaceId);
  if (owners.length === 1 && owners[0] === id) {
    throw new CurlewError("conflict", "The last owner stays. Make somebody else an owner first.");
  }
}

function show(each: Member): z.infer<typeof ShownMember> {
  return {
    id: publicId("usr", each.id),
    name: each.name,
    email: each.email,
    role: each.role,
    two_factor: each.twoFactor,
    created_at: showInstant(each.createdAt),
  };
}

function showInvitation(each: Invitation): z.infer<typeof ShownInvitation> {
  return {
    id: publicId("inv", each.id),
    email: each.email,
    role: each.role,
    created_at: showInstant(each.createdAt),
    expires_at: showInstant(each.expiresAt),
  };
}
