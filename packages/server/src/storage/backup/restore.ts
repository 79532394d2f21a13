import { once } from "node:events";
import { finished } from "node:stream/promises";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { StartError } from "../../core/start-error.ts";
import type { Connections } from "../connections/connections.ts";
import { isLockTimeout } from "../connections/lock-waits.ts";
import { hold } from "../instance/instance-hold.ts";
import { migrate } from "../migrate.ts";
import { migrations } from "../migrations/index.ts";
import { ensureDays } from "../retention/partitions.ts";
import { listTables, quoted, readSchema } from "./catalogue.ts";
import type { BackupEntry, BackupHeader } from "./file-format.ts";

/** Stands in a database whose restore has not come to its end. */
const MARK = "restore_unfinished";
const LOCK_KEY = 4_841_190_533;
const LOCK_PATIENCE_MS = 5_000;

/** Refuses a database that a restore was begun in and not ended. */
export async function refuseUnfinishedRestore(connections: Connections): Promise<void> {
  if (!(await hasMark(connections))) return;
  throw new StartError(
    "A restore into this database was begun and did not end. Run curlew restore again: it begins anew.",
  );
}

/** Refuses, in words, a backup that this Curlew cannot read, and a database that holds something. */
export async function requireRestorable(
  connections: Connections,
  { schema, version }: BackupHeader,
): Promise<void> {
  const unknown = schema.filter((name) => !(name in migrations));
  if (unknown.length > 0) {
    throw new StartError(
      `The backup was taken by a newer Curlew (${version}): it has ${unknown.join(", ")}, which this one does not know. Restore it with that version or a later one.`,
    );
  }
  if (schema.length === 0) throw new StartError("The backup holds no Curlew: it has no schema.");
  if (await hasMark(connections)) return;
  const tables = await listTables(connections.pool);
  if (tables.length === 0) return;
  throw new StartError(
    `This database is not empty: it holds ${tables.length} tables. Restore into an empty one: another database (DATABASE_URL), or another data directory (CURLEW_DATA_DIR).`,
  );
}

/**
 * Puts a backup's tables into an empty database: its own schema, its rows, then this version's schema.
 * What comes after the tables is handed on. Until `finishRestore` no server starts on it.
 */
export async function restoreTables(
  connections: Connections,
  { schema }: BackupHeader,
  entries: AsyncGenerator<BackupEntry, void>,
  onOther: (entry: BackupEntry) => Promise<void>,
): Promise<Map<string, number>> {
  const pool = connections.lane("restore", 1, { statementTimeoutMs: 0 });
  const rows = new Map<string, number>();
  const client = await pool.connect();
  try {
    await client.query("set idle_in_transaction_session_timeout = 0");
    await lockOut(client);
    await clear(client);
    await client.query(`create table ${MARK} ()`);
    await migrate(connections, { upTo: schema.at(-1) });
    if ((await readSchema(client)).join() !== schema.join()) {
      throw new StartError("The backup's schema has gaps: it was not made by a released Curlew.");
    }
    await client.query("begin");
    const tables = (await listTables(client)).map(({ name }) => name);
    await client.query(`truncate ${tables.map(quoted).join(", ")} cascade`);
    for await (const entry of entries) {
      const { head, body } = entry;
      if (head.entry === "table") {
        if (head.days) await ensureDays(client, head.name, head.days);
        rows.set(head.name, await copyInto(client, head, body));
      } else if (head.entry === "sequences") await setSequences(client, body);
      else await onOther(entry);
    }
    await client.query("commit");
    // Nobody uses it yet: all of them at once.
    await migrate(connections, { upTo: Object.keys(migrations).at(-1) });
    await client.query("analyze");
    return rows;
  } finally {
    client.release(true);
    await pool.end();
  }
}

/**
 * Servers may start. `held`: nothing is to leave until somebody has looked; null where nothing can have
 * left in between.
 */
export async function finishRestore(
  connections: Connections,
  held: { now: number; reason: string } | null,
): Promise<void> {
  await connections.transaction(async (tx) => {
    if (held) await hold(tx, held);
    // Another server has it now: see `holdIfMoved`.
    await tx.query("update instance set system_identifier = null");
    await tx.query(`drop table ${MARK}`);
  });
}

/** What was restored and waits: deliveries, and messages to customers. */
export async function countHeld(
  connections: Connections,
): Promise<{ deliveries: number; messages: number }> {
  const { rows } = await connections.pool.query<{ deliveries: number; messages: number }>(
    `select (select count(*)::int from retry) as deliveries,
      (select count(*)::int from outbox where state = 'queued') as messages`,
  );
  return rows[0] ?? { deliveries: 0, messages: 0 };
}

/** Until its session ends nobody else restores here. One that has just failed takes a moment to end. */
async function lockOut(client: PoolClient): Promise<void> {
  await client.query(`set lock_timeout = ${LOCK_PATIENCE_MS}`);
  try {
    await client.query("select pg_advisory_lock($1)", [LOCK_KEY]);
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    throw new StartError("Another restore into this database is under way.");
  }
}

async function hasMark(connections: Connections): Promise<boolean> {
  const { rows } = await connections.pool.query<{ there: boolean }>(
    "select to_regclass($1) is not null as there",
    [MARK],
  );
  return rows[0]?.there ?? false;
}

/** Drops what an earlier attempt has left: the database was empty when that began. */
async function clear(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ name: string; kind: string }>(
    `select c.relname as name, c.relkind as kind from pg_class c
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'S')
       and not c.relispartition and not exists (select from pg_depend d
         where d.classid = 'pg_class'::regclass and d.objid = c.oid
           and (d.deptype = 'e' or c.relkind = 'S' and d.deptype in ('i', 'a')))`,
  );
  for (const { name, kind } of rows) {
    await client.query(
      `drop ${kind === "S" ? "sequence" : "table"} if exists ${quoted(name)} cascade`,
    );
  }
}

async function copyInto(
  client: PoolClient,
  { name, columns }: { name: string; columns: readonly string[] },
  body: AsyncIterable<Buffer>,
): Promise<number> {
  const stream = client.query(
    copyFrom(`copy ${quoted(name)} (${columns.map(quoted).join(", ")}) from stdin`),
  );
  const done = finished(stream);
  // Whoever waits for it is told; nobody does when the file fails first.
  done.catch(() => {});
  try {
    for await (const chunk of body) {
      if (!stream.write(chunk)) await Promise.race([once(stream, "drain"), done]);
    }
  } catch (error) {
    stream.destroy();
    throw error;
  }
  stream.end();
  await done;
  return stream.rowCount;
}

async function setSequences(client: PoolClient, body: AsyncIterable<Buffer>): Promise<void> {
  const parts: Buffer[] = [];
  for await (const chunk of body) parts.push(chunk);
  const last = JSON.parse(Buffer.concat(parts).toString("utf8")) as Record<string, string | null>; // `readSequences` wrote it
  for (const [name, number] of Object.entries(last)) {
    if (number !== null) {
      await client.query("select setval($1::regclass, $2::bigint)", [quoted(name), number]);
    }
  }
}
