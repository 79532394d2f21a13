import type { Queryable } from "../../core/events/recording.ts";
import { floats, uuids } from "../connections/columns.ts";

/** Closes conversations, or opens them where `closedAt` is null. They are locked. */
export async function setConversationStatuses(
  tx: Queryable,
  changes: readonly { id: string; closedAt: number | null }[],
): Promise<void> {
  if (changes.length === 0) return;
  await tx.query({
    name: "set_conversation_statuses",
    text: `update conversation c set
        status = case when i.closed_at is null then 'open' else 'closed' end,
        closed_at = to_timestamp(i.closed_at / 1000)
      from unnest($1::uuid[], $2::float8[]) as i (id, closed_at) where c.id = i.id`,
    values: [uuids(changes.map((each) => each.id)), floats(changes.map((each) => each.closedAt))],
  });
}
