import { CompiledQuery, Kysely, type Migration, Migrator, PostgresDialect } from "kysely";
import type { Pool } from "pg";
import { StartError } from "../core/start-error.ts";
import type { Connections } from "./connections/connections.ts";
import { codeOf } from "./connections/gate.ts";
import { listOpenTransactions, type OpenTransaction } from "./connections/lock-waits.ts";
import { migrations } from "./migrations/index.ts";

export interface MigrateOptions {
  known?: Readonly<Record<string, string>>;
  /** The last migration that an empty database is to have. */
  upTo?: string | undefined;
  /** Told what is being done, or waited for, where there is something to tell. */
  onStage?(stage: MigrationStage): void;
}

/** What a start is at. */
export type MigrationStage =
  /** Another process migrates. */
  | { kind: "waits for another" }
  | { kind: "migrates"; migration: string; left: number }
  /** Somebody uses a table that is to change, and has for a while. */
  | { kind: "waits for a table"; migration: string; transactions: OpenTransaction[] }
  | { kind: "is done"; migrations: number };

/**
 * Brings the database to the newest schema. Several processes may do so at once: one migrates, the
 * others wait for it. Each migration is made whole or not at all. Throws a
 * StartError when the schema is newer than this Curlew.
 */
export async function migrate(
  connections: Connections,
  { known = migrations, upTo, onStage = () => {} }: MigrateOptions = {},
): Promise<void> {
  // Its own connection: a migration, or the wait for another's, may take longer than a statement may.
  const pool = connections.lane("migrate", 1, { statementTimeoutMs: 0 });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => asMigrations(known) },
    migrationTableName: "migration",
    migrationLockTableName: "migration_lock",
  });
  try {
    await takeTurn(pool, onStage);
    const isEmpty = await isUntouched(connections);
    const step = () => {
      if (upTo !== undefined) return migrator.migrateTo(upTo);
      return isEmpty ? migrator.migrateToLatest() : migrator.migrateUp();
    };
    let made = 0;
    for (let tries = 1; ; tries++) {
      const [migration, left] = isEmpty ? [undefined, 0] : await nextOf(known, connections);
      if (migration !== undefined && tries === 1) onStage({ kind: "migrates", migration, left });
      await pool.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`);
      const { error, results } = await step();
      if (error === undefined) {
        made += results?.length ?? 0;
        // One by one: who holds a table and waits for the next stands in everybody's way.
        if (isEmpty || upTo !== undefined || results?.length === 0) {
          if (!isEmpty && made > 0) onStage({ kind: "is done", migrations: made });
          return;
        }
        tries = 0;
        continue;
      }
      if (!WAITS_FOR_OTHERS.has(codeOf(error))) {
        throw (await newerThan(known, connections)) ?? error;
      }
      if (tries === MOST_TRIES) throw new StartError(STANDS_IN_THE_WAY, { cause: error });
      if (migration !== undefined && isTold(tries)) {
        const transactions = await listOpenTransactions(connections.pool);
        onStage({ kind: "waits for a table", migration, transactions });
      }
      await pool.query(`select pg_sleep(${PAUSE_S})`);
    }
  } finally {
    await db.destroy();
  }
}

/**
 * Who changes a table waits for all who use it, and all who come after wait for him. So he waits for a
 * moment only, less than it takes PostgreSQL to look for deadlocks, gives everything up, and tries again.
 */
const LOCK_TIMEOUT_MS = 500;
const PAUSE_S = 0.3;
/** It is told after so many tries, some three seconds, and then twice as many each time. */
const TELL_AFTER = 4;
/** Some three minutes. */
const MOST_TRIES = 250;
const WAITS_FOR_OTHERS = new Set(["55P03", "40P01"]);
const STANDS_IN_THE_WAY =
  "The database could not be brought to this version's schema: something has been using its tables for minutes, a backup or a long transaction (pg_stat_activity says whose). End it, and start again.";

/** Of the processes that start at once, one after the other: to wait is told, and is for as long as it takes. */
const TURN_KEY = 4_841_190_534;

async function takeTurn(
  pool: Pool,
  onStage: NonNullable<MigrateOptions["onStage"]>,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { rows } = await pool.query<{ taken: boolean }>(
      "select pg_try_advisory_lock($1) as taken",
      [TURN_KEY],
    );
    // The pool has one session: its end lets go.
    if (rows[0]?.taken) return;
    if (tries === 1) onStage({ kind: "waits for another" });
    // A statement that waited for the lock would be one that whoever makes an index waits for.
    await pool.query(`select pg_sleep(${PAUSE_S})`);
  }
}

function isTold(tries: number): boolean {
  return tries >= TELL_AFTER && Number.isInteger(Math.log2(tries / TELL_AFTER));
}

/** The migration that comes next, and how many there are with it. */
async function nextOf(
  known: Readonly<Record<string, string>>,
  connections: Connections,
): Promise<[name: string | undefined, left: number]> {
  const { rows } = await connections.pool.query<{ name: string }>("select name from migration");
  const made = new Set(rows.map(({ name }) => name));
  const left = Object.keys(known).filter((name) => !made.has(name));
  return [left[0], left.length];
}

/** Nobody uses it yet: all can be made at once. */
async function isUntouched({ pool }: Connections): Promise<boolean> {
  const { rows } = await pool.query<{ there: boolean }>(
    "select to_regclass('migration') is not null as there",
  );
  return rows[0]?.there !== true;
}

function asMigrations(known: Readonly<Record<string, string>>): Record<string, Migration> {
  return Object.fromEntries(
    Object.entries(known).map(([name, up]) => [
      name,
      { up: async (db) => void (await db.executeQuery(CompiledQuery.raw(up))) },
    ]),
  );
}

/** The refusal, when the database has migrations that we do not know; they are never undone. */
async function newerThan(
  known: Readonly<Record<string, string>>,
  connections: Connections,
): Promise<StartError | null> {
  const { rows } = await connections.pool.query<{ name: string }>(
    "select name from migration order by name",
  );
  const unknown = rows.map(({ name }) => name).filter((name) => !(name in known));
  if (unknown.length === 0) return null;
  return new StartError(
    `The database is newer than this Curlew: it has ${unknown.join(", ")}, which this version does not know. Start the version that made it, or a later one. The way back is the backup that was taken before: curlew restore, with the version that took it, into an empty database.`,
  );
}

/** Refuses, in words, a database whose schema is not this version's: for commands that migrate nothing. */
export async function refuseOtherSchema(connections: Connections): Promise<void> {
  const { rows: found } = await connections.pool.query<{ there: boolean }>(
    "select to_regclass('migration') is not null as there",
  );
  if (!found[0]?.there)
    throw new StartError("There is no Curlew in this database yet: start the server first.");
  const newer = await newerThan(migrations, connections);
  if (newer) throw newer;
  const { rows } = await connections.pool.query<{ name: string }>("select name from migration");
  if (rows.length === Object.keys(migrations).length) return;
  throw new StartError(
    "The database has the schema of an older Curlew. Start this version's server first, or run curlew migrate.",
  );
}
