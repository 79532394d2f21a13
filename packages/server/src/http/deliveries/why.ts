import { createRoute, z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { deliveryId, publicId } from "../../core/ids.ts";
import { kindOf } from "../../delivery/jobs/missing.ts";
import { explain, type Seen } from "../../delivery/views/why.ts";
import { type EndpointMet, readEndpointsMet } from "../../storage/deliveries/endpoint-versions.ts";
import { findEvent } from "../../storage/events/event-reads.ts";
import {
  idParams,
  idSchema,
  isSerial,
  jsonAnswer,
  listQuery,
  newRoutes,
  notFound,
  pageSchema,
  problems,
  type Routes,
  requireScope,
  shownId,
  toPage,
} from "../api.ts";
import { endpointsOf } from "../parameters/visible-endpoints.ts";
import { ownerOf } from "../resource.ts";
import { DELIVERY_STATES } from "./delivery-view.ts";

const REASONS = [
  "not_there",
  "deleted",
  "state",
  "account",
  "type",
  "channel",
  "account_filter",
  "campaign",
  "filter",
  "about_it",
] as const;

const ShownWhy = z
  .object({
    endpoint_id: shownId("ep"),
    endpoint_name: z.string(),
    outcome: z.enum([...DELIVERY_STATES, "left_out"]),
    reason: z.enum(REASONS).nullable().openapi({
      description: "What left it out, as the endpoint stood when the event was accepted",
    }),
    detail: z.string().openapi({ description: "The same in words" }),
    delivery_id: z.string().nullable(),
    attempts: z.int(),
  })
  .openapi("Why");

const why = createRoute({
  tags: ["Events"],
  middleware: requireScope("events:read"),
  method: "get",
  path: "/events/{id}/why",
  operationId: "explainEvent",
  summary: "Where an event went, and why not to the other endpoints",
  request: {
    params: idParams("evt"),
    query: listQuery({ endpoint_id: idSchema("ep").optional() }, isSerial),
  },
  responses: {
    200: jsonAnswer(
      "Every endpoint, in the order in which they were made. One that had been deleted by then, or was made later and is deleted, is shown to whoever asks for it by `endpoint_id`.",
      pageSchema(ShownWhy),
    ),
    ...problems("not_found"),
  },
});

export function whyRoutes({ db }: { db: Queryable }): Routes {
  const routes = newRoutes();

  routes.openapi(why, async (c) => {
    const { principal } = c.var;
    const { id } = c.req.valid("param");
    const { limit, cursor, endpoint_id: endpointId } = c.req.valid("query");
    const owner = ownerOf(principal);
    const event = await findEvent(db, owner, id);
    if (!event) throw notFound("evt", publicId("evt", id));
    const [only = null] = endpointId ? ((await endpointsOf(db, principal, endpointId)) ?? []) : [];
    const rows = await readEndpointsMet(db, owner, {
      ...{ eventId: id, configVersion: event.configVersion, only, limit: limit + 1 },
      after: Number(cursor ?? 0),
    });
    const body = JSON.parse(event.payload) as Record<string, unknown>; // the native body, ours
    const { type, channelId, accountId, campaignId } = event;
    const subject = { type, channelId, accountId, campaignId, channelKind: kindOf(body) };
    const seen: Seen = { ...subject, body, isExpunged: event.isExpunged };
    const page = toPage(
      rows,
      limit,
      ({ serial }) => String(serial),
      (row) => showWhy(id, seen, row),
    );
    return c.json(page, 200);
  });

  return routes;
}

function showWhy(eventId: string, seen: Seen, row: EndpointMet): z.infer<typeof ShownWhy> {
  const verdict = explain(seen, row);
  const endpoint = { endpoint_id: publicId("ep", row.id), endpoint_name: row.name };
  if (verdict.outcome === "left_out") {
    const { outcome, reason, detail } = verdict;
    return { ...endpoint, outcome, reason, detail, delivery_id: null, attempts: 0 };
  }
  return {
    ...endpoint,
    outcome: row.state,
    reason: null,
    detail: verdict.isAddedLater
      ? "A replay has brought it there; the endpoint's filters had left it out."
      : "The endpoint wanted it.",
    delivery_id: deliveryId(eventId, row.serial),
    attempts: row.attempts,
  };
}
