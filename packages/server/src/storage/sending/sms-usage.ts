import type { Queryable } from "../../core/events/recording.ts";
import type { SmsTally } from "../../core/sending/sms-quota.ts";
import { uuids } from "../connections/columns.ts";

/** What a workspace has sent by SMS in a calendar month (UTC), and what it may. */
export interface SmsUsage {
  /** Messages that the provider took: one each, however many segments they travelled in. */
  used: number;
  segments: number;
  /** Null: as many as wanted. */
  limit: number | null;
  /** Messages that are on their way and not counted yet. */
  pending: number;
}

/**
 * Counts messages that the provider has just been heard to have, at the end of the transaction that
 * learned it: each message once, for the provider's name of it is taken once. Tells what it made of
 * each workspace's month.
 */
export async function countSmsCalls(
  tx: Queryable,
  messageIds: readonly string[],
  now: number,
): Promise<SmsTally[]> {
  if (messageIds.length === 0) return [];
  const sorted = [...messageIds].sort();
  const { rows } = await tx.query<SmsTally>({
    name: "count_sms_calls",
    text: `with fresh as (
        select m.workspace_id, count(*) as calls,
          sum(coalesce(substring(m.content from '"segments":(\\d{1,4})')::int, 1)) as segments
        from message m
        where m.id = any($1::uuid[]) and m.id >= $2 and m.id <= $3 and m.direction = 'outbound'
        group by m.workspace_id),
      counted as (
        insert into sms_usage (workspace_id, month, calls, segments)
        select workspace_id, date_trunc('month', to_timestamp($4::float8 / 1000) at time zone 'UTC')::date,
          calls, segments
        from fresh order by workspace_id
        on conflict (workspace_id, month) do update
          set calls = sms_usage.calls + excluded.calls, segments = sms_usage.segments + excluded.segments
        returning workspace_id, calls)
      select c.workspace_id as "workspaceId", (c.calls - f.calls)::int as before, c.calls::int as after,
        p.sms_per_month as "limit"
      from counted c
      join fresh f on f.workspace_id = c.workspace_id
      join workspace w on w.id = c.workspace_id
      join plan p on p.name = w.plan`,
    values: [uuids(sorted), sorted.at(0), sorted.at(-1), now],
  });
  return rows;
}

export async function findSmsUsage(
  db: Queryable,
  workspaceId: string,
  now: number,
): Promise<SmsUsage> {
  const { rows } = await db.query<SmsUsage>({
    name: "find_sms_usage",
    text: `select coalesce(u.calls, 0)::int as used, coalesce(u.segments, 0)::int as segments,
        p.sms_per_month as "limit",
        (select count(*) from outbox o join channel c on c.id = o.channel_id and c.kind = 'sms'
          where o.workspace_id = w.id)::int as pending
      from workspace w
      join plan p on p.name = w.plan
      left join sms_usage u on u.workspace_id = w.id
        and u.month = date_trunc('month', to_timestamp($2::float8 / 1000) at time zone 'UTC')::date
      where w.id = $1`,
    values: [workspaceId, now],
  });
  return rows[0] ?? { used: 0, segments: 0, limit: null, pending: 0 };
}

/** In how many segments a message of ours travels; null where it is no text. */
export async function findSegments(db: Queryable, messageId: string): Promise<number | null> {
  const { rows } = await db.query<{ segments: number | null }>({
    name: "find_segments",
    text: `select substring(content from '"segments":(\\d{1,4})')::int as segments from message where id = $1`,
    values: [messageId],
  });
  return rows[0]?.segments ?? null;
}
