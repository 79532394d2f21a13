import type { MessageRow } from "../../core/events/envelope.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { MessageStatus } from "../../core/messages/message-status.ts";
import { Parameters } from "../connections/parameters.ts";
import type { Owner } from "../workspaces/accounts.ts";
import { type Message, readMessages } from "./messages.ts";

/** So many messages are looked at for a page: what takes longer goes on with the next one. */
const MOST_READ = 10_000;

/** What is asked of messages; what is empty or null asks nothing. */
export interface MessageFilter {
  /** Kinds and ids together say which channels. */
  channelKinds: readonly string[];
  channelIds: readonly string[];
  conversationId: string | null;
  direction: MessageRow["direction"] | undefined;
  status: MessageStatus | undefined;
}

export interface MessagePage {
  /** Only those with an id below this one. */
  before: string | undefined;
  /** Only ids from this one on. */
  from: string | undefined;
  /** Only ids below this one. */
  to: string | undefined;
  limit: number;
}

export interface FoundMessages {
  messages: Message[];
  /** Below which id to go on when there may be more. */
  next: string | null;
}

/**
 * A page of the messages that are wanted, over all conversations, the newest first. It looks at a
 * bounded number of them, however few are wanted: a page may be short, or empty, and still have a next one.
 */
export async function findMessages(
  db: Queryable,
  owner: Owner,
  page: MessagePage,
  filter: MessageFilter,
): Promise<FoundMessages> {
  const p = new Parameters();
  const { limit } = page;
  // Read in the order of the index, and no further than the page asks for: the bound is a row like others.
  const { rows } = await db.query<{ id: string; isWanted: boolean | null; isBound: boolean }>({
    text: `select id, is_wanted as "isWanted", n = ${MOST_READ} as "isBound" from (
        select id, row_number() over (order by id desc) as n, ${isWanted(p, owner, filter)} as is_wanted
        from message where ${lies(p, owner, page, filter)} order by id desc limit ${MOST_READ}) m
      where is_wanted or n = ${MOST_READ} order by id desc limit ${p.of(limit + 1, "int")}`,
    values: p.values,
  });
  const wanted = rows.filter((row) => row.isWanted).map(({ id }) => id);
  const shown = wanted.slice(0, limit);
  const bound = rows.find((row) => row.isBound)?.id ?? null;
  const next = wanted.length > limit ? (shown.at(-1) ?? null) : bound;
  const found = await readMessages(db, owner, shown);
  return { messages: shown.flatMap((id) => found.get(id) ?? []), next };
}

/** What an index leads to. */
function lies(
  p: Parameters,
  { workspaceId }: Owner,
  { before, from, to }: MessagePage,
  { conversationId }: MessageFilter,
): string {
  const conditions = [`workspace_id = ${p.of(workspaceId, "uuid")}`];
  if (conversationId !== null) conditions.push(`conversation_id = ${p.of(conversationId, "uuid")}`);
  if (before !== undefined) conditions.push(`id < ${p.of(before, "uuid")}`);
  if (from !== undefined) conditions.push(`id >= ${p.of(from, "uuid")}`);
  if (to !== undefined) conditions.push(`id < ${p.of(to, "uuid")}`);
  return conditions.join(" and ");
}

/** What each message that is read is asked. */
function isWanted(
  p: Parameters,
  { workspaceId, accountId }: Owner,
  { channelKinds, channelIds, direction, status }: MessageFilter,
): string {
  const conditions: string[] = [];
  if (accountId !== null) conditions.push(`account_id = ${p.of(accountId, "uuid")}`);
  if (direction !== undefined) conditions.push(`direction = ${p.of(direction, "text")}`);
  if (status !== undefined) conditions.push(`status = ${p.of(status, "text")}`);
  if (channelKinds.length + channelIds.length > 0) {
    conditions.push(`(channel_id = any(${p.of(channelIds, "uuid[]")}) or channel_id in (
      select id from channel where workspace_id = ${p.of(workspaceId, "uuid")}
        and kind = any(${p.of(channelKinds, "text[]")})))`);
  }
  return conditions.length === 0 ? "true" : conditions.join(" and ");
}
