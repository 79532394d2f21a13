import type { Queryable } from "../../core/events/recording.ts";

/** The database's major version, and how many processes live. */
export async function readServerInfo(
  db: Queryable,
): Promise<{ database: string; processes: number }> {
  const { rows } = await db.query<{ database: string; processes: number }>(
    `select (current_setting('server_version_num')::int / 10000)::text as database,
       (select count(*)::int from process where state = 'living') as processes`,
  );
  return rows[0] ?? { database: "", processes: 0 };
}
