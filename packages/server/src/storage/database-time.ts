import type { Queryable } from "../core/recording.ts";

/** The database's time, ms since the epoch: the one clock of all processes. */
export async function readDatabaseTime(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ ms: number }>(
    "select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms",
  );
  const [row] = rows;
  if (!row) throw new Error("the database did not say what time it is");
  return row.ms;
}
