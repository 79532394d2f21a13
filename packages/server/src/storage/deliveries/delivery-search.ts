import type { Queryable } from "../../core/events/recording.ts";
import { findSpan } from "../events/event-reads.ts";
import { type DeliveryPage, type ListedDelivery, listDeliveries } from "./delivery-list.ts";
import type { DeliveryKey } from "./delivery-reads.ts";

/** So many deliveries are looked at for a page: what takes longer goes on with the next one. */
const MOST_READ = 1_000;

/** What is asked of a delivery's event. */
export interface EventFilter {
  /** Types, and prefixes like `order.*`; empty for all, as are the others. */
  types: readonly string[];
  /** Kinds and ids together say which channels. */
  channelKinds: readonly string[];
  channelIds: readonly string[];
  conversationId: string | null;
}

export interface FoundDeliveries {
  rows: ListedDelivery[];
  /** Where to go on when there may be more. */
  next: DeliveryKey | null;
}

/**
 * A page of the deliveries whose events are wanted, the newest first. It looks at a bounded number of
 * them, however few are wanted: a page may be short, or empty, and still have a next one.
 */
export async function findDeliveries(
  db: Queryable,
  asked: DeliveryPage,
  filter: EventFilter,
): Promise<FoundDeliveries> {
  const page = await narrowed(db, asked, filter);
  if (page === null) return { rows: [], next: null };
  const { limit } = page;
  const read = isUnfiltered(filter) ? limit + 1 : MOST_READ;
  const rows = await listDeliveries(db, { ...page, limit: read });
  const found: ListedDelivery[] = [];
  for (const row of rows) {
    if (!isWanted(row, filter)) continue;
    if (found.length === limit) return { rows: found, next: found.at(-1) ?? null };
    found.push(row);
  }
  return { rows: found, next: rows.length < read ? null : (rows.at(-1) ?? null) };
}

/** A conversation's events lie between two ids; null when it has none. */
async function narrowed(
  db: Queryable,
  page: DeliveryPage,
  { conversationId }: EventFilter,
): Promise<DeliveryPage | null> {
  if (conversationId === null) return page;
  const span = await findSpan(db, page.workspaceId, conversationId);
  if (span === null) return null;
  const from = page.from !== undefined && page.from > span.first ? page.from : span.first;
  const to = page.to !== undefined && page.to < span.end ? page.to : span.end;
  return { ...page, from, to };
}

function isUnfiltered({ types, channelKinds, channelIds, conversationId }: EventFilter): boolean {
  return types.length + channelKinds.length + channelIds.length === 0 && conversationId === null;
}

function isWanted(row: ListedDelivery, filter: EventFilter): boolean {
  const { types, channelKinds, channelIds, conversationId } = filter;
  if (conversationId !== null && row.conversationId !== conversationId) return false;
  if (types.length > 0 && !types.some((type) => isOfType(row.eventType, type))) return false;
  if (channelKinds.length + channelIds.length === 0) return true;
  return (
    (row.channelKind !== null && channelKinds.includes(row.channelKind)) ||
    (row.channelId !== null && channelIds.includes(row.channelId))
  );
}

function isOfType(type: string, wanted: string): boolean {
  return wanted.endsWith(".*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}
