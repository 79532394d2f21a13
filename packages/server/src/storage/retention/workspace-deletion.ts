import type { Queryable } from "../../core/events/recording.ts";
import { uuids } from "../connections/columns.ts";
import type { Tx } from "../connections/connections.ts";
import { removeMediaOf } from "../conversations/media.ts";

const CHANNELS = "select id from channel where workspace_id = $1";
const ENDPOINTS = "select id from endpoint where workspace_id = $1";
const SERIALS = "select serial from endpoint where workspace_id = $1";

/**
 * What goes after the log, the messages and the conversations, in an order that no foreign key
 * minds, and how each table's rows are known to be the workspace's. $1 is the workspace.
 */
export const REST = {
  retry: "workspace_id = $1",
  notice: "workspace_id = $1",
  channel_notice: "workspace_id = $1",
  untold_dead_letter: "workspace_id = $1",
  purge_receipt: "workspace_id = $1",
  expunged_event: "workspace_id = $1",
  media_handover: `endpoint in (${SERIALS})`,
  outbox: "workspace_id = $1",
  message_fallback: "workspace_id = $1",
  template: "workspace_id = $1",
  template_sync: "workspace_id = $1",
  idempotency: "workspace_id = $1",
  consent: "workspace_id = $1",
  waiting_item: `channel_id in (${CHANNELS})`,
  newcomer_item: `channel_id in (${CHANNELS})`,
  profile_wish: `channel_id in (${CHANNELS})`,
  identity: "workspace_id = $1",
  contact: "workspace_id = $1",
  lane: `endpoint in (${SERIALS})`,
  sms_usage: "workspace_id = $1",
  workspace_bytes: "workspace_id = $1",
  tally: "workspace_id = $1",
  tally_event: "workspace_id = $1",
  tally_delta: "workspace_id = $1",
  endpoint_health: `endpoint in (${SERIALS})`,
  endpoint_rate: `endpoint in (${SERIALS})`,
  endpoint_hour: `endpoint in (${SERIALS})`,
  endpoint_minute: `endpoint in (${SERIALS})`,
  endpoint_version: `endpoint in (${SERIALS})`,
  endpoint_secret: `endpoint_id in (${ENDPOINTS})`,
  endpoint: "workspace_id = $1",
  catcher_request: "catcher_id in (select id from catcher where workspace_id = $1)",
  catcher: "workspace_id = $1",
  member: "workspace_id = $1",
  invitation: "workspace_id = $1",
  audit_entry: "workspace_id = $1",
  api_key: "workspace_id = $1",
  channel: "workspace_id = $1",
  account: "workspace_id = $1",
  job: "workspace_id = $1",
  event_type: "workspace_id = $1",
  workspace: "id = $1",
} as const satisfies Record<string, string>;

export type RestTable = keyof typeof REST;

export const REST_TABLES = Object.keys(REST) as RestTable[]; // its own keys

/**
 * Takes a workspace out of service in every way: nothing reaches it, nothing leaves it, nobody may
 * act for it. Part of a change of its configuration. False when it was deleted before.
 */
export async function closeWorkspace(tx: Tx, id: string, now: number): Promise<boolean> {
  const at = new Date(now);
  const { rowCount } = await tx.query({
    text: "update workspace set deleted_at = $2 where id = $1 and deleted_at is null",
    values: [id, at],
  });
  if (rowCount === 0) return false;
  for (const text of [
    "update api_key set revoked_at = coalesce(revoked_at, $2) where workspace_id = $1",
    "update endpoint set deleted_at = coalesce(deleted_at, $2), auth = null, headers = null where workspace_id = $1",
    "update channel set deleted_at = coalesce(deleted_at, $2), credentials = null, is_default = false where workspace_id = $1",
  ]) {
    await tx.query({ text, values: [id, at] });
  }
  await tx.query({
    text: `delete from endpoint_secret where endpoint_id in (${ENDPOINTS})`,
    values: [id],
  });
  return true;
}

/** Whether everything that was accepted up to an id has its first outcome, in every process. */
export async function isSettledBelow(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query<{ open: boolean }>({
    text: `select exists (select from process where state in ('living', 'dead') and settled_floor < $1) as open`,
    values: [id],
  });
  return rows[0]?.open === false;
}

/**
 * Whether a request of the workspace is under way whose delivery stands in `retry`. Reads the whole table:
 * before the first page, and no more.
 */
export async function isAnyLeased(db: Queryable, workspaceId: string): Promise<boolean> {
  const { rowCount } = await db.query({
    text: "select 1 from retry where workspace_id = $1 and owner is not null limit 1",
    values: [workspaceId],
  });
  return rowCount === 1;
}

/** Deletes some of a workspace's events with their deliveries and attempts, the oldest first. */
export async function deleteEvents(
  tx: Queryable,
  workspaceId: string,
  limit: number,
): Promise<number> {
  const { rows } = await tx.query<{ id: string }>({
    text: "select id from event where workspace_id = $1 order by id limit $2",
    values: [workspaceId, limit],
  });
  const [first, last] = [rows[0]?.id, rows.at(-1)?.id];
  if (first === undefined || last === undefined) return 0;
  const values = [uuids(rows.map(({ id }) => id)), first, last];
  for (const table of ["attempt", "delivery", "retry"]) {
    await tx.query({
      text: `delete from ${table} where event_id = any($1::uuid[]) and event_id between $2 and $3`,
      values,
    });
  }
  await tx.query({
    text: "delete from event where id = any($1::uuid[]) and id between $2 and $3",
    values,
  });
  return rows.length;
}

/** The first conversations of a workspace, as many as are looked at for messages at a time. */
const LOOKED_THROUGH = 100;

/** Deletes some of a workspace's messages with what belongs to them. */
export async function deleteMessages(
  tx: Queryable,
  workspaceId: string,
  limit: number,
  now: number,
): Promise<number> {
  const { rows } = await tx.query<{ id: string }>({
    text: `select m.id from (select id from conversation where workspace_id = $1 order by id limit $3) c
      join message m on m.conversation_id = c.id limit $2`,
    values: [workspaceId, limit, LOOKED_THROUGH],
  });
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  await removeMediaOf(tx, ids, now);
  const values = [uuids(ids)];
  for (const [table, column] of [
    ["provider_ref", "message_id"],
    ["media", "message_id"],
    ["message", "id"],
  ]) {
    await tx.query({ text: `delete from ${table} where ${column} = any($1::uuid[])`, values });
  }
  return rows.length;
}

/** Deletes some of the conversations that `deleteMessages` has found empty. */
export async function deleteConversations(
  tx: Queryable,
  workspaceId: string,
  limit: number,
): Promise<number> {
  const { rowCount } = await tx.query({
    text: `delete from conversation where id in (
      select id from conversation where workspace_id = $1 order by id limit $2)`,
    values: [workspaceId, Math.min(limit, LOOKED_THROUGH)],
  });
  return rowCount ?? 0;
}

/** Deletes some rows of one of the other tables. */
export async function deleteRest(
  tx: Queryable,
  table: RestTable,
  workspaceId: string,
  limit: number,
): Promise<number> {
  // A key refers to the one that it replaced: all of them go in one statement.
  const rows =
    table === "api_key"
      ? REST[table]
      : `ctid = any(array(select ctid from ${table} where ${REST[table]} limit ${Math.trunc(limit)}))`;
  const { rowCount } = await tx.query({
    text: `delete from ${table} where ${rows}`,
    values: [workspaceId],
  });
  return rowCount ?? 0;
}
