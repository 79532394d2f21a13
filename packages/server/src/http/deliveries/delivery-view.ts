import { z } from "@hono/zod-openapi";
import { deliveryId, parseDeliveryId, publicId, timeOfId } from "../../core/ids.ts";
import { CHANNEL_KINDS, isChannelKind } from "../../core/messages/channel-kinds.ts";
import { type RequestView, viewRequest } from "../../delivery/views/request-view.ts";
import { getDialect } from "../../dialects/registry.ts";
import type {
  AttemptRow,
  DeliveryDetail,
  DeliveryKey,
  DeliveryRow,
} from "../../storage/deliveries/delivery-reads.ts";
import { notFound, showInstant, shownId, shownInstant } from "../api.ts";

const EXAMPLE_ID = "dlv_01h455vb4pex5vsknk084sn02q_17";

export const DELIVERY_STATES = ["pending", "delivered", "dead", "cancelled"] as const;

const shownDeliveryId = z.string().openapi({ example: EXAMPLE_ID });

/** Where an event comes from, as far as a list shows it. */
export const ShownFrom = z
  .object({
    channel_id: shownId("ch").nullable(),
    channel_kind: z.enum(CHANNEL_KINDS).nullable(),
    name: z.string().nullable().openapi({ description: "The contact's, where it has one" }),
  })
  .nullable()
  .openapi({ description: "The channel and the person; null where it is about neither" });

export function showFrom(row: {
  channelId: string | null;
  channelKind: string | null;
  contactName: string | null;
}): z.infer<typeof ShownFrom> {
  const { channelId, channelKind, contactName } = row;
  if (channelKind === null && contactName === null) return null;
  return {
    channel_id: channelId && publicId("ch", channelId),
    channel_kind: channelKind !== null && isChannelKind(channelKind) ? channelKind : null,
    name: contactName,
  };
}

export const ShownDelivery = z
  .object({
    id: shownDeliveryId,
    event_id: shownId("evt"),
    event_type: z.string(),
    endpoint_id: shownId("ep"),
    from: ShownFrom,
    state: z.enum(DELIVERY_STATES),
    attempts: z.int().openapi({ description: "How many requests were made" }),
    round: z.int().openapi({ description: "1, and one more with each replay" }),
    next_attempt_at: shownInstant.nullable().openapi({
      description: "When it is tried again; null while it is under way and when it has ended",
    }),
    last_status: z.int().nullable(),
    last_error: z.string().nullable(),
    reason: z.string().nullable().openapi({ description: "Why it is dead or cancelled" }),
    is_replay: z.boolean().openapi({ description: "What waits or is under way is a replay" }),
    is_held: z
      .boolean()
      .openapi({ description: "It waits for an earlier event of its conversation" }),
    body_expunged: z.boolean().openapi({
      description: "The event's body is gone: it is not replayed",
    }),
    is_gap: z.boolean().openapi({
      description: "It was given up where order is kept, and the events behind it went on",
    }),
    created_at: shownInstant.openapi({ description: "When the event was accepted" }),
    last_at: shownInstant.nullable().openapi({ description: "When the last request ended" }),
    last_ms: z.int().nullable().openapi({ description: "How long it took" }),
  })
  .openapi("Delivery");

const ShownAttempt = z
  .object({
    n: z.int(),
    round: z.int(),
    sent_at: shownInstant,
    ms: z.int().openapi({ description: "From its beginning to the end of the answer" }),
    slow: z.boolean().openapi({ description: "It took longer than its dialect finds healthy" }),
    dns_ms: z.int().nullable().openapi({
      description: "Null, as the next two, where a connection that was open served",
    }),
    connect_ms: z.int().nullable(),
    tls_ms: z.int().nullable(),
    first_byte_ms: z.int().nullable(),
    status: z.int().nullable(),
    error: z.string().nullable().openapi({ description: "What went wrong where nothing answered" }),
    detail: z.string().nullable(),
    response: z.string().nullable().openapi({ description: "The beginning of the answer's body" }),
    process: z.int(),
    signed_by: shownId("sec").nullable().openapi({
      description: "The secret that the receiver was sent, or took, a signature of",
    }),
    resent_after: z.int().nullable().openapi({
      description:
        "What the request signed with the newest secret was answered, where it was sent again signed with an older one",
    }),
  })
  .openapi("Attempt");

export const ShownDeliveryDetail = ShownDelivery.omit({ attempts: true })
  .extend({
    attempt_count: z.int(),
    attempts: z.array(ShownAttempt),
    request: z
      .object({
        method: z.literal("POST"),
        url: z.string(),
        headers: z.record(z.string(), z.string()),
        body: z.string().nullable().openapi({ description: "Null where it has been expunged" }),
      })
      .nullable()
      .openapi({
        description:
          "The last request, made anew for display, with `***` for what comes of a secret",
      }),
  })
  .openapi("DeliveryDetail");

export function showDelivery(row: DeliveryRow): z.infer<typeof ShownDelivery> {
  return {
    id: deliveryId(row.eventId, row.endpoint),
    event_id: publicId("evt", row.eventId),
    event_type: row.eventType,
    endpoint_id: publicId("ep", row.endpointId),
    from: showFrom(row),
    state: row.state,
    attempts: row.attempts,
    round: row.round,
    next_attempt_at: showInstant(row.nextAt),
    last_status: row.lastStatus,
    last_error: row.lastError,
    reason: row.reason,
    is_replay: row.isReplay,
    is_held: row.isHeld,
    body_expunged: row.isExpunged,
    is_gap: row.isGap,
    created_at: showInstant(timeOfId(row.eventId)),
    last_at: showInstant(row.lastAt),
    last_ms: row.lastMs,
  };
}

export function showDeliveryDetail(row: DeliveryDetail): z.infer<typeof ShownDeliveryDetail> {
  const { attempts, ...delivery } = showDelivery(row);
  const request: RequestView | null = viewRequest(row);
  const { slowMs } = getDialect(row.dialect);
  return {
    ...delivery,
    attempt_count: attempts,
    attempts: row.attemptsMade.map((made) => showAttempt(made, slowMs)),
    request: request && { method: "POST", ...request },
  };
}

function showAttempt(row: AttemptRow, slowMs: number): z.infer<typeof ShownAttempt> {
  const { n, round, sentAt, ms, status, error, detail, response, process } = row;
  const times = {
    sent_at: showInstant(sentAt),
    ms,
    slow: ms > slowMs,
    dns_ms: row.dnsMs,
    connect_ms: row.connectMs,
    tls_ms: row.tlsMs,
    first_byte_ms: row.firstByteMs,
  };
  const { signedBy, resentAfter } = row;
  const signed = {
    signed_by: signedBy === null ? null : publicId("sec", signedBy),
    resent_after: resentAfter,
  };
  return { n, round, ...times, status, error, detail, response, process, ...signed };
}

/** A delivery's public id in a body. Gives its event and endpoint. */
export const deliveryIdSchema = z
  .string()
  .transform((text, ctx) => {
    const key = parseDeliveryId(text);
    if (key !== null) return key;
    ctx.addIssue({ code: "custom", message: "is not the id of a delivery" });
    return z.NEVER;
  })
  .openapi({ type: "string", example: EXAMPLE_ID });

/** `params:` of a route with a delivery's `{id}`. A text that is no such id is not found. */
export const deliveryParams = z.object({
  id: z
    .string()
    .transform((text) => {
      const key = parseDeliveryId(text);
      if (key === null) throw notFound("dlv", text);
      return key;
    })
    .openapi({ type: "string", param: { name: "id", in: "path" }, example: EXAMPLE_ID }),
});

/** What a list's cursor stands for: the last delivery of the page before. */
export function readPosition(cursor: string | undefined): DeliveryKey | undefined {
  return cursor === undefined ? undefined : (parseDeliveryId(cursor) ?? undefined);
}

/** Whether a cursor stands for one. */
export function isDeliveryPosition(cursor: string): boolean {
  return parseDeliveryId(cursor) !== null;
}

/** What a list's cursor is made of. */
export function positionOf({ eventId, endpoint }: DeliveryKey): string {
  return deliveryId(eventId, endpoint);
}
