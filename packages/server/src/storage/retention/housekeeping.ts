import type { Queryable } from "../../core/events/recording.ts";
import { ints, uuids } from "../connections/columns.ts";
import { lanesOf, lockLanes, promote } from "../queue/lanes.ts";

/**
 * Cancels what waits for events below `firstKept`, some rows at a time: their day is closed, and
 * whoever still holds one settles for nothing. What was held back by them is due. Runs in a
 * transaction; answers how many rows were taken.
 */
export async function cancelBelow(
  tx: Queryable,
  firstKept: string,
  limit: number,
  now: number,
): Promise<number> {
  const { rows } = await tx.query<WaitingRow>({
    text: `select event_id as "eventId", endpoint, conversation_id as "conversationId" from retry
      where event_id < $1 order by event_id, endpoint limit $2`,
    values: [firstKept, limit],
  });
  if (rows.length === 0) return 0;
  const lanes = lanesOf(rows);
  if (lanes.length > 0) await lockLanes(tx, lanes);
  const { rowCount } = await tx.query({
    text: `delete from retry where (event_id, endpoint) in (
        select r.event_id, r.endpoint from retry r
        join unnest($1::uuid[], $2::int[]) as k (event_id, endpoint)
          on k.event_id = r.event_id and k.endpoint = r.endpoint
        order by r.event_id, r.endpoint for update of r skip locked)`,
    values: [uuids(rows.map((row) => row.eventId)), ints(rows.map((row) => row.endpoint))],
  });
  await promote(tx, lanes, now);
  return rowCount ?? 0;
}

interface WaitingRow {
  eventId: string;
  endpoint: number;
  conversationId: string | null;
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

/** Forgets sessions and what was to be verified once their time is over; answers how many. */
export async function forgetSignIns(db: Queryable, now: number): Promise<number> {
  let forgotten = 0;
  for (const table of ["sign_in", "verification", "used_code"]) {
    const { rowCount } = await db.query({
      text: `delete from ${table} where expires_at <= $1`,
      values: [new Date(now)],
    });
    forgotten += rowCount ?? 0;
  }
  return forgotten;
}

/** Forgets invitations that nobody has taken and whose time was over before `before`. */
export async function forgetInvitations(db: Queryable, before: number): Promise<number> {
  const { rowCount } = await db.query({
    text: "delete from invitation where expires_at <= $1",
    values: [new Date(before)],
  });
  return rowCount ?? 0;
}

/** Forgets who changed what below `firstKept`, some at a time; answers how many. */
export async function forgetAuditEntries(
  db: Queryable,
  firstKept: string,
  limit: number,
): Promise<number> {
  const { rowCount } = await db.query({
    text: `delete from audit_entry where id in (
        select id from audit_entry where id < $1 order by id limit $2)`,
    values: [firstKept, limit],
  });
  return rowCount ?? 0;
}
