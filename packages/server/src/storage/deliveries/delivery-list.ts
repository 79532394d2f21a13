import type { Queryable } from "../../core/events/recording.ts";
import { Parameters } from "../connections/parameters.ts";
import { contactNameOf } from "../events/event-reads.ts";
import { isExpungedId } from "../events/expunged.ts";
import { isOwed } from "../queue/behind.ts";
import {
  type DeliveryKey,
  type DeliveryRow,
  type DeliveryState,
  lastRequest,
  listEndpointSerials,
  lookUps,
  STANDING,
} from "./delivery-reads.ts";

export interface DeliveryPage {
  workspaceId: string;
  /** Serials of the only endpoints that count; null for all of the workspace. */
  endpoints: readonly number[] | null;
  state: DeliveryState | undefined;
  eventId: string | undefined;
  /** Only events from this id on, and below that one. */
  from?: string | undefined;
  to?: string | undefined;
  before: DeliveryKey | undefined;
  limit: number;
  /** Contacts are named: the bodies of all events of the page are read for it. */
  namesContacts?: boolean;
}

/** A delivery with what of its event a list is narrowed by. */
export interface ListedDelivery extends DeliveryRow {
  conversationId: string | null;
}

/** So many endpoints are asked one by one: a page costs the same, however rarely they are met. */
const FEW_ENDPOINTS = 20;
const LOWEST_ID = "00000000-0000-0000-0000-000000000000";
const HIGHEST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * Deliveries, those of the newest events first. What has no row yet (its first attempt is to come, in
 * memory or in `retry`) is among them. One statement, since what is handed over between two of them
 * would be missed.
 */
export async function listDeliveries(db: Queryable, page: DeliveryPage): Promise<ListedDelivery[]> {
  const { workspaceId, state, eventId } = page;
  const serials =
    page.endpoints ?? (await listEndpointSerials(db, { workspaceId, accountId: null }));
  if (serials.length === 0) return [];
  const endpoints = page.endpoints ?? (serials.length <= FEW_ENDPOINTS ? serials : null);
  const isWalk =
    eventId !== undefined || (endpoints === null && (state === undefined || state === "delivered"));
  const p = new Parameters();
  const narrowed = { ...page, endpoints };
  const keys = isWalk ? walkEvents(p, narrowed) : gather(p, narrowed, serials);
  const { rows } = await db.query<ListedDelivery>({
    text: `with ${keys}
      select k.event_id as "eventId", e.type as "eventType", k.endpoint, p.id as "endpointId", ${STANDING}, l.ms as "lastMs",
        e.channel_id as "channelId", e.channel_kind as "channelKind", e.conversation_id as "conversationId",
        ${isExpungedId("k.event_id")} as "isExpunged",
        ${page.namesContacts ? contactNameOf("e") : "null"} as "contactName"
      from k
      join endpoint p on p.serial = k.endpoint
      join lateral (select type, channel_id, channel_kind, conversation_id, payload from event e where e.id = k.event_id limit 1) e on true
      ${lookUps("k.event_id", "k.endpoint")}
      ${lastRequest("k.event_id", "k.endpoint")}
      order by k.event_id desc, k.endpoint desc`,
    values: p.values,
  });
  return rows;
}

/** Every delivery is an event and one of its targets: right where most of what is met is wanted. */
function walkEvents(p: Parameters, page: DeliveryPage): string {
  const { workspaceId, endpoints, state, eventId, before, limit } = page;
  const wanted = [
    `e.workspace_id = ${p.of(workspaceId, "uuid")}`,
    ...below("e.id", "t.endpoint", before, p),
    ...within("e.id", page, p),
    ...(eventId === undefined ? [] : [`e.id = ${p.of(eventId, "uuid")}`]),
    ...(endpoints === null ? [] : [`t.endpoint = any(${p.of(endpoints, "int[]")})`]),
    ...(state === undefined ? [] : [`coalesce(d.state, 'pending') = '${state}'`]),
  ];
  const probe = `left join lateral (select state from delivery d
    where d.event_id = e.id and d.endpoint = t.endpoint limit 1) d on true`;
  return `k as materialized (
    select e.id as event_id, t.endpoint from event e
    cross join lateral unnest(e.targets) as t (endpoint) ${state === undefined ? "" : probe}
    where ${wanted.join(" and ")}
    order by e.id desc, t.endpoint desc limit ${p.of(limit, "int")})`;
}

/**
 * What has a row is found by its index; what has none, in `retry`, above the settled floors, and above
 * the marks of endpoints that are behind.
 */
function gather(p: Parameters, page: DeliveryPage, serials: readonly number[]): string {
  const { state } = page;
  const order = "order by event_id desc, endpoint desc limit";
  const limit = p.of(page.limit, "int");
  const written = `a as materialized (${withRow(p, page)})`;
  if (state !== undefined && state !== "pending") {
    return `${written}, k as materialized (select event_id, endpoint from a ${order} ${limit})`;
  }
  return `${written},
    low as materialized (
      select event_id from a order by event_id desc offset ${limit} - 1 limit 1),
    b as materialized (${withoutRowInRetry(p, page, serials)}),
    c as materialized (${inMemory(p, page, serials)}),
    o as materialized (${inTheLogAlone(p, page, serials)}),
    k as materialized (select event_id, endpoint from (
      select event_id, endpoint from a union select event_id, endpoint from b
      union select event_id, endpoint from c union select event_id, endpoint from o) x ${order} ${limit})`;
}

function withRow(p: Parameters, page: DeliveryPage): string {
  const { workspaceId, endpoints, state, before } = page;
  const limit = p.of(page.limit, "int");
  const wanted = [
    `d.workspace_id = ${p.of(workspaceId, "uuid")}`,
    ...below("d.event_id", "d.endpoint", before, p),
    ...within("d.event_id", page, p),
    // The state stands in the text: as a parameter it would not lead to the partial indexes.
    ...(state === undefined ? [] : [`d.state = '${state}'`]),
    ...(state === undefined || state === "delivered" ? [] : ["d.state <> 'delivered'"]),
  ];
  if (endpoints === null) {
    return `select d.event_id, d.endpoint from delivery d where ${wanted.join(" and ")}
      order by d.event_id desc, d.endpoint desc limit ${limit}`;
  }
  return `select d.event_id, d.endpoint from unnest(${p.of(endpoints, "int[]")}) as s (endpoint)
    cross join lateral (select d.event_id, d.endpoint from delivery d
      where d.endpoint = s.endpoint and ${wanted.join(" and ")}
      order by d.event_id desc limit ${limit}) d
    order by d.event_id desc, d.endpoint desc limit ${limit}`;
}

/**
 * Only a first attempt can lack its row. Where a page is full of deliveries that have one, nothing
 * below its last is looked at: a long queue of failures is not searched for the few that never failed.
 * Rows are put in order before they are probed (`offset 0` sees to that), so that probes stop early.
 */
function withoutRowInRetry(p: Parameters, page: DeliveryPage, serials: readonly number[]): string {
  const { workspaceId, before, limit } = page;
  const wanted = [
    `r.workspace_id = ${p.of(workspaceId, "uuid")}`,
    `r.endpoint = any(${p.of(serials, "int[]")})`,
    "r.n = 1",
    ...below("r.event_id", "r.endpoint", before, p),
    ...within("r.event_id", page, p),
    `r.event_id >= coalesce((select event_id from low), '${LOWEST_ID}')`,
  ];
  return `select r.event_id, r.endpoint from (
      select r.event_id, r.endpoint from retry r where ${wanted.join(" and ")}
      order by r.event_id desc, r.endpoint desc offset 0) r
    left join lateral (select true as found from delivery d
      where d.event_id = r.event_id and d.endpoint = r.endpoint limit 1) d on true
    where d.found is null
    order by r.event_id desc, r.endpoint desc limit ${p.of(limit, "int")}`;
}

/** Below the lowest settled floor nothing is carried in memory alone. */
function inMemory(p: Parameters, page: DeliveryPage, serials: readonly number[]): string {
  const { workspaceId, before, limit } = page;
  const wanted = [
    `e.workspace_id = ${p.of(workspaceId, "uuid")}`,
    `e.id > coalesce((select settled_floor from process where state in ('living', 'dead')
      order by settled_floor limit 1), '${HIGHEST_ID}')`,
    // Says nothing, but of a range with two ends the planner expects little, as it should here.
    `e.id <= '${HIGHEST_ID}'`,
    ...below("e.id", "t.endpoint", before, p),
    ...within("e.id", page, p),
    `e.id >= coalesce((select event_id from low), '${LOWEST_ID}')`,
    `t.endpoint = any(${p.of(serials, "int[]")})`,
    "d.found is null and r.found is null",
  ];
  return `select e.id as event_id, t.endpoint from event e
    cross join lateral unnest(e.targets) as t (endpoint)
    left join lateral (select true as found from delivery d
      where d.event_id = e.id and d.endpoint = t.endpoint limit 1) d on true
    left join lateral (select true as found from retry r
      where r.event_id = e.id and r.endpoint = t.endpoint limit 1) r on true
    where ${wanted.join(" and ")}
    order by e.id desc, t.endpoint desc limit ${p.of(limit, "int")}`;
}

/** What endpoints that are behind are owed. */
function inTheLogAlone(p: Parameters, page: DeliveryPage, serials: readonly number[]): string {
  const { workspaceId, before, limit } = page;
  const wanted = [
    `e.workspace_id = ${p.of(workspaceId, "uuid")}`,
    "s.serial = any(e.targets)",
    isOwed("s", { id: "e.id", version: "e.config_version" }),
    ...below("e.id", "s.serial", before, p),
    ...within("e.id", page, p),
    `e.id >= coalesce((select event_id from low), '${LOWEST_ID}')`,
    "d.found is null and r.found is null",
  ];
  return `select o.event_id, o.endpoint from (
      select serial, behind_from, behind_version, behind_until from endpoint
      where serial = any(${p.of(serials, "int[]")}) and behind_from is not null) s
    cross join lateral (
      select e.id as event_id, s.serial as endpoint from event e
      left join lateral (select true as found from delivery d
        where d.event_id = e.id and d.endpoint = s.serial limit 1) d on true
      left join lateral (select true as found from retry r
        where r.event_id = e.id and r.endpoint = s.serial limit 1) r on true
      where ${wanted.join(" and ")}
      order by e.id desc limit ${p.of(limit, "int")}) o
    order by o.event_id desc, o.endpoint desc limit ${p.of(limit, "int")}`;
}

function within(eventId: string, { from, to }: DeliveryPage, p: Parameters): string[] {
  return [
    ...(from === undefined ? [] : [`${eventId} >= ${p.of(from, "uuid")}`]),
    ...(to === undefined ? [] : [`${eventId} < ${p.of(to, "uuid")}`]),
  ];
}

function below(
  eventId: string,
  endpoint: string,
  before: DeliveryKey | undefined,
  p: Parameters,
): string[] {
  if (before === undefined) return [];
  const high = p.of(before.eventId, "uuid");
  const isBelow = `(${eventId} < ${high} or ${endpoint} < ${p.of(before.endpoint, "int")})`;
  return [`${eventId} <= ${high}`, isBelow];
}
