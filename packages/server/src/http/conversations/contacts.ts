import { createRoute, z } from "@hono/zod-openapi";
import { contactObject } from "../../core/events/envelope.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import {
  type Contact,
  findVisibleContact,
  listContactIds,
  readContacts,
} from "../../storage/conversations/contacts.ts";
import {
  idParams,
  jsonAnswer,
  listQueryById,
  newRoutes,
  notFound,
  type PageById,
  pageById,
  pageSchema,
  problems,
  type Routes,
  requireScope,
  shownId,
} from "../api.ts";
import { ownerOf } from "../resource.ts";

export const ShownContact = z
  .object({
    id: shownId("con"),
    serial: z.int(),
    name: z.string().nullable(),
    identities: z.array(
      z.object({
        channel: z.string().openapi({ example: "whatsapp" }),
        kind: z.string().openapi({ example: "wa_id" }),
        id: z.string(),
        username: z.string().nullable(),
      }),
    ),
    custom_fields: z.record(z.string(), z.unknown()),
  })
  .openapi("Contact");

const reading = { tags: ["Contacts"], middleware: requireScope("conversations:read") };

const list = createRoute({
  ...reading,
  method: "get",
  path: "/contacts",
  operationId: "listContacts",
  summary: "List contacts, the newest first",
  request: { query: listQueryById({}) },
  responses: { 200: jsonAnswer("A page.", pageSchema(ShownContact)) },
});

const get = createRoute({
  ...reading,
  method: "get",
  path: "/contacts/{id}",
  operationId: "getContact",
  summary: "Get a contact",
  request: { params: idParams("con") },
  responses: { 200: jsonAnswer("The contact.", ShownContact), ...problems("not_found") },
});

export function contactRoutes({ db }: { db: Queryable }): Routes {
  const routes = newRoutes();

  routes.openapi(list, async (c) => {
    const owner = ownerOf(c.var.principal);
    const find = async (o: PageById) => {
      const ids = await listContactIds(db, owner, o);
      const contacts = await readContacts(db, ids);
      return ids.flatMap((id) => contacts.get(id) ?? []);
    };
    return c.json(await pageById(c.req.valid("query"), find, showContact), 200);
  });

  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    const contact = await findVisibleContact(db, ownerOf(c.var.principal), id);
    if (!contact) throw notFound("con", publicId("con", id));
    return c.json(showContact(contact), 200);
  });

  return routes;
}

export function showContact(contact: Contact): z.infer<typeof ShownContact> {
  return contactObject(contact, contact.identities);
}
