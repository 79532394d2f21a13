import { CompiledQuery, Kysely, type Migration, Migrator, PostgresDialect } from "kysely";
import { StartError } from "../core/start-error.ts";
import type { Connections } from "./connections/connections.ts";
import { codeOf } from "./connections/gate.ts";
import { migrations } from "./migrations/index.ts";

/**
 * Brings the database to the newest schema. Several processes may do so at once: one migrates, the
 * others wait for it. Each migration is made whole or not at all. Throws a
 * StartError when the schema is newer than this Curlew. `upTo` names the last migration that an empty
 * database is to have.
 */
export async function migrate(
  connections: Connections,
  known: Readonly<Record<string, string>> = migrations,
  upTo?: string,
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
  const isEmpty = await isUntouched(connections);
  const step = () => {
    if (upTo !== undefined) return migrator.migrateTo(upTo);
    return isEmpty ? migrator.migrateToLatest() : migrator.migrateUp();
  };
  try {
    for (let tries = 1; ; tries++) {
      await pool.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`);
      const { error, results } = await step();
      if (error === undefined) {
        // One by one: who holds a table and waits for the next stands in everybody's way.
        if (isEmpty || upTo !== undefined || results?.length === 0) return;
        tries = 0;
        continue;
      }
      if (!WAITS_FOR_OTHERS.has(codeOf(error))) {
        throw (await newerThan(known, connections)) ?? error;
      }
      if (tries === MOST_TRIES) throw new StartError(STANDS_IN_THE_WAY, { cause: error });
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
/** Some three minutes. */
const MOST_TRIES = 250;
const WAITS_FOR_OTHERS = new Set(["55P03", "40P01"]);
const STANDS_IN_THE_WAY =
  "The database could not be brought to this version's schema: something has been using its tables for minutes, a backup or a long transaction (pg_stat_activity says whose). End it, and start again.";

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
    `The database is newer than this Curlew: it has ${unknown.join(", ")}, which this version does not know. Start the version that made it, or a later one.`,
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
