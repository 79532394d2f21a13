import { createRoute, z } from "@hono/zod-openapi";
import { MESSAGE_STATUSES } from "../../core/messages/message-status.ts";
import { readContacts } from "../../storage/conversations/contacts.ts";
import { findMessages } from "../../storage/conversations/message-list.ts";
import {
  jsonAnswer,
  listQueryById,
  newRoutes,
  pageOf,
  pageSchema,
  type Routes,
  requireScope,
} from "../api.ts";
import { feedFilters, filterOf } from "../parameters/feed-query.ts";
import { idsWithin, spanFilters } from "../parameters/span.ts";
import { ownerOf } from "../resource.ts";
import { type MessageRoutesDeps, ShownMessage, showMessage } from "./messages.ts";

const list = createRoute({
  tags: ["Messages"],
  middleware: requireScope("messages:read"),
  method: "get",
  path: "/messages",
  operationId: "listMessages",
  summary: "List messages of all conversations, the newest first",
  description: "A page may be short, or empty, while `has_more` is true.",
  request: {
    query: listQueryById({
      conversation_id: feedFilters.conversation_id,
      channel: feedFilters.channel,
      direction: z.enum(["inbound", "outbound"]).optional(),
      status: z.enum(MESSAGE_STATUSES).optional(),
      ...spanFilters,
    }),
  },
  responses: { 200: jsonAnswer("A page.", pageSchema(ShownMessage)) },
});

/** What was said, wherever it was. A confined key sees what was said in its account. */
export function messageListRoutes(deps: MessageRoutesDeps): Routes {
  const { db } = deps;
  const routes = newRoutes();

  routes.openapi(list, async (c) => {
    const { limit, cursor: before, direction, status, ...query } = c.req.valid("query");
    const page = { ...idsWithin(query), before, limit };
    const filter = { ...filterOf(query), direction, status };
    const { messages, next } = await findMessages(db, ownerOf(c.var.principal), page, filter);
    const contacts = await readContacts(db, [...new Set(messages.map((each) => each.contactId))]);
    const data = messages.map((message) => showMessage(deps, message, contacts));
    return c.json(pageOf(data, next), 200);
  });

  return routes;
}
