import type { Queryable } from "../../core/events/recording.ts";

/** The latest request for the newest event that an endpoint has not taken; null when it has taken all. */
export async function findLastFailure(
  db: Queryable,
  workspaceId: string,
  endpoint: number,
): Promise<{ at: number; status: number | null; error: string | null } | null> {
  const { rows } = await db.query<{ at: number; status: number | null; error: string | null }>({
    text: `select (extract(epoch from last_at) * 1000)::float8 as at, last_status as status, last_error as error
      from delivery where workspace_id = $1 and endpoint = $2 and state <> 'delivered'
      order by event_id desc limit 1`,
    values: [workspaceId, endpoint],
  });
  return rows[0] ?? null;
}

/** How many deliveries of events from this id on have become dead letters, counted up to `most`. */
export async function countDead(
  db: Queryable,
  o: { workspaceId: string; endpoint: number; from: string; most: number },
): Promise<number> {
  const { rows } = await db.query<{ n: number }>({
    text: `select count(*)::int as n from (select 1 from delivery
      where workspace_id = $1 and endpoint = $2 and event_id >= $3 and state <> 'delivered' and state = 'dead'
      limit $4) d`,
    values: [o.workspaceId, o.endpoint, o.from, o.most],
  });
  return rows[0]?.n ?? 0;
}

/**
 * The oldest event from this id on whose delivery has become a dead letter by a request of that time or later;
 * null when there is none.
 */
export async function findFirstDead(
  db: Queryable,
  o: { workspaceId: string; endpoint: number; from: string; requestedSince: number },
): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>({
    text: `select event_id as id from delivery
      where workspace_id = $1 and endpoint = $2 and event_id >= $3 and state <> 'delivered' and state = 'dead'
        and last_at >= to_timestamp($4::float8 / 1000)
      order by event_id limit 1`,
    values: [o.workspaceId, o.endpoint, o.from, o.requestedSince],
  });
  return rows[0]?.id ?? null;
}

/** How many deliveries are queued for an endpoint, counted up to `most`. */
export async function countWaiting(db: Queryable, endpoint: number, most: number): Promise<number> {
  const { rows } = await db.query<{ n: number }>({
    text: `select count(*)::int as n from (select 1 from retry where endpoint = $1 limit $2) r`,
    values: [endpoint, most],
  });
  return rows[0]?.n ?? 0;
}
