import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { listDeliveries } from "../../storage/deliveries/delivery-list.ts";
import { type EventRow, findEvent, listEvents } from "../../storage/events/event-reads.ts";
import { readFeed, readFloor } from "../../storage/events/feed.ts";
import type { FeedFilter } from "../../storage/events/log-filter.ts";
import type { Owner } from "../../storage/workspaces/accounts.ts";
import {
  fieldRefused,
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
import { ShownDelivery, ShownFrom, showDelivery, showFrom } from "../deliveries/delivery-view.ts";
import {
  feedFilters,
  filterOf,
  idOf,
  type Position,
  positionSchema,
} from "../parameters/feed-query.ts";
import { REPLAYED } from "../parameters/idempotency.ts";
import { idsWithin, spanFilters } from "../parameters/span.ts";
import { endpointsOf } from "../parameters/visible-endpoints.ts";
import { ownerOf } from "../resource.ts";
import { NewEvent } from "./event-body.ts";
import { createPublishing, type PublishingDeps, publishRoute } from "./publishing.ts";

/** Where an event went, as far as its own page shows; `GET /v1/deliveries?event_id=` has them all. */
const MOST_DELIVERIES = 100;

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
    from: ShownFrom,
    body_expunged: z.boolean().openapi({
      description: "Its body is gone: of `payload` there are the ids, and `data` is empty",
    }),
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
      message_id: idSchema("msg").optional().openapi({
        type: "string",
        description: "What became of a message: all events that tell of it",
      }),
      after: positionSchema.optional(),
      ...spanFilters,
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

export interface EventRoutesDeps extends PublishingDeps {
  db: Queryable;
  clock: Pick<Clock, "now">;
  retentionMs: number;
  /** Somebody reads the log at its end. */
  onFollowed(): void;
}

export function eventRoutes(deps: EventRoutesDeps): Routes {
  const { db } = deps;
  const answerPublish = createPublishing(deps);
  const routes = newRoutes();
  routes.openAPIRegistry.register("NewEvent", NewEvent);

  routes.openapi(publishRoute, async (c) => {
    const { answer, replayed } = await answerPublish({
      principal: c.get("principal"),
      text: await c.req.text(),
      body: c.req.valid("json"),
      header: c.req.valid("header")["idempotency-key"],
    });
    if (replayed) c.header(REPLAYED, "true");
    return c.json(answer, 202);
  });

  routes.openapi(list, async (c) => {
    const query = c.req.valid("query");
    const { limit, cursor, after, since, until, message_id: messageId } = query;
    const owner = ownerOf(c.var.principal);
    const filter = filterOf(query);
    if (after !== undefined) {
      if ([cursor, since, until, messageId].some((each) => each !== undefined)) {
        throw fieldRefused("after", "goes with no cursor, since, until or message_id");
      }
      return c.json(await feedPage(owner, { after, limit, filter }), 200);
    }
    const rows = await listEvents(db, owner, {
      before: cursor,
      filter,
      ...idsWithin({ since, until }),
      messageId,
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
      namesContacts: true,
    });
    return c.json(
      { ...showEvent(event), payload: bodyOf(event), deliveries: deliveries.map(showDelivery) },
      200,
    );
  });

  return routes;
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
    from: showFrom(row),
    body_expunged: row.isExpunged,
  };
}
