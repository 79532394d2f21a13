import type { Queryable } from "../../core/events/recording.ts";
import { uuids } from "../connections/columns.ts";

/** What a transaction has written, and nobody else writes: as long as it is there, that transaction was committed. */
export type Witness = { event: string } | { accept: string };

/**
 * Begins a transaction that only a living process may hold open, and names it so that its end can be
 * asked for later. Null: the process was declared dead. Until the transaction ends nobody can declare
 * the process dead.
 */
export async function beginFenced(client: Queryable, process: number): Promise<string | null> {
  // They travel together. The second is prepared, since planning it took longer than running it.
  const [, { rows }] = await Promise.all([
    client.query("begin isolation level read committed"),
    client.query<{ xid: string }>({
      name: "fence",
      text: `select pg_current_xact_id()::text as xid from process
        where id = $1 and state = 'living' for key share`,
      values: [process],
    }),
  ]);
  return rows[0]?.xid ?? null;
}

/** Leaves a witness of a transaction that appends no event, and takes those away of which nobody asks any more. */
export async function leaveWitness(
  tx: Queryable,
  process: number,
  id: string,
  gone: readonly string[],
): Promise<void> {
  await tx.query({
    name: "leave_witness",
    text: `with gone as (delete from accept_witness where id = any($3::uuid[]))
      insert into accept_witness (id, process) values ($1, $2)`,
    values: [id, process, uuids(gone)],
  });
}

/**
 * How a transaction ended; null while it is still under way. Its number alone does not tell: a server that
 * crashed gives the number of what was not on its disk yet to another transaction, which may have been committed.
 */
export async function readTransactionEnd(
  db: Queryable,
  xid: string,
  witness: Witness,
): Promise<"committed" | "aborted" | null> {
  const { rows } = await db.query<{ status: string }>({
    text: "select pg_xact_status($1::xid8) as status",
    values: [xid],
  });
  const status = rows[0]?.status;
  if (status === "aborted") return status;
  if (status !== "committed") return null;
  // A statement of its own: one that began before the commit would not see the witness.
  return (await isThere(db, witness)) ? "committed" : "aborted";
}

async function isThere(db: Queryable, witness: Witness): Promise<boolean> {
  const [table, id] =
    "event" in witness ? ["event", witness.event] : ["accept_witness", witness.accept];
  const { rows } = await db.query(`select from ${table} where id = $1`, [id]);
  return rows.length > 0;
}
