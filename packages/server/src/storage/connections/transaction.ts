import type { PoolClient } from "pg";
import type { Queryable } from "../../core/events/recording.ts";
import { isConnectionLost, isServerAway } from "./gate.ts";

/** A statement that is run on it is part of a transaction. A pool or a client is not accepted where this is asked for. */
export type Tx = Queryable & { readonly isTransaction: true };

/**
 * Runs `work` between begin and commit on a client of its own: all of it is kept, or nothing. A
 * `begin` that meets a dead connection is tried on another; from then on nothing is repeated.
 */
export async function inTransaction<T>(
  connect: () => Promise<PoolClient>,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const client = await begun(connect);
  const statements: Queryable = client;
  let broken: Error | undefined;
  let ended = false;
  const tx: Tx = {
    isTransaction: true,
    query: (config, values) => {
      if (ended) return Promise.reject(new Error("This transaction has already ended"));
      return statements.query(config, values);
    },
  };
  try {
    const result = await work(tx);
    const { command } = await client.query("commit");
    // PostgreSQL answers the commit of a failed transaction with a rollback, and no error.
    if (command !== "COMMIT") {
      throw new Error("Rolled back: an error of a statement in this transaction was swallowed");
    }
    return result;
  } catch (error) {
    broken = await rollBack(client, error);
    throw error;
  } finally {
    ended = true;
    client.release(broken);
  }
}

async function begun(connect: () => Promise<PoolClient>): Promise<PoolClient> {
  for (;;) {
    const client = await connect();
    try {
      await client.query("begin isolation level read committed");
      return client;
    } catch (error) {
      client.release(true);
      if (!isServerAway(error) && !isConnectionLost(error)) throw error;
    }
  }
}

/** Undefined when the client may be used again. */
async function rollBack(client: PoolClient, cause: unknown): Promise<Error | undefined> {
  if (isConnectionLost(cause)) return new Error("The connection was lost", { cause });
  if (client.getTransactionStatus() === "I") return undefined;
  try {
    await client.query("rollback");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
