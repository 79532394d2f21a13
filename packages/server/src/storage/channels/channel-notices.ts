import type { Queryable } from "../../core/events/recording.ts";
import type { Tx } from "../connections/connections.ts";

/** Something that has happened to a channel and that nobody has been told of yet. */
export interface KeptNotice {
  channelId: string;
  /** JSON text; its form is the outbox's own. */
  notice: string;
  at: number;
}

/** Keeps what is to be told, in the transaction in which it happens. */
export async function insertChannelNotice(tx: Tx, kept: KeptNotice): Promise<void> {
  await tx.query({
    text: `insert into channel_notice (workspace_id, channel_id, notice, made_at)
      select workspace_id, id, $2, to_timestamp($3::float8 / 1000) from channel where id = $1`,
    values: [kept.channelId, kept.notice, kept.at],
  });
}

export async function hasChannelNotices(db: Queryable): Promise<boolean> {
  const { rowCount } = await db.query({
    name: "has_channel_notices",
    text: "select 1 from channel_notice limit 1",
  });
  return rowCount === 1;
}

/** Takes the oldest notices that nobody else is taking. */
export async function takeChannelNotices(tx: Queryable, limit: number): Promise<KeptNotice[]> {
  const { rows } = await tx.query<KeptNotice>({
    name: "take_channel_notices",
    text: `with taken as (
        delete from channel_notice where id in (
          select id from channel_notice order by id limit $1 for update skip locked)
        returning id, channel_id, notice, made_at)
      select channel_id as "channelId", notice, (extract(epoch from made_at) * 1000)::float8 as at
      from taken order by id`,
    values: [limit],
  });
  return rows;
}
