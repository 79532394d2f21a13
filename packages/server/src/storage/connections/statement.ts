import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";
import type { Queryable } from "../../core/events/recording.ts";
import type { Database } from "./schema.ts";

/** Builds statements against the schema. It has no connection: `run` takes them to one. */
export const build = new Kysely<Database>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** Runs a built statement on the connection that the caller holds: a pool's, or a transaction's. */
export async function run<Row extends object>(
  db: Queryable,
  statement: Compilable<Row>,
): Promise<Row[]> {
  const { sql, parameters } = statement.compile();
  const { rows } = await db.query<Row>(sql, [...parameters]);
  return rows;
}
