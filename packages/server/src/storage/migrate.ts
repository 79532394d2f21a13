import { CompiledQuery, Kysely, type Migration, Migrator, PostgresDialect } from "kysely";
import { StartError } from "../core/start-error.ts";
import type { Connections } from "./connections.ts";
import { migrations } from "./migrations/index.ts";

/**
 * Brings the database to the newest schema. Several processes may do so at once: one migrates, the
 * others wait for it. All that is to be done is done in one transaction, or nothing. Throws a
 * StartError when the schema is newer than this Curlew.
 */
export async function migrate(
  connections: Connections,
  known: Readonly<Record<string, string>> = migrations,
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
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw (await newerThan(known, connections)) ?? error;
  } finally {
    await db.destroy();
  }
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
