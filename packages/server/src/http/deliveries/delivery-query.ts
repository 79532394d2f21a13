import { z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { parseDeliveryId, parseId } from "../../core/ids.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import type { DeliveryKey, DeliveryState } from "../../storage/deliveries/delivery-reads.ts";
import { type FoundDeliveries, findDeliveries } from "../../storage/deliveries/delivery-search.ts";
import { fieldRefused, idSchema, type Page, pageOf } from "../api.ts";
import { feedFilters, filterOf } from "../parameters/feed-query.ts";
import { idsWithin, spanFilters } from "../parameters/span.ts";
import { endpointsOf } from "../parameters/visible-endpoints.ts";
import { positionOf, readPosition, type ShownDelivery, showDelivery } from "./delivery-view.ts";

/** Parameters that narrow lists of deliveries. */
export const deliveryFilters = {
  endpoint_id: idSchema("ep").optional(),
  event_id: idSchema("evt").optional(),
  type: feedFilters.type,
  channel: feedFilters.channel,
  conversation_id: feedFilters.conversation_id,
  ...spanFilters,
  q: z.string().max(100).optional().openapi({
    description: "Any id: of a delivery, an event, an endpoint, a conversation, a channel",
  }),
};

const schema = z.object(deliveryFilters);
export type Filters = z.output<typeof schema>;

/** One page of the deliveries that a query asks for. */
export async function deliveryPage(
  db: Queryable,
  principal: Principal,
  given: Filters & { limit: number; cursor?: string | undefined },
  state: DeliveryState | undefined,
): Promise<Page<z.infer<typeof ShownDelivery>>> {
  const place = { before: readPosition(given.cursor), limit: given.limit };
  const found = await findAsked(db, principal, { ...given, state }, place);
  return pageOf(found.rows.map(showDelivery), found.next && positionOf(found.next));
}

/** The deliveries that a query asks for, below one: some of them, and where to go on. */
export async function findAsked(
  db: Queryable,
  principal: Principal,
  given: Filters & { state: DeliveryState | undefined },
  place: { before: DeliveryKey | undefined; limit: number },
): Promise<FoundDeliveries> {
  const { endpoint, ...query } = { ...given, ...idsOf(given.q) };
  const endpoints = await endpointsOf(db, principal, query.endpoint_id);
  return findDeliveries(
    db,
    {
      workspaceId: principal.workspaceId,
      endpoints: endpoint === undefined ? endpoints : within(endpoints, endpoint),
      state: query.state,
      eventId: query.event_id,
      ...idsWithin(query),
      ...place,
      namesContacts: true,
    },
    filterOf(query),
  );
}

function within(endpoints: readonly number[] | null, serial: number): number[] {
  return endpoints === null || endpoints.includes(serial) ? [serial] : [];
}

/** What an id asks for, whatever it is the id of. */
function idsOf(text: string | undefined): Partial<Filters> & { endpoint?: number } {
  if (text === undefined) return {};
  const id = text.trim();
  const delivery = parseDeliveryId(id);
  if (delivery) return { event_id: delivery.eventId, endpoint: delivery.endpoint };
  const event = parseId("evt", id);
  if (event !== null) return { event_id: event };
  const endpoint = parseId("ep", id);
  if (endpoint !== null) return { endpoint_id: endpoint };
  const conversation = parseId("cnv", id);
  if (conversation !== null) return { conversation_id: conversation };
  const channel = parseId("ch", id);
  if (channel !== null) return { channel: [{ id: channel }] };
  throw fieldRefused(
    "q",
    "is no id of a delivery, an event, an endpoint, a conversation or a channel",
  );
}
