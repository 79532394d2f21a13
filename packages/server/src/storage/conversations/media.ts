import type { Queryable } from "../../core/events/recording.ts";
import type { ChannelKind } from "../../core/messages/channel-kinds.ts";
import type { MediaSource } from "../../core/messages/inbound.ts";
import type { MediaFailure, MediaTruth } from "../../core/messages/media.ts";
import { floats, ints, texts, uuids } from "../connections/columns.ts";

/** A file of a message that is still at its provider. Its id is the `med_` id of the content. */
export interface NewMedia extends MediaSource {
  id: string;
  workspaceId: string;
  channelId: string;
  messageId: string;
  /** The type of the content that it belongs to. */
  kind: string;
  /** What its sender or the provider says that it is. */
  declared: string | null;
}

/** Notes what is to be fetched, and where. */
export async function insertMedia(
  tx: Queryable,
  media: readonly NewMedia[],
  now: number,
): Promise<void> {
  if (media.length === 0) return;
  await tx.query({
    name: "insert_media",
    text: `insert into media (id, workspace_id, channel_id, message_id, part, provider_media_id, provider_url,
        kind, declared, next_at, created_at)
      select i.id, i.workspace_id, i.channel_id, i.message_id, i.part, i.provider_media_id, i.provider_url,
        i.kind, i.declared, to_timestamp($10::float8 / 1000), to_timestamp($10::float8 / 1000)
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::text[],
          $9::text[])
        as i (id, workspace_id, channel_id, message_id, part, provider_media_id, provider_url, kind, declared)`,
    values: [
      uuids(media.map((each) => each.id)),
      uuids(media.map((each) => each.workspaceId)),
      uuids(media.map((each) => each.channelId)),
      uuids(media.map((each) => each.messageId)),
      ints(media.map((each) => each.part)),
      texts(media.map((each) => each.providerMediaId)),
      texts(media.map((each) => each.url)),
      texts(media.map((each) => each.kind)),
      texts(media.map((each) => each.declared)),
      now,
    ],
  });
}

/** A file that one process has leave to fetch. */
export interface ClaimedMedia extends MediaSource {
  id: string;
  workspaceId: string;
  channelId: string;
  messageId: string;
  channelKind: ChannelKind;
  kind: string | null;
  declared: string | null;
  /** How often it has been claimed, with this; whoever settles must still have the latest claim. */
  attempt: number;
}

/**
 * Claims files whose turn it is until `leasedUntil`; a process that dies loses them then. `since` is the
 * first id that is looked at: what is older has been given up.
 */
export async function claimMedia(
  db: Queryable,
  o: { now: number; leasedUntil: number; since: string; limit: number },
): Promise<ClaimedMedia[]> {
  const { rows } = await db.query<ClaimedMedia>({
    name: "claim_media",
    text: `update media m set attempts = m.attempts + 1, next_at = to_timestamp($2::float8 / 1000)
      from (select id from media where state = 'fetching' and id >= $3 and next_at <= to_timestamp($1::float8 / 1000)
        order by next_at limit $4 for update skip locked) due, channel c
      where m.id = due.id and m.id >= $3 and c.id = m.channel_id
      returning m.id, m.workspace_id as "workspaceId", m.channel_id as "channelId", m.message_id as "messageId",
        c.kind as "channelKind", m.part, m.provider_media_id as "providerMediaId", m.provider_url as "url", m.kind, m.declared,
        m.attempts as attempt`,
    values: [o.now, o.leasedUntil, o.since, o.limit],
  });
  return rows;
}

/** Gives a claim back: the file is tried again at a time. */
export async function postponeMedia(
  db: Queryable,
  { id, attempt }: { id: string; attempt: number },
  { at, counts }: { at: number; counts: boolean },
): Promise<void> {
  await db.query({
    name: "postpone_media",
    text: `update media set next_at = to_timestamp($3::float8 / 1000), attempts = attempts - $4::int
      where id = $1 and attempts = $2 and state = 'fetching'`,
    values: [id, attempt, at, counts ? 0 : 1],
  });
}

export interface EndedMedia {
  id: string;
  attempt: number;
  /** Null where it failed. */
  truth: MediaTruth | null;
  failure: MediaFailure | null;
}

/**
 * Writes how fetching ended, where the claim still stands, and forgets the provider's links. Answers
 * which were written.
 */
export async function endMedia(
  tx: Queryable,
  ended: readonly EndedMedia[],
): Promise<ReadonlySet<string>> {
  if (ended.length === 0) return new Set();
  const ids = ended.map(({ id }) => id).sort();
  const { rows } = await tx.query<{ id: string }>({
    name: "end_media",
    text: `update media m set state = case when i.failure is null then 'stored' else 'failed' end,
        mime = i.mime, bytes = i.bytes::bigint, sha256 = i.sha256, failure = i.failure, provider_url = null
      from unnest($3::uuid[], $4::int[], $5::text[], $6::float8[], $7::text[], $8::text[])
        as i (id, attempt, mime, bytes, sha256, failure)
      where m.id = i.id and m.attempts = i.attempt and m.state = 'fetching' and m.id between $1 and $2
      returning m.id`,
    values: [
      ids[0],
      ids.at(-1),
      uuids(ended.map(({ id }) => id)),
      ints(ended.map(({ attempt }) => attempt)),
      texts(ended.map(({ truth }) => truth?.mime ?? null)),
      floats(ended.map(({ truth }) => truth?.bytes ?? null)),
      texts(ended.map(({ truth }) => truth?.sha256 ?? null)),
      texts(ended.map(({ failure }) => failure && JSON.stringify(failure))),
    ],
  });
  return new Set(rows.map(({ id }) => id));
}

/** A file as whoever asks for it finds it. */
export interface KeptMedia {
  state: "fetching" | "stored" | "failed";
  mime: string | null;
  bytes: number | null;
  sha256: string | null;
  /** `MediaFailure` as JSON text. */
  failure: string | null;
  messageId: string;
  workspaceId: string;
}

export async function findMedia(db: Queryable, id: string): Promise<KeptMedia | null> {
  const { rows } = await db.query<KeptMedia>({
    name: "find_media",
    text: `select state, mime, bytes::float8 as bytes, sha256, failure, message_id as "messageId",
        workspace_id as "workspaceId"
      from media where id = $1`,
    values: [id],
  });
  return rows[0] ?? null;
}

/** What a message says, JSON text; null where it is kept no longer. */
export async function findContent(db: Queryable, messageId: string): Promise<string | null> {
  const { rows } = await db.query<{ content: string }>({
    name: "find_content",
    text: "select content from message where id = $1",
    values: [messageId],
  });
  return rows[0]?.content ?? null;
}

const REMOVED: MediaFailure = { code: "removed", message: "The file was removed." };

/**
 * Takes all files of these messages away: from now on nobody is given them, and what is stored of them is
 * listed to be removed. Answers their ids.
 */
export async function removeMediaOf(
  tx: Queryable,
  messageIds: readonly string[],
  now: number,
): Promise<string[]> {
  if (messageIds.length === 0) return [];
  const { rows } = await tx.query<{ id: string }>({
    name: "remove_media_of",
    text: `with gone as (
        update media set state = 'failed', failure = $2, provider_url = null, provider_media_id = null, mime = null,
          bytes = null, sha256 = null, declared = null, attempts = attempts + 1
        where message_id = any($1::uuid[]) returning id
      ), listed as (
        insert into media_removal (media_id, asked_at)
        select id, to_timestamp($3::float8 / 1000) from gone on conflict do nothing
      )
      select id from gone`,
    values: [uuids(messageIds), JSON.stringify(REMOVED), now],
  });
  return rows.map(({ id }) => id);
}

/** Files that are to be removed, the oldest wish first. */
export async function findRemovals(db: Queryable, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({
    name: "find_removals",
    text: "select media_id as id from media_removal order by asked_at limit $1",
    values: [limit],
  });
  return rows.map(({ id }) => id);
}

/** These files are gone. */
export async function forgetRemovals(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query({
    name: "forget_removals",
    text: "delete from media_removal where media_id = any($1::uuid[])",
    values: [uuids(ids)],
  });
}

/** How many files wait to be fetched, and since when the oldest does; null for none. */
export async function readMediaBacklog(
  db: Queryable,
  since: string,
): Promise<{ files: number; oldestAt: number | null }> {
  const { rows } = await db.query<{ files: number; oldestAt: number | null }>({
    name: "read_media_backlog",
    text: `select count(*)::int as files, (extract(epoch from min(created_at)) * 1000)::float8 as "oldestAt"
      from media where state = 'fetching' and id >= $1`,
    values: [since],
  });
  return rows[0] ?? { files: 0, oldestAt: null };
}
