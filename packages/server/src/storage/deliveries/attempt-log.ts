import type { Queryable } from "../../core/events/recording.ts";

/** One attempt at one endpoint, with the event that it carried. */
export interface LoggedAttempt {
  eventId: string;
  type: string;
  /** The native body. */
  payload: string;
  n: number;
  process: number;
  sentAt: number;
  ms: number;
  status: number | null;
  error: string | null;
  detail: string | null;
}

interface Whose {
  workspaceId: string;
  /** The endpoint's. */
  serial: number;
}

const MADE = `from delivery d cross join lateral (
    select n, process, sent_at, ms, status, error, detail from attempt a
    where a.event_id = d.event_id and a.endpoint = d.endpoint) a
  where d.workspace_id = $1 and d.endpoint = $2`;

/** How many attempts were made, counted no further than `most`. */
export async function countAttempts(
  db: Queryable,
  { workspaceId, serial }: Whose,
  most: number,
): Promise<number> {
  const { rows } = await db.query<{ n: number }>({
    text: `select count(*)::int as n from (select 1 ${MADE} limit $3) a`,
    values: [workspaceId, serial, most],
  });
  return rows[0]?.n ?? 0;
}

/** Attempts at an endpoint: those of the newest event first, the last of each first. */
export async function listAttempts(
  db: Queryable,
  { workspaceId, serial }: Whose,
  { limit, offset }: { limit: number; offset: number },
): Promise<LoggedAttempt[]> {
  const { rows } = await db.query<LoggedAttempt>({
    text: `select l.*, e.type, e.payload
      from (select d.event_id as "eventId", a.n, a.process, a.ms, a.status, a.error, a.detail,
          (extract(epoch from a.sent_at) * 1000)::float8 as "sentAt" ${MADE}
        order by d.event_id desc, a.n desc, a.process desc limit $3 offset $4) l
      cross join lateral (select type, payload from event e where e.id = l."eventId" limit 1) e
      order by l."eventId" desc, l.n desc, l.process desc`,
    values: [workspaceId, serial, limit, offset],
  });
  return rows;
}
