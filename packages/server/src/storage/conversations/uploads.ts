import type { Queryable } from "../../core/events/recording.ts";
import { texts, uuids } from "../connections/columns.ts";
import type { Owner } from "../workspaces/accounts.ts";

/** A file that somebody brought, and that no message has taken along yet. */
export interface Upload {
  id: string;
  workspaceId: string;
  accountId: string | null;
  filename: string | null;
  /** What whoever brought it says that it is. */
  declared: string | null;
  mime: string;
  bytes: number;
  sha256: string;
  createdAt: number;
}

/** False where the workspace is no more. */
export async function insertUpload(db: Queryable, upload: Upload): Promise<boolean> {
  const { rowCount } = await db.query({
    name: "insert_upload",
    text: `insert into upload (id, workspace_id, account_id, filename, declared, mime, bytes, sha256, created_at)
      select $1, w.id, $3, $4, $5, $6, $7::float8::bigint, $8, to_timestamp($9::float8 / 1000)
      from workspace w where w.id = $2 and w.deleted_at is null`,
    values: [
      ...[upload.id, upload.workspaceId, upload.accountId, upload.filename, upload.declared],
      ...[upload.mime, upload.bytes, upload.sha256, upload.createdAt],
    ],
  });
  return rowCount === 1;
}

/** Bytes of a workspace that wait for a message to take them along. */
export async function countUploadBytes(db: Queryable, workspaceId: string): Promise<number> {
  const { rows } = await db.query<{ bytes: number }>({
    name: "count_upload_bytes",
    text: `select coalesce(sum(bytes), 0)::float8 as bytes from upload where workspace_id = $1`,
    values: [workspaceId],
  });
  return rows[0]?.bytes ?? 0;
}

/** A file that a message may take along. */
export interface SendableFile {
  mime: string;
  bytes: number;
  sha256: string;
  filename: string | null;
  /** The message that has it, whose content says what it is called; null for one that only waits. */
  messageId: string | null;
}

/**
 * A file that was brought since `since` (an id), or that a message has: one that was sent, or one that a
 * customer sent. Null for what is gone, is not here yet, or is somebody else's.
 */
export async function findSendable(
  db: Queryable,
  { workspaceId, accountId }: Owner,
  { id, since }: { id: string; since: string },
): Promise<SendableFile | null> {
  const { rows } = await db.query<SendableFile>({
    name: "find_sendable",
    text: `select mime, bytes::float8 as bytes, sha256, filename, null as "messageId"
      from upload
      where id = $1 and id >= $4 and workspace_id = $2 and ($3::uuid is null or account_id = $3)
      union all
      select m.mime, m.bytes::float8, m.sha256, null, m.message_id
      from media m join channel c on c.id = m.channel_id
      where m.id = $1 and m.workspace_id = $2 and m.state = 'stored' and ($3::uuid is null or c.account_id = $3)
      limit 1`,
    values: [id, workspaceId, accountId, since],
  });
  return rows[0] ?? null;
}

/** A message that takes a file along. */
export interface TakenFile {
  id: string;
  channelId: string;
  messageId: string;
  /** The type of its content. */
  kind: string;
}

/**
 * What waited belongs to its message from now on, and goes with it. A file that a message has had before
 * stays that one's.
 */
export async function giveToMessages(tx: Queryable, taken: readonly TakenFile[]): Promise<void> {
  if (taken.length === 0) return;
  const byId = new Map(taken.map((each) => [each.id, each]));
  const files = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  await tx.query({
    name: "give_uploads_to_messages",
    // Locked in the order of their ids: two messages with the same files wait for each other, not in a ring.
    text: `with wanted as (
        select u.id from upload u where u.id = any($1::uuid[]) order by u.id for update
      ), gone as (
        delete from upload u using wanted w where u.id = w.id
        returning u.id, u.workspace_id, u.declared, u.mime, u.bytes, u.sha256, u.created_at
      )
      insert into media (id, workspace_id, channel_id, message_id, part, kind, declared, state, mime, bytes, sha256,
        created_at)
      select g.id, g.workspace_id, i.channel_id, i.message_id, 0, i.kind, g.declared, 'stored', g.mime, g.bytes,
        g.sha256, g.created_at
      from gone g join unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) as i (id, channel_id, message_id, kind)
        on i.id = g.id`,
    values: [
      uuids(files.map((each) => each.id)),
      uuids(files.map((each) => each.channelId)),
      uuids(files.map((each) => each.messageId)),
      texts(files.map((each) => each.kind)),
    ],
  });
}

/** Takes a file back that only waits; false where there is none. What is stored of it is listed to be removed. */
export async function dropUpload(
  db: Queryable,
  { workspaceId, accountId }: Owner,
  id: string,
  now: number,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: "drop_upload",
    text: `with gone as (
        delete from upload where id = $1 and workspace_id = $2 and ($3::uuid is null or account_id = $3) returning id
      )
      insert into media_removal (media_id, asked_at)
      select id, to_timestamp($4::float8 / 1000) from gone`,
    values: [id, workspaceId, accountId, now],
  });
  return rowCount === 1;
}

/** The same of some that have waited since before an id; answers how many. */
export async function dropUploadsBefore(
  db: Queryable,
  before: string,
  limit: number,
  now: number,
): Promise<number> {
  const { rowCount } = await db.query({
    name: "drop_uploads_before",
    text: `with old as (
        select id from upload where id < $1 order by id limit $2 for update skip locked
      ), gone as (
        delete from upload u using old where u.id = old.id returning u.id
      )
      insert into media_removal (media_id, asked_at)
      select id, to_timestamp($3::float8 / 1000) from gone`,
    values: [before, limit, now],
  });
  return rowCount ?? 0;
}

/** The same of some of a workspace; answers how many. */
export async function dropUploadsOf(
  tx: Queryable,
  workspaceId: string,
  limit: number,
  now: number,
): Promise<number> {
  const { rowCount } = await tx.query({
    text: `with page as (
        select id from upload where workspace_id = $1 limit $2
      ), gone as (
        delete from upload u using page where u.id = page.id returning u.id
      )
      insert into media_removal (media_id, asked_at)
      select id, to_timestamp($3::float8 / 1000) from gone`,
    values: [workspaceId, limit, now],
  });
  return rowCount ?? 0;
}
