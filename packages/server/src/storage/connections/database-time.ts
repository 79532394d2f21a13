import type { Queryable } from "../../core/events/recording.ts";

/** A clock that can be told the database's time: see `runtime/clock.ts`. */
export interface FollowingClock {
  monotonic(): number;
  sync(databaseMs: number, roundTripMs: number): void;
}

/** Sets a clock by the database's, the one clock of all processes: a wrong one would make days that are not. */
export async function followDatabase(clock: FollowingClock, db: Queryable): Promise<void> {
  const askedAt = clock.monotonic();
  const databaseMs = await readDatabaseTime(db);
  clock.sync(databaseMs, clock.monotonic() - askedAt);
}

/** Milliseconds since the epoch. */
async function readDatabaseTime(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ ms: number }>(
    "select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms",
  );
  const [row] = rows;
  if (!row) throw new Error("the database did not say what time it is");
  return row.ms;
}
