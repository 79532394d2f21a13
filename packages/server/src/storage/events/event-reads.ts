import type { Queryable } from "../../core/events/recording.ts";
import { firstIdAt, publicId, timeOfId } from "../../core/ids.ts";
import { asJsonb } from "../connections/json-text.ts";
import { Parameters } from "../connections/parameters.ts";
import { findMessagePlaces } from "../conversations/messages.ts";
import type { Owner } from "../workspaces/accounts.ts";
import { hasExpungedBody } from "./expunged.ts";
import { type FeedFilter, filterConditions } from "./log-filter.ts";

export interface EventRow {
  id: string;
  type: string;
  occurredAt: number;
  accountId: string | null;
  channelId: string | null;
  conversationId: string | null;
  campaignId: string | null;
  seq: number | null;
  channelKind: string | null;
  /** The contact's name, as the native body has it. */
  contactName: string | null;
  isExpunged: boolean;
}

export interface EventDetail extends EventRow {
  /** The native body. */
  payload: string;
  /** The workspace's configuration version that decided whom it must reach. */
  configVersion: number;
}

export interface EventPage {
  /** Only those with an id below this one. */
  before: string | undefined;
  filter: FeedFilter;
  /** Only ids from this one on. */
  from: string | undefined;
  /** Only ids below this one. */
  to: string | undefined;
  /** Only what tells of this message. */
  messageId?: string | undefined;
  limit: number;
}

/** By so much the clocks of two processes are never apart. */
const CLOCKS_APART_MS = 60_000;

/** What the native body of an event calls its contact: by name, else by the first address. */
export function contactNameOf(event: string): string {
  const contact = `${asJsonb(`${event}.payload`)} -> 'contact'`;
  const first = `${contact} #> '{identities,0}'`;
  return `case when left(${event}.payload, 1) = '{'
    then coalesce(${contact} ->> 'name', ${first} ->> 'username', ${first} ->> 'id') end`;
}

/** The columns of an `EventRow`. */
export const EVENT_COLUMNS = `e.id, e.type, e.occurred_at as "occurredAt", e.account_id as "accountId",
  e.channel_id as "channelId", e.conversation_id as "conversationId", e.campaign_id as "campaignId", e.seq,
  e.channel_kind as "channelKind", ${contactNameOf("e")} as "contactName",
  ${hasExpungedBody("e")} as "isExpunged"`;

/** Events that the owner may see, the newest first. */
export async function listEvents(
  db: Queryable,
  { workspaceId, accountId }: Owner,
  page: EventPage,
): Promise<EventRow[]> {
  const p = new Parameters();
  const { before, from, to, limit, messageId } = page;
  const place = messageId === undefined ? null : await placeOf(db, messageId);
  if (place === "unknown") return [];
  const filter = place === null ? page.filter : { ...page.filter, ...place.filter };
  const wanted = [`e.workspace_id = ${p.of(workspaceId, "uuid")}`];
  wanted.push(...filterConditions("e", p, filter, accountId));
  if (before !== undefined) wanted.push(`e.id < ${p.of(before, "uuid")}`);
  if (from !== undefined) wanted.push(`e.id >= ${p.of(from, "uuid")}`);
  if (to !== undefined) wanted.push(`e.id < ${p.of(to, "uuid")}`);
  if (place !== null) {
    wanted.push(`e.id >= ${p.of(place.first, "uuid")}`, tellsOf(p.of(place.publicId, "text")));
  }
  if (filter.conversationId !== null) {
    const span = await findSpan(db, workspaceId, filter.conversationId);
    if (span === null) return [];
    wanted.push(`e.id >= ${p.of(span.first, "uuid")}`, `e.id < ${p.of(span.end, "uuid")}`);
  }
  const { rows } = await db.query<EventRow>({
    text: `select ${EVENT_COLUMNS} from event e where ${wanted.join(" and ")}
      order by e.id desc limit ${p.of(limit, "int")}`,
    values: p.values,
  });
  return rows;
}

/** A message's events are of its conversation, and not before it. */
async function placeOf(db: Queryable, messageId: string) {
  const place = (await findMessagePlaces(db, [messageId])).get(messageId);
  if (!place) return "unknown";
  return {
    filter: { conversationId: place.conversationId },
    first: firstIdAt(timeOfId(messageId) - CLOCKS_APART_MS),
    publicId: publicId("msg", messageId),
  };
}

/** The event is about the message, and does not only quote it. A body is read where it names the message. */
function tellsOf(id: string): string {
  const data = `${asJsonb("e.payload")} -> 'data'`;
  return `case when position(${id} in e.payload) = 0 then false else ${id} in (
    ${data} #>> '{message,id}', ${data} ->> 'message_id', ${data} #>> '{target,message_id}') end`;
}

/**
 * No index leads to a conversation's events; its own row says between which ids they lie: from the
 * first on, and below the end. Null when it has none.
 */
export async function findSpan(
  db: Queryable,
  workspaceId: string,
  conversationId: string,
): Promise<{ first: string; end: string } | null> {
  const { rows } = await db.query<{ createdAt: number; lastEventId: string }>({
    text: `select created_at as "createdAt", last_event_id as "lastEventId" from conversation
      where id = $1 and workspace_id = $2 and seq > 0`,
    values: [conversationId, workspaceId],
  });
  const [row] = rows;
  if (!row) return null;
  return {
    first: firstIdAt(row.createdAt - CLOCKS_APART_MS),
    end: firstIdAt(timeOfId(row.lastEventId) + 1),
  };
}

/** One event that the owner may see, with its native body; null when there is none. */
export async function findEvent(
  db: Queryable,
  { workspaceId, accountId }: Owner,
  id: string,
): Promise<EventDetail | null> {
  const { rows } = await db.query<EventDetail>({
    text: `select ${EVENT_COLUMNS}, e.payload, e.config_version::float8 as "configVersion" from event e
      where e.id = $1 and e.workspace_id = $2 and ($3::uuid is null or e.account_id = $3)`,
    values: [id, workspaceId, accountId],
  });
  return rows[0] ?? null;
}
