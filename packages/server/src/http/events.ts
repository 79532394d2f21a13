import { createRoute, z } from "@hono/zod-openapi";
import type { Clock } from "../core/clock.ts";
import { firstIdAt, publicId } from "../core/ids.ts";
import type { Queryable } from "../core/recording.ts";
import type { Publish } from "../delivery/publish.ts";
import type { Published, Refusal } from "../delivery/publish-request.ts";
import type { Owner } from "../storage/accounts.ts";
import { listDeliveries } from "../storage/delivery-list.ts";
import { type EventRow, findEvent, listEvents } from "../storage/event-reads.ts";
import { readFeed, readFloor } from "../storage/feed.ts";
import type { FeedFilter } from "../storage/log-filter.ts";
import {
  fieldRefused,
  idParams,
  jsonAnswer,
  jsonBody,
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
} from "./api.ts";
import { ShownDelivery, showDelivery } from "./delivery-view.ts";
import {
  MOST_KEY_LENGTH,
  NewEvent,
  PublishBody,
  publishItem,
  requireSizes,
  requireType,
} from "./event-body.ts";
import { feedFilters, filterOf, idOf, type Position, positionSchema } from "./feed-query.ts";
import { instantSchema } from "./instant.ts";
import type { OwnTypes } from "./own-types.ts";
import { ownerOf } from "./resource.ts";
import { endpointsOf } from "./visible-endpoints.ts";

/** Where an event went, as far as its own page shows; `GET /v1/deliveries?event_id=` has them all. */
const MOST_DELIVERIES = 100;

const ShownPublished = z.object({
  id: shownId("evt"),
  duplicate: z.boolean().openapi({
    description: "The idempotency key was used before: this is the event that it made then",
  }),
});

const ShownEvent = z
  .object({
    id: shownId("evt"),
    type: z.string(),
    occurred_at: shownInstant,
    account_id: shownId("acc").nullable(),
    channel_id: shownId("ch").nullable(),
    conversation_id: shownId("cnv").nullable(),
    campaign_id: z.string().nullable(),
    seq: z.int().nullable().openapi({ description: "Its number in its conversation" }),
  })
  .openapi("EventSummary");

const ListedEvent = ShownEvent.extend({
  payload: z
    .record(z.string(), z.unknown())
    .optional()
    .openapi({ description: "The native webhook body, where the log is read with `after`" }),
}).openapi("ListedEvent");

const ShownEventDetail = ShownEvent.extend({
  payload: z.record(z.string(), z.unknown()).openapi({ description: "The native webhook body" }),
  deliveries: z.array(ShownDelivery).openapi({
    description: `Where it went, ${MOST_DELIVERIES} at most; all of them: \`GET /v1/deliveries?event_id=\``,
  }),
}).openapi("EventDetail");

const tags = ["Events"];
const reading = { tags, middleware: requireScope("events:read") };

const publishRoute = createRoute({
  tags,
  middleware: requireScope("events:write"),
  method: "post",
  path: "/events",
  operationId: "publishEvents",
  summary: "Publish an event of your own, or many: all of them or none",
  request: {
    headers: z.object({
      "idempotency-key": z.string().min(1).max(MOST_KEY_LENGTH).optional().openapi({
        description: "For a single event, instead of `idempotency_key`. Kept for a day.",
      }),
    }),
    body: jsonBody(PublishBody),
  },
  responses: {
    202: jsonAnswer(
      "Kept, and on its way to every endpoint that wants it.",
      z.union([ShownPublished, z.object({ data: z.array(ShownPublished) })]),
    ),
    ...problems(
      "unknown_event_type",
      "event_schema",
      "event_too_large",
      "batch_too_large",
      "idempotency_key_reused",
      "unavailable",
    ),
  },
});

const list = createRoute({
  ...reading,
  method: "get",
  path: "/events",
  operationId: "listEvents",
  summary: "List events, the newest first",
  description:
    "With `after`, the oldest first and with their bodies, so that the log can be pulled in order and without gaps: " +
    "`next_cursor`, which is always there, is the next `after`. A page may be empty while `has_more` is true.",
  request: {
    query: listQueryById({
      ...feedFilters,
      after: positionSchema.optional(),
      since: instantSchema.optional(),
      until: instantSchema.optional(),
    }),
  },
  responses: {
    200: jsonAnswer("A page.", pageSchema(ListedEvent)),
    ...problems("cursor_expired"),
  },
});

const get = createRoute({
  ...reading,
  method: "get",
  path: "/events/{id}",
  operationId: "getEvent",
  summary: "Get an event with its body and where it went",
  request: { params: idParams("evt") },
  responses: { 200: jsonAnswer("The event.", ShownEventDetail), ...problems("not_found") },
});

export interface EventRoutesDeps {
  db: Queryable;
  publish: Publish;
  clock: Pick<Clock, "now">;
  retentionMs: number;
  /** Refuses what the schema of its type does not allow. */
  requireSchemas: OwnTypes["require"];
  /** Somebody reads the log at its end. */
  onFollowed(): void;
}

export function eventRoutes(deps: EventRoutesDeps): Routes {
  const { db, publish } = deps;
  const routes = newRoutes();
  routes.openAPIRegistry.register("NewEvent", NewEvent);

  routes.openapi(publishRoute, async (c) => {
    const { workspaceId, accountId: confinedTo } = c.var.principal;
    const body = c.req.valid("json");
    const header = c.req.valid("header")["idempotency-key"];
    requireSizes(await c.req.text(), body);
    const isMany = Array.isArray(body);
    const pointer = (item: number, field: string) => (isMany ? `/${item}/${field}` : `/${field}`);
    const items = [body].flat().map((event, at) => {
      requireType(event.type, pointer(at, "type"));
      const key = keyOf(event.idempotency_key ?? undefined, header, isMany);
      return publishItem(event, key, confinedTo);
    });
    await deps.requireSchemas(
      workspaceId,
      items.map(({ type, data }, at) => ({ type, data, pointer: pointer(at, "data") })),
    );
    const answer = await publish({ workspaceId, confinedTo, items });
    if (answer.kind === "refused") {
      const { field, detail, code }: Refusal = answer.refusal;
      throw fieldRefused(pointer(answer.item, field), detail, code);
    }
    const data = answer.events.map(showPublished);
    const [single] = data;
    if (isMany || !single) return c.json({ data }, 202);
    if (single.duplicate) c.header("idempotent-replayed", "true");
    return c.json(single, 202);
  });

  routes.openapi(list, async (c) => {
    const query = c.req.valid("query");
    const { limit, cursor, after, since, until } = query;
    const owner = ownerOf(c.var.principal);
    const filter = filterOf(query);
    if (after !== undefined) {
      if (cursor !== undefined || since !== undefined || until !== undefined) {
        throw fieldRefused("after", "goes with filters, and with no cursor, since or until");
      }
      return c.json(await feedPage(owner, { after, limit, filter }), 200);
    }
    const rows = await listEvents(db, owner, {
      before: cursor,
      filter,
      from: since === undefined ? undefined : firstIdAt(since),
      to: until === undefined ? undefined : firstIdAt(until),
      limit: limit + 1,
    });
    return c.json(
      toPage(rows, limit, ({ id }) => id, showEvent),
      200,
    );
  });

  async function feedPage(
    owner: Owner,
    { after, limit, filter }: { after: Position; limit: number; filter: FeedFilter },
  ): Promise<z.infer<ReturnType<typeof pageSchema<typeof ListedEvent>>>> {
    deps.onFollowed();
    const from = await idOf(after, {
      ...{ now: deps.clock.now(), retentionMs: deps.retentionMs },
      readFloor: () => readFloor(db),
    });
    const { events, position, hasMore } = await readFeed(db, owner, { after: from, limit, filter });
    const data = events.map((event) => ({ ...showEvent(event), payload: bodyOf(event) }));
    return { data, has_more: hasMore, next_cursor: publicId("evt", position) };
  }

  routes.openapi(get, async (c) => {
    const { principal } = c.var;
    const { id } = c.req.valid("param");
    const event = await findEvent(db, ownerOf(principal), id);
    if (!event) throw notFound("evt", publicId("evt", id));
    const deliveries = await listDeliveries(db, {
      workspaceId: principal.workspaceId,
      endpoints: await endpointsOf(db, principal, undefined),
      state: undefined,
      eventId: id,
      before: undefined,
      limit: MOST_DELIVERIES,
    });
    return c.json(
      { ...showEvent(event), payload: bodyOf(event), deliveries: deliveries.map(showDelivery) },
      200,
    );
  });

  return routes;
}

/** The header is for a single event; where the body has a key too, they must agree. */
function keyOf(
  field: string | undefined,
  header: string | undefined,
  isMany: boolean,
): string | null {
  if (header === undefined) return field ?? null;
  if (isMany) {
    const detail = "is for a single event; give each event of a list its own idempotency_key";
    throw fieldRefused("idempotency-key", detail);
  }
  if (field === undefined || field === header) return header;
  throw fieldRefused("/idempotency_key", "is not the one of the Idempotency-Key header");
}

function showPublished({ id, duplicate }: Published): z.infer<typeof ShownPublished> {
  return { id: publicId("evt", id), duplicate };
}

/** The native body, which we wrote. */
function bodyOf({ payload }: { payload: string }): Record<string, unknown> {
  return JSON.parse(payload) as Record<string, unknown>;
}

function showEvent(row: EventRow): z.infer<typeof ShownEvent> {
  const { accountId, channelId, conversationId, seq } = row;
  return {
    id: publicId("evt", row.id),
    type: row.type,
    occurred_at: showInstant(row.occurredAt),
    account_id: accountId && publicId("acc", accountId),
    channel_id: channelId && publicId("ch", channelId),
    conversation_id: conversationId && publicId("cnv", conversationId),
    campaign_id: row.campaignId,
    seq,
  };
}
