import type { Queryable } from "../../core/events/recording.ts";

/** What the whole instance holds back until an operator says so. */
export interface InstanceHold {
  /** Since when no delivery is attempted; null while they are. */
  deliveriesSince: number | null;
  /** Since when no message is handed to a provider; null while they are. */
  messagesSince: number | null;
  /** For the operator, a sentence. */
  reason: string | null;
}

export async function readHold(db: Queryable): Promise<InstanceHold> {
  const { rows } = await db.query<InstanceHold>(
    `select deliveries_held_at as "deliveriesSince", messages_held_at as "messagesSince",
      held_reason as reason from instance`,
  );
  return rows[0] ?? { deliveriesSince: null, messagesSince: null, reason: null };
}

/** Holds everything. Messages stop at once, deliveries with the next heartbeat of each process. */
export async function hold(db: Queryable, o: { now: number; reason: string }): Promise<void> {
  await db.query({
    text: `update instance set deliveries_held_at = coalesce(deliveries_held_at, $1),
        messages_held_at = coalesce(messages_held_at, $1), held_reason = $2`,
    values: [new Date(o.now), o.reason],
  });
}

/** Lets go what is named. Processes go on within a heartbeat. */
export async function release(
  db: Queryable,
  o: { deliveries: boolean; messages: boolean },
): Promise<void> {
  await db.query({
    text: `update instance set deliveries_held_at = case when $1 then null else deliveries_held_at end,
        messages_held_at = case when $2 then null else messages_held_at end`,
    values: [o.deliveries, o.messages],
  });
  await db.query(
    "update instance set held_reason = null where deliveries_held_at is null and messages_held_at is null",
  );
}

const MOVED =
  "The database is another server than before, or a standby that took over: what it had accepted last may be missing, and what it does not know to have left may have left.";

/**
 * Holds everything when the database has changed its server or its timeline since the last look: it may
 * have forgotten what was sent. Answers whether it has. A server that does not tell is believed to stay.
 */
export async function holdIfMoved(db: Queryable, now: number): Promise<boolean> {
  const identity = await readIdentity(db);
  if (identity === null) return false;
  await db.query({
    text: "update instance set system_identifier = $1 where system_identifier is null",
    values: [identity],
  });
  // All of it at once: a change that was noted and not acted upon would be forgotten.
  const { rowCount } = await db.query({
    text: `update instance set system_identifier = $1, deliveries_held_at = coalesce(deliveries_held_at, $2),
        messages_held_at = coalesce(messages_held_at, $2), held_reason = $3
      where system_identifier <> $1`,
    values: [identity, new Date(now), MOVED],
  });
  return rowCount === 1;
}

/** Null where the server lets nobody ask, as some that are rented do not. */
async function readIdentity(db: Queryable): Promise<string | null> {
  const asked = db.query<{ identity: string }>(
    `select system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) as identity
     from pg_control_system()`,
  );
  const { rows } = await asked.catch(() => ({ rows: [] }));
  return rows[0]?.identity ?? null;
}
