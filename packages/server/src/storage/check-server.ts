import type { PoolClient } from "pg";
import { StartError } from "../core/start-error.ts";
import type { Connections } from "./connections/connections.ts";

const OLDEST_VERSION = 15;
/** A query over months of daily partitions locks each of them and their indexes. */
const LEAST_LOCKS = 512;

export interface ServerFacts {
  version: string;
  versionNumber: number;
  encoding: string;
  fsync: string;
  locks: number;
  isReadOnly: boolean;
}

/**
 * Refuses a PostgreSQL that Curlew cannot keep its promises on, with everything that is wrong in
 * one message. For a server that somebody else runs; the embedded one is as it must be.
 */
export async function checkServer(connections: Connections): Promise<void> {
  const faults = await findFaults(connections);
  if (faults.length === 0) return;
  throw new StartError(
    `The database behind DATABASE_URL does not suit Curlew:\n${faults.map((fault) => `- ${fault}`).join("\n")}`,
  );
}

/** Everything that is wrong with a server that somebody else runs, a sentence each. */
export async function findFaults(connections: Connections): Promise<string[]> {
  const one = await connections.pool.connect();
  try {
    const other = await connections.pool.connect();
    try {
      const facts = await readFacts(one);
      return faultsOf(facts, await sharesBackends(one, other));
    } finally {
      other.release();
    }
  } finally {
    one.release();
  }
}

/** What is wrong with a server, a sentence each, with what to do about it. */
export function faultsOf(facts: ServerFacts, isPooled: boolean): string[] {
  const faults: string[] = [];
  if (facts.versionNumber < OLDEST_VERSION * 10_000) {
    faults.push(`PostgreSQL ${facts.version} is too old: Curlew needs ${OLDEST_VERSION} or newer.`);
  }
  if (facts.encoding !== "UTF8") {
    faults.push(
      `The database's encoding is ${facts.encoding}: make it anew with encoding 'UTF8' (create database … template template0 encoding 'UTF8').`,
    );
  }
  if (facts.fsync !== "on") {
    faults.push(
      "fsync is off: after a power cut what Curlew has accepted would be lost. Turn it on.",
    );
  }
  if (facts.locks < LEAST_LOCKS) {
    faults.push(
      `max_locks_per_transaction is ${facts.locks}: Curlew keeps a partition a day and needs at least ${LEAST_LOCKS}. Set it in postgresql.conf and restart the server.`,
    );
  }
  if (facts.isReadOnly) {
    faults.push("The server is read-only (a standby?): name the primary.");
  }
  if (isPooled) {
    faults.push(
      "A pooler gives each transaction another session (transaction pooling): Curlew needs sessions of its own. Connect directly, or through a pool in session mode.",
    );
  }
  return faults;
}

async function readFacts(client: PoolClient): Promise<ServerFacts> {
  const { rows } = await client.query<ServerFacts>(`
    select current_setting('server_version') as version,
           current_setting('server_version_num')::int as "versionNumber",
           current_setting('server_encoding') as encoding,
           current_setting('fsync') as fsync,
           current_setting('max_locks_per_transaction')::int as locks,
           pg_is_in_recovery() or current_setting('transaction_read_only')::bool as "isReadOnly"`);
  const [facts] = rows;
  if (!facts) throw new Error("The server told nothing about itself");
  return facts;
}

/**
 * Whether two clients come to use one session of the server, as they do behind a pooler that lends
 * one out for the length of a transaction: the second, while it is in one, holds the session that
 * the first has just used, or the first is given another.
 */
async function sharesBackends(one: PoolClient, other: PoolClient): Promise<boolean> {
  const before = await backendOf(one);
  await other.query("begin");
  try {
    if ((await backendOf(other)) === before) return true;
    return (await backendOf(one)) !== before;
  } finally {
    await other.query("rollback");
  }
}

async function backendOf(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid ?? 0;
}
