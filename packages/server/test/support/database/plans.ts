import type { Queryable } from "../../../src/core/events/recording.ts";

/**
 * How PostgreSQL came by what the first statement of `read` asks for: it is made, and `read` is told
 * that there is nothing.
 */
export async function planOf(
  db: Queryable,
  read: (db: Queryable) => Promise<unknown>,
): Promise<string> {
  const plans: string[] = [];
  await read({
    query: async (config, values) => {
      const { text, values: given } =
        typeof config === "string" ? { text: config, values } : config;
      const { rows } = await db.query<{ "QUERY PLAN": string }>(
        `explain (analyze, costs off, timing off) ${text}`,
        given,
      );
      plans.push(rows.map((row) => row["QUERY PLAN"]).join("\n"));
      return db.query("select 1 where false");
    },
  });
  return plans[0] ?? "";
}
