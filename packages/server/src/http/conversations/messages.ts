import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import { messageObject } from "../../core/events/envelope.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import { type LinkMedia, linkedContent } from "../../core/messages/media.ts";
import { MESSAGE_STATUSES } from "../../core/messages/message-status.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { type Contact, readContacts } from "../../storage/conversations/contacts.ts";
import { findMessage, type Message } from "../../storage/conversations/messages.ts";
import { findOutboxPlace } from "../../storage/sending/outbox.ts";
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
import { ownerOf } from "../resource.ts";

const facts = z.record(z.string(), z.unknown());

export const ShownMessage = z
  .object({
    id: shownId("msg"),
    serial: z.int(),
    conversation_id: shownId("cnv"),
    channel_id: shownId("ch"),
    contact_id: shownId("con"),
    provider_id: z.string().nullable(),
    direction: z.enum(["inbound", "outbound"]),
    actor: z.object({ type: z.string(), id: z.string().nullable(), name: z.string().nullable() }),
    status: z.enum(MESSAGE_STATUSES),
    content: z.looseObject({ type: z.string().openapi({ example: "text" }) }),
    body_purged: z
      .literal(true)
      .optional()
      .openapi({ description: "The body was forwarded and not kept" }),
    quoted: z
      .object({ message_id: shownId("msg").nullable(), provider_id: z.string().nullable() })
      .nullable(),
    ticket_ref: z.string().nullable(),
    metadata: facts,
    referral: facts.nullable().openapi({ description: "What brought the customer here" }),
    forwarded: z.boolean().optional(),
    frequently_forwarded: z.boolean().optional(),
    standby: z.boolean().optional(),
    referred_product: facts.optional(),
    problem: facts.optional().openapi({ description: "What the provider says went wrong with it" }),
    error: facts.nullable().openapi({ description: "Why it failed" }),
    created_at: shownInstant,
    received_at: shownInstant.nullable(),
    sent_at: shownInstant.nullable(),
    delivered_at: shownInstant.nullable(),
    read_at: shownInstant.nullable(),
    failed_at: shownInstant.nullable(),
    edited_at: shownInstant.nullable(),
    deleted_at: shownInstant.nullable(),
  })
  .openapi("Message");

const get = createRoute({
  tags: ["Messages"],
  middleware: requireScope("messages:read"),
  method: "get",
  path: "/messages/{id}",
  operationId: "getMessage",
  summary: "Get a message",
  request: { params: idParams("msg") },
  responses: { 200: jsonAnswer("The message.", ShownMessage), ...problems("not_found") },
});

const cancel = createRoute({
  tags: ["Messages"],
  middleware: requireScope("messages:send"),
  method: "post",
  path: "/messages/{id}/cancel",
  operationId: "cancelMessage",
  summary: "Take back a message that has not left yet",
  description:
    "A message that waits for its hour (`send_at`), its turn or its channel fails with the error `cancelled` and is " +
    "never handed to the provider; nothing stands in for it. One that has left, or may have, is 409.",
  request: { params: idParams("msg") },
  responses: {
    200: jsonAnswer("The message, which has failed.", ShownMessage),
    ...problems("not_found", "conflict"),
  },
});

export interface MessageRoutesDeps {
  db: Queryable;
  clock: Pick<Clock, "now">;
  linkMedia: LinkMedia;
}

export interface MessageActionDeps extends MessageRoutesDeps {
  outbox: Pick<Outbox, "cancel">;
}

export function messageRoutes(deps: MessageActionDeps): Routes {
  const { db, outbox } = deps;
  const routes = newRoutes();
  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    const message = await findMessage(db, ownerOf(c.var.principal), id);
    if (!message) throw notFound("msg", publicId("msg", id));
    const contacts = await readContacts(db, [message.contactId]);
    return c.json(showMessage(deps, message, contacts), 200);
  });
  routes.openapi(cancel, async (c) => {
    const { id } = c.req.valid("param");
    const owner = ownerOf(c.var.principal);
    const before = await findMessage(db, owner, id);
    if (!before) throw notFound("msg", publicId("msg", id));
    const place = await findOutboxPlace(db, owner, id);
    const settled = place && (await outbox.cancel(place));
    if (settled?.error?.code !== "cancelled") {
      const status = settled?.status ?? before.status;
      throw new CurlewError("conflict", `The message is ${status}: it cannot be taken back.`);
    }
    const message = (await findMessage(db, owner, id)) ?? before;
    const contacts = await readContacts(db, [message.contactId]);
    return c.json(showMessage(deps, message, contacts), 200);
  });
  return routes;
}

/** Links to its files are new, and good for a while. */
export function showMessage(
  { linkMedia, clock }: Pick<MessageRoutesDeps, "linkMedia" | "clock">,
  message: Message,
  contacts: ReadonlyMap<string, Contact>,
): z.infer<typeof ShownMessage> {
  const name = message.actor === "contact" ? contacts.get(message.contactId)?.name : undefined;
  const { error = null, content, referral = null, ...shown } = messageObject(message, name ?? null);
  return {
    ...shown,
    content: { ...linkedContent(content, (id) => linkMedia(id, clock.now())) },
    error: error && { ...error },
    referral: referral && { ...referral },
    conversation_id: publicId("cnv", message.conversationId),
    channel_id: publicId("ch", message.channelId),
    contact_id: publicId("con", message.contactId),
    created_at: showInstant(message.createdAt),
    delivered_at: showInstant(message.deliveredAt),
    read_at: showInstant(message.readAt),
    failed_at: showInstant(message.failedAt),
    edited_at: showInstant(message.editedAt ?? null),
    deleted_at: showInstant(message.deletedAt ?? null),
  };
}
