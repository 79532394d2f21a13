import type { Queryable } from "../core/recording.ts";

/**
 * Cancels what waits for events below `firstKept`, some rows at a time: their day is closed, and
 * whoever still holds one settles for nothing. Answers how many rows were taken.
 */
export async function cancelBelow(
  db: Queryable,
  firstKept: string,
  limit: number,
): Promise<number> {
  const { rowCount } = await db.query({
    text: `delete from retry where (event_id, endpoint) in (
        select event_id, endpoint from retry where event_id < $1 order by event_id, endpoint limit $2
        for update skip locked)`,
    values: [firstKept, limit],
  });
  return rowCount ?? 0;
}

/** Forgets what providers call messages whose day is gone, some at a time; answers how many. */
export async function forgetProviderRefs(
  db: Queryable,
  firstKept: string,
  limit: number,
): Promise<number> {
  const { rowCount } = await db.query({
    text: `delete from provider_ref where (channel_id, kind, provider_id) in (
        select channel_id, kind, provider_id from provider_ref where message_id < $1
        order by message_id limit $2)`,
    values: [firstKept, limit],
  });
  return rowCount ?? 0;
}

/** Destroys signing secrets that were being retired and whose time is over. */
export async function destroyRetiredSecrets(db: Queryable, now: number): Promise<number> {
  const { rowCount } = await db.query({
    text: "delete from endpoint_secret where stage = 'retiring' and expires_at <= $1",
    values: [new Date(now)],
  });
  return rowCount ?? 0;
}
