import { DatabaseAway } from "../../storage/connections/gate.ts";

/** How the operating system names what went wrong with a connection: EPIPE, ECONNRESET, EHOSTUNREACH. */
const ERRNO = /^E(?!RR_)[A-Z_]+$/;

/** Classes of SQLSTATEs that tell of the server's state, whatever was sent. */
const OF_THE_SERVER = /^(08|25|40|53|55|57|58|XX)/;

/** The SQLSTATE of an error that PostgreSQL answered, or null: the connection's trouble, or ours. */
export function sqlState(error: unknown): string | null {
  const code = codeOf(error);
  // EPIPE has five letters too.
  return code !== null && /^[0-9A-Z]{5}$/.test(code) && !ERRNO.test(code) ? code : null;
}

/**
 * A server that has not been vacuumed for too long says so by 54000, as it does of a row that is too
 * long; its messages may be in any language.
 */
function isOutOfTransactionIds(error: unknown): boolean {
  return (
    error instanceof Error &&
    "routine" in error &&
    /^GetNew(TransactionId|MultiXactId)$/.test(String(error.routine))
  );
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/**
 * What to do about an error of a transaction or a statement:
 * - `again`: it says nothing of the data (lost connection, deadlock, time-out, disk full): repeat the whole.
 * - `apart`: one of the units may be at fault; try them in halves.
 */
export function remedyFor(error: unknown): "again" | "apart" {
  const state = sqlState(error);
  if (state !== null) {
    return OF_THE_SERVER.test(state) || isOutOfTransactionIds(error) ? "again" : "apart";
  }
  if (ERRNO.test(codeOf(error) ?? "")) return "again";
  if (error instanceof DatabaseAway) return "again";
  if (!(error instanceof Error)) return "apart";
  // `pg` itself raises these when a connection is of no more use; they carry no code.
  return /^(Connection terminated|Query read timeout|Client has encountered|Client was closed)/.test(
    error.message,
  )
    ? "again"
    : "apart";
}

/**
 * It took longer than a statement may, and the server ended it. One that says nothing for even longer
 * (`Query read timeout`) is away: that tells nothing of the statement.
 */
export function isTooLong(error: unknown): boolean {
  return sqlState(error) === "57014";
}

/** That the database is away is told where its connections are waited for, once for all who wait. */
export function levelOf(error: unknown): "debug" | "warn" {
  return error instanceof DatabaseAway ? "debug" : "warn";
}

/** Whether it is certain that a transaction whose COMMIT failed so was rolled back. */
export function isRolledBack(error: unknown): boolean {
  const state = sqlState(error);
  return state !== null && !/^(08|57P)/.test(state);
}

/** No partition takes the row: its day was closed and dropped. */
export function isDroppedDay(error: unknown): boolean {
  return (
    sqlState(error) === "23514" && error instanceof Error && /no partition/.test(error.message)
  );
}
