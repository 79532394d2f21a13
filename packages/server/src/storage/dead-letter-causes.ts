import type { Queryable } from "../core/recording.ts";

/** Dead letters that are looked at, the newest: a page must not take long, however many there are. */
const MOST_READ = 100_000;

export interface DeadLetterCause {
  /** What its last request was answered; null where nothing answered. */
  status: number | null;
  /** What went wrong where nothing answered. */
  error: string | null;
  reason: string | null;
  count: number;
  endpoints: number;
  lastAt: number;
}

/** Why dead letters died, the most frequent first, among the newest of them. */
export async function countCauses(
  db: Queryable,
  { workspaceId, endpoints }: { workspaceId: string; endpoints: readonly number[] | null },
): Promise<{ causes: DeadLetterCause[]; isExact: boolean }> {
  const { rows } = await db.query<DeadLetterCause & { read: number }>({
    text: `with d as materialized (
        select last_status, last_error, reason, endpoint, last_at from delivery
        where workspace_id = $1 and state = 'dead' and state <> 'delivered'
          and ($2::int[] is null or endpoint = any($2::int[]))
        order by event_id desc limit ${MOST_READ})
      select last_status as status, last_error as error, reason, count(*)::int as count,
        count(distinct endpoint)::int as endpoints, max(last_at) as "lastAt",
        (select count(*)::int from d) as read
      from d group by last_status, last_error, reason order by count desc, status, error limit 100`,
    values: [workspaceId, endpoints],
  });
  const causes = rows.map(({ read: _, ...cause }) => cause);
  return { causes, isExact: (rows[0]?.read ?? 0) < MOST_READ };
}
