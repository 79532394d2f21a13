import { createRoute, z } from "@hono/zod-openapi";
import { type ChannelRow, channelObject, conversationObject } from "../../core/events/envelope.ts";
import { publicId, timeOfId } from "../../core/ids.ts";
import { CHANNEL_KINDS } from "../../core/messages/channel-kinds.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import { readChannelRows } from "../../storage/channels/routing.ts";
import { findHindrances, type Hindrance } from "../../storage/conversations/consents.ts";
import { type Contact, readContacts } from "../../storage/conversations/contacts.ts";
import {
  type Conversation,
  findConversation,
  listConversations,
} from "../../storage/conversations/conversations.ts";
import {
  listMessages,
  type Message,
  readLastMessages,
} from "../../storage/conversations/messages.ts";
import {
  idParams,
  idSchema,
  jsonAnswer,
  listQueryById,
  newRoutes,
  notFound,
  pageSchema,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownId,
  shownInstant,
  toPage,
} from "../api.ts";
import { ownerOf } from "../resource.ts";
import { ShownContact, showContact } from "./contacts.ts";
import { type MessageRoutesDeps, ShownMessage, showMessage } from "./messages.ts";

const STATUSES = ["open", "escalated", "closed"] as const;

const ShownConversation = z
  .object({
    id: shownId("cnv"),
    serial: z.int(),
    seq: z.int().openapi({ description: "The number of its last event" }),
    status: z.enum(STATUSES),
    account_id: shownId("acc").nullable(),
    channel: z.object({
      id: shownId("ch"),
      serial: z.int(),
      kind: z.enum(CHANNEL_KINDS),
      name: z.string(),
      external_id: z.string(),
    }),
    contact: ShownContact,
    window: z.object({
      free_form_until: shownInstant.nullable().openapi({
        description: "Until when free text may be sent; null when the customer has not written",
      }),
      human_agent_until: shownInstant.nullable().openapi({
        description: "Until when a person may answer, where people are given longer",
      }),
    }),
    blocked_by: z.enum(["channel_deleted", "opted_out"]).nullable().openapi({
      description: "What keeps every message back: a window does not count, and a pause ends",
    }),
    ticket_ref: z.string().nullable(),
    last_inbound_at: shownInstant.nullable(),
    last_activity_at: shownInstant.openapi({ description: "When its last event happened" }),
    last_message: z.union([ShownMessage, z.null()]).openapi({
      description: "Null while nothing was said, and for who has no scope messages:read",
    }),
    created_at: shownInstant,
    closed_at: shownInstant.nullable(),
  })
  .openapi("Conversation");

const reading = { tags: ["Conversations"], middleware: requireScope("conversations:read") };

const list = createRoute({
  ...reading,
  method: "get",
  path: "/conversations",
  operationId: "listConversations",
  summary: "List conversations, the newest first, or those where something happened last",
  request: {
    query: listQueryById({
      channel_id: idSchema("ch").optional(),
      contact_id: idSchema("con").optional(),
      status: z.enum(STATUSES).optional(),
      q: z.string().trim().min(1).max(100).optional().openapi({
        description: "A part of a name, of an address or of a ticket's reference",
      }),
      order: z.enum(["created", "activity"]).default("created"),
    }),
  },
  responses: { 200: jsonAnswer("A page.", pageSchema(ShownConversation)) },
});

const get = createRoute({
  ...reading,
  method: "get",
  path: "/conversations/{id}",
  operationId: "getConversation",
  summary: "Get a conversation",
  request: { params: idParams("cnv") },
  responses: { 200: jsonAnswer("The conversation.", ShownConversation), ...problems("not_found") },
});

const messages = createRoute({
  tags: ["Conversations"],
  middleware: requireScope("messages:read"),
  method: "get",
  path: "/conversations/{id}/messages",
  operationId: "listConversationMessages",
  summary: "List a conversation's messages, the newest first",
  request: { params: idParams("cnv"), query: listQueryById({}) },
  responses: { 200: jsonAnswer("A page.", pageSchema(ShownMessage)), ...problems("not_found") },
});

/** Conversations and what was said in them. A confined key sees those of its account. */
export function conversationRoutes(deps: MessageRoutesDeps): Routes {
  const { db } = deps;
  const routes = newRoutes();

  routes.openapi(list, async (c) => {
    const { principal } = c.var;
    const {
      limit,
      order,
      cursor: before,
      channel_id,
      contact_id,
      status,
      q,
    } = c.req.valid("query");
    const rows = await listConversations(db, ownerOf(principal), {
      limit: limit + 1,
      order,
      before,
      channelId: channel_id,
      contactId: contact_id,
      status,
      text: q,
    });
    const show = await shower(deps, principal, rows);
    return c.json(
      toPage(rows, limit, ({ id, activityId }) => (order === "activity" ? activityId : id), show),
      200,
    );
  });

  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    const conversation = await findConversation(db, ownerOf(c.var.principal), id);
    if (!conversation) throw notFound("cnv", publicId("cnv", id));
    const show = await shower(deps, c.var.principal, [conversation]);
    return c.json(show(conversation), 200);
  });

  routes.openapi(messages, async (c) => {
    const { id } = c.req.valid("param");
    const owner = ownerOf(c.var.principal);
    const conversation = await findConversation(db, owner, id);
    if (!conversation) throw notFound("cnv", publicId("cnv", id));
    const { limit, cursor: before } = c.req.valid("query");
    const rows = await listMessages(db, owner, id, { limit: limit + 1, before });
    const contacts = await readContacts(db, [conversation.contactId]);
    return c.json(
      toPage(
        rows,
        limit,
        (message) => message.id,
        (message) => showMessage(deps, message, contacts),
      ),
      200,
    );
  });

  return routes;
}

async function shower(
  deps: MessageRoutesDeps,
  principal: Principal,
  conversations: readonly Conversation[],
) {
  const { db } = deps;
  const channels = await readChannelRows(db, unique(conversations.map((each) => each.channelId)));
  const contacts = await readContacts(db, unique(conversations.map((each) => each.contactId)));
  const hindrances = await findHindrances(db, conversations);
  const ids = conversations.map((each) => each.id);
  const said = principal.scopes.has("messages:read")
    ? await readLastMessages(db, ownerOf(principal), ids)
    : new Map<string, Message>();
  return (conversation: Conversation): z.infer<typeof ShownConversation> => {
    const channel = channels.get(conversation.channelId);
    const contact = contacts.get(conversation.contactId);
    if (!channel || !contact) throw new Error("A conversation has lost its channel or its contact");
    const last = said.get(conversation.id);
    const { channelId, contactId } = conversation;
    const hindrance = hindrances.get(`${channelId} ${contactId}`) ?? null;
    return {
      ...showConversation(conversation, channel, contact, hindrance),
      last_message: last ? showMessage(deps, last, contacts) : null,
    };
  };
}

function showConversation(
  conversation: Conversation,
  channel: ChannelRow,
  contact: Contact,
  hindrance: Hindrance | null,
): Omit<z.infer<typeof ShownConversation>, "last_message"> {
  const { accountId, seq, activityId, lastInboundAt, createdAt, closedAt } = conversation;
  return {
    ...conversationObject(conversation, channel.kind),
    seq,
    account_id: accountId && publicId("acc", accountId),
    channel: channelObject(channel),
    contact: showContact(contact),
    blocked_by: hindrance,
    last_inbound_at: showInstant(lastInboundAt),
    last_activity_at: showInstant(timeOfId(activityId)),
    created_at: showInstant(createdAt),
    closed_at: showInstant(closedAt),
  };
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
