import type { Queryable } from "../../core/events/recording.ts";

export interface OldestDue {
  endpointId: string;
  /** ms since the epoch. */
  dueAt: number;
}

/**
 * The delivery of a workspace that has been due longest and is not under way, at an endpoint that
 * moves: one look an endpoint, however much waits. Null when nothing is due.
 */
export async function findOldestDue(
  db: Queryable,
  o: { workspaceId: string; endpoints: readonly number[] | null; now: number },
): Promise<OldestDue | null> {
  const { rows } = await db.query<OldestDue>({
    text: `select e.id as "endpointId", (extract(epoch from r.next_at) * 1000)::float8 as "dueAt"
      from endpoint e
      cross join lateral (select next_at from retry r
        where r.endpoint = e.serial and r.owner is null and r.next_at <= to_timestamp($3::float8 / 1000)
        order by r.next_at limit 1) r
      where e.workspace_id = $1 and e.state = 'enabled' and e.deleted_at is null
        and ($2::int[] is null or e.serial = any($2::int[]))
      order by r.next_at limit 1`,
    values: [o.workspaceId, o.endpoints, o.now],
  });
  return rows[0] ?? null;
}
