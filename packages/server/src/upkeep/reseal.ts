import type { Queryable } from "../core/events/recording.ts";
import { StartError } from "../core/start-error.ts";
import type { Vault } from "../runtime/secrets/vault.ts";
import type { Connections } from "../storage/connections/connections.ts";
import {
  isLockTimeout,
  type LockHolder,
  limitLockWaits,
  listLockHolders,
} from "../storage/connections/lock-waits.ts";
import {
  listSealedOtherwise,
  replaceSealed,
  SEALED_COLUMNS,
  type SealedColumn,
} from "../storage/instance/sealed-columns.ts";

/** Less than a statement may take: what held it up is then known. */
const LOCK_PATIENCE_MS = 20_000;

export interface Resealed {
  /** Values so far. */
  resealed: number;
  /** None of the vault's keys opens these. */
  unopened: number;
}

/**
 * Seals with the vault's first key, whose name is given, what any other has sealed: value by value, each
 * by itself, so that it can be broken off anywhere. Counts in `sum` as it goes. Throws a StartError where
 * a row stays locked.
 */
export async function resealAll(
  connections: Connections,
  vault: Vault,
  newId: string,
  sum: Resealed,
): Promise<void> {
  const pool = connections.lane("reseal", 1);
  const client = await pool.connect();
  try {
    const patience = await limitLockWaits(client, LOCK_PATIENCE_MS);
    for (const place of SEALED_COLUMNS) {
      try {
        await resealColumn(client, place, { vault, newId, sum });
      } catch (error) {
        if (!isLockTimeout(error)) throw error;
        const holders = await listLockHolders(client, place.table);
        throw new StartError(wordsOnLock(place.table, patience, holders), { cause: error });
      }
    }
  } finally {
    client.release(true);
    await pool.end();
  }
}

async function resealColumn(
  db: Queryable,
  place: SealedColumn,
  { vault, newId, sum }: { vault: Vault; newId: string; sum: Resealed },
): Promise<void> {
  let after: string | null = null;
  for (;;) {
    const page = await listSealedOtherwise(db, place, { keyId: newId, after });
    for (const value of page) {
      const at = { table: place.table, row: value.row, column: place.column };
      const plain = opened(vault, value.sealed, at);
      if (plain === null) sum.unopened++;
      else if (await replaceSealed(db, place, { ...value, resealed: vault.seal(plain, at) })) {
        sum.resealed++;
      }
    }
    const last = page.at(-1);
    if (!last) return;
    after = last.key;
  }
}

function opened(vault: Vault, sealed: string, place: Parameters<Vault["open"]>[1]): string | null {
  try {
    return vault.open(sealed, place);
  } catch {
    return null;
  }
}

function wordsOnLock(table: string, patience: string, holders: readonly LockHolder[]): string {
  const sessions = holders.map(
    ({ pid, name, seconds }) =>
      `  ${pid} ${name || "(without a name)"}${seconds === null ? "" : `, in a transaction for ${seconds} s`}`,
  );
  const who =
    sessions.length > 0
      ? `These sessions have locked something there, the longest first:\n${sessions.join("\n")}\nEnd what holds it up (select pg_terminate_backend(<number>)), and run this again.`
      : "Nobody holds it any more. Should it happen again, pg_locks and pg_stat_activity say who: run this again.";
  return `A row of the table ${table} stayed locked for ${patience}, and the rest was left as it is. Nothing is lost: what was sealed anew stays so, what was not opens with the old key, and the same command goes on where this one stopped.\n${who}`;
}
