import type { Queryable } from "../../core/events/recording.ts";
import { floats, uuids } from "../connections/columns.ts";

/** Adds what this process has written to the day that is. */
export async function addWorkspaceBytes(
  db: Queryable,
  written: ReadonlyMap<string, number>,
  now: number,
): Promise<void> {
  // In one order everywhere: two processes that add at once must not wait for each other.
  const sorted = [...written].sort(([a], [b]) => (a < b ? -1 : 1));
  await db.query({
    name: "add_workspace_bytes",
    text: `insert into workspace_bytes as w (workspace_id, day, bytes)
      select i.workspace_id, (to_timestamp($3::float8 / 1000) at time zone 'UTC')::date, i.bytes
      from unnest($1::uuid[], $2::float8[]) as i (workspace_id, bytes)
      on conflict (workspace_id, day) do update set bytes = w.bytes + excluded.bytes`,
    values: [uuids(sorted.map(([id]) => id)), floats(sorted.map(([, bytes]) => bytes)), now],
  });
}

/** What each workspace has written in the days that are kept. */
export async function readWorkspaceBytes(db: Queryable): Promise<Map<string, number>> {
  const { rows } = await db.query<{ id: string; bytes: number }>({
    name: "read_workspace_bytes",
    text: `select workspace_id as id, sum(bytes)::float8 as bytes from workspace_bytes group by 1`,
  });
  return new Map(rows.map(({ id, bytes }) => [id, bytes]));
}

/** Forgets days that have been dropped. */
export async function forgetWorkspaceBytes(db: Queryable, before: number): Promise<void> {
  await db.query({
    text: `delete from workspace_bytes
      where day < (to_timestamp($1::float8 / 1000) at time zone 'UTC')::date`,
    values: [before],
  });
}
