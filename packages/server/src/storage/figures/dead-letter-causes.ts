import type { Queryable } from "../../core/events/recording.ts";

/** Dead letters that are looked at, the newest: a page must not take long, however many there are. */
const MOST_READ = 20_000;

export interface DeadLetterCause {
  /** What its last request was answered; null where nothing answered. */
  status: number | null;
  /** What went wrong where nothing answered. */
  error: string | null;
  reason: string | null;
  /** Null where causes are counted over all endpoints. */
  endpointId: string | null;
  count: number;
  endpoints: number;
  lastAt: number;
}

/**
 * Why dead letters died, the most frequent first, among the newest of them: those of the workspace, or
 * an equal share of each endpoint that is named.
 */
export async function countCauses(
  db: Queryable,
  {
    workspaceId,
    endpoints,
    byEndpoint,
  }: { workspaceId: string; endpoints: readonly number[] | null; byEndpoint: boolean },
): Promise<{ causes: DeadLetterCause[]; isExact: boolean }> {
  const share = Math.ceil(MOST_READ / Math.max(1, endpoints?.length ?? 1));
  const newest = (
    where: string,
  ) => `select d.last_status, d.last_error, d.reason, d.endpoint, d.last_at
    from delivery d where d.workspace_id = $1 and d.state = 'dead' and d.state <> 'delivered' ${where}
    order by d.event_id desc limit $3`;
  // An endpoint's own are found by its index, however few they are among those of others.
  const read =
    endpoints === null
      ? newest("")
      : `select d.* from unnest($4::int[]) as s (endpoint)
          cross join lateral (${newest("and d.endpoint = s.endpoint")}) d`;
  // By endpoint first, in memory: counting different ones directly sorts every row, on disk.
  const { rows } = await db.query<DeadLetterCause & { isCut: boolean }>({
    text: `with g as materialized (
        select last_status, last_error, reason, endpoint, count(*) as n, max(last_at) as last_at
        from (${read}) d group by last_status, last_error, reason, endpoint)
      select g.last_status as status, g.last_error as error, g.reason, p.id as "endpointId", sum(g.n)::int as count,
        count(distinct g.endpoint)::int as endpoints, max(g.last_at) as "lastAt",
        exists (select from g group by ${endpoints === null ? "()" : "endpoint"} having sum(n) >= $3) as "isCut"
      from g left join endpoint p on $2::boolean and p.serial = g.endpoint
      group by g.last_status, g.last_error, g.reason, p.id order by count desc, status, error limit 100`,
    values: [workspaceId, byEndpoint, share, ...(endpoints === null ? [] : [endpoints])],
  });
  const causes = rows.map(({ isCut: _, ...cause }) => cause);
  return { causes, isExact: rows[0]?.isCut !== true };
}
