import { timeOfId } from "../../core/ids.ts";
import { floats, ints, texts, uuids } from "../connections/columns.ts";

/** How a delivery stands in the ledger; `none`: it was no target until now. */
export type TallyState = "none" | "pending" | "delivered" | "dead" | "cancelled";

/** A delivery's state changed after its first outcome was written, or without one. */
export interface TallyChange {
  workspaceId: string;
  endpoint: number;
  eventId: string;
  from: TallyState;
  to: TallyState;
}

const HOUR_MS = 3_600_000;

/** Where a statement takes the values of `deltaColumns`, from `$first` on. */
export function insertDeltas(first: number): string {
  const place = (n: number) => `$${first + n}`;
  return `insert into tally_delta (workspace_id, endpoint, day, hour, from_state, to_state, n)
    select t.workspace_id, t.endpoint, (to_timestamp(t.hour / 1000) at time zone 'UTC')::date,
      extract(hour from to_timestamp(t.hour / 1000) at time zone 'UTC'), t.from_state, t.to_state, t.n
    from unnest(${place(0)}::uuid[], ${place(1)}::int[], ${place(2)}::float8[], ${place(3)}::text[],
      ${place(4)}::text[], ${place(5)}::int[]) as t (workspace_id, endpoint, hour, from_state, to_state, n)`;
}

/** The columns for `insertDeltas`: changes that are alike become one row. */
export function deltaColumns(changes: readonly TallyChange[]): Buffer[] {
  const rows = new Map<string, TallyChange & { hour: number; n: number }>();
  for (const change of changes) {
    const { workspaceId, endpoint, eventId, from, to } = change;
    if (from === to) continue;
    const at = timeOfId(eventId);
    const hour = at - (at % HOUR_MS);
    const key = `${workspaceId} ${endpoint} ${hour} ${from} ${to}`;
    const row = rows.get(key);
    if (row) row.n++;
    else rows.set(key, { ...change, hour, n: 1 });
  }
  const all = [...rows.values()];
  return [
    uuids(all.map((row) => row.workspaceId)),
    ints(all.map((row) => row.endpoint)),
    floats(all.map((row) => row.hour)),
    texts(all.map((row) => row.from)),
    texts(all.map((row) => row.to)),
    ints(all.map((row) => row.n)),
  ];
}
