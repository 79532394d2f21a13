import type { Queryable } from "../../core/events/recording.ts";

/** Longer than a code is good for: its half minute, and one before and after it. */
const GOOD_FOR_MS = 120_000;

/** Uses up the code of a person's second factor; false when it was before. Of several at once one gets true. */
export async function useUpCode(
  db: Queryable,
  o: { personId: string; code: string; now: number },
): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `insert into used_code as u (person_id, code, expires_at) values ($1, $2, $3)
      on conflict (person_id, code) do update set expires_at = excluded.expires_at
        where u.expires_at <= $4`,
    values: [o.personId, o.code, new Date(o.now + GOOD_FOR_MS), new Date(o.now)],
  });
  return rowCount === 1;
}
