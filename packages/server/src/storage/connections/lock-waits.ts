import type { Queryable } from "../../core/events/recording.ts";
import { codeOf } from "./gate.ts";

const LOCK_NOT_AVAILABLE = "55P03";

/** Whether a statement was given up because it waited for a lock for as long as it may. */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === LOCK_NOT_AVAILABLE;
}

/**
 * Lets a session wait for a lock for so long at most; a limit that the operator has set stands. Answers
 * the one that counts, as PostgreSQL writes it: `20s`.
 */
export async function limitLockWaits(session: Queryable, ms: number): Promise<string> {
  const { rows } = await session.query<{ limit: string }>({
    text: `select case current_setting('lock_timeout') when '0' then set_config('lock_timeout', $1, false)
      else current_setting('lock_timeout') end as limit`,
    values: [`${ms}ms`],
  });
  return rows[0]?.limit ?? `${ms}ms`;
}

/** A session of another that has changed or locked something in a table, and is not done. */
export interface LockHolder {
  pid: number;
  /** What it calls itself; empty where it does not, or where we may not know. */
  name: string;
  /** How long its transaction has lasted, in whole seconds; null where we may not know. */
  seconds: number | null;
}

/** A transaction of another, of whatever table. */
export type OpenTransaction = LockHolder;

/** Who may stand in the way of a change to a table, the longest first. */
export async function listOpenTransactions(db: Queryable): Promise<OpenTransaction[]> {
  const { rows } = await db.query<OpenTransaction>({
    text: `select pid, coalesce(application_name, '') as name,
        floor(extract(epoch from clock_timestamp() - xact_start))::int as seconds
      from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
        and xact_start < clock_timestamp() - interval '1 second'
      order by xact_start limit 5`,
  });
  return rows;
}

/** Who may stand in the way of a change to a table's rows, the longest first. */
export async function listLockHolders(db: Queryable, table: string): Promise<LockHolder[]> {
  const { rows } = await db.query<LockHolder>({
    text: `select a.pid, coalesce(a.application_name, '') as name,
        floor(extract(epoch from clock_timestamp() - a.xact_start))::int as seconds
      from pg_stat_activity a
      where a.pid <> pg_backend_pid() and exists (select from pg_locks l where l.pid = a.pid and l.granted
        and l.locktype = 'relation' and l.relation = to_regclass($1) and l.mode <> 'AccessShareLock'
        and l.database = (select oid from pg_database where datname = current_database()))
      order by a.xact_start nulls last limit 5`,
    values: [table],
  });
  return rows;
}
