import type { Pool } from "pg";
import type { Queryable } from "../../../src/core/events/recording.ts";
import type { LedgerQuery } from "../../../src/storage/figures/tally.ts";
import { readLedger } from "../../../src/storage/figures/tally.ts";

/** A look into a server's database. */
interface Look {
  query<R extends object>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

export interface Line {
  day: string;
  endpoint: number;
  targeted: number;
  delivered: number;
  pending: number;
  dead: number;
  cancelled: number;
}

/** The ledger's lines, all days and endpoints of a workspace. */
export async function ledgerLines(
  db: Queryable,
  workspaceId: string,
  more: Partial<LedgerQuery> = {},
): Promise<Line[]> {
  const rows = await readLedger(db, {
    workspaceId,
    endpoints: null,
    from: "2000-01-01",
    to: "2100-01-01",
    firstId: "00000000-0000-0000-0000-000000000000",
    endId: "ffffffff-ffff-ffff-ffff-ffffffffffff",
    firstKept: "2000-01-01",
    after: null,
    limit: 10_000,
    ...more,
  });
  return rows.map(({ endpointId: _, ...line }) => line);
}

/** What the ledger says and what it must say, counted one by one from the log at the same instant. */
export async function readBooks(
  pool: Pool,
  workspaceId: string,
): Promise<{ ledger: Line[]; counted: Line[] }> {
  const client = await pool.connect();
  try {
    await client.query("begin isolation level repeatable read");
    return {
      ledger: await ledgerLines(client, workspaceId),
      counted: await countedLines(client, workspaceId),
    };
  } finally {
    await client.query("rollback");
    client.release();
  }
}

/** The same of a server that is at rest. */
export async function readBooksOf(home: Look): Promise<{ ledger: Line[]; counted: Line[] }> {
  const db: Queryable = {
    async query<R extends object>(config: string | { text: string; values?: unknown[] }) {
      const { text, values } = typeof config === "string" ? { text: config, values: [] } : config;
      return { rows: await home.query<R>(text, values), rowCount: null };
    },
  };
  const [workspace] = await home.query<{ id: string }>("select id from workspace");
  if (!workspace) throw new Error("there is no workspace");
  return {
    ledger: await ledgerLines(db, workspace.id),
    counted: await countedLines(db, workspace.id),
  };
}

async function countedLines(db: Queryable, workspaceId: string): Promise<Line[]> {
  const { rows } = await db.query<Line>({
    text: `select to_char(x.day, 'YYYY-MM-DD') as day, endpoint, count(*)::int as targeted,
        count(*) filter (where state = 'delivered')::int as delivered,
        count(*) filter (where state = 'pending')::int as pending,
        count(*) filter (where state = 'dead')::int as dead,
        count(*) filter (where state = 'cancelled')::int as cancelled
      from (
        select (to_timestamp((('x' || lpad(replace(left(e.id::text, 13), '-', ''), 16, '0'))::bit(64)::bigint)
            / 1000.0) at time zone 'UTC')::date as day, t.endpoint, coalesce(d.state, 'pending') as state
        from event e cross join unnest(e.targets) as t (endpoint)
        left join delivery d on d.event_id = e.id and d.endpoint = t.endpoint
        where e.workspace_id = $1) x
      group by x.day, endpoint order by x.day desc, endpoint`,
    values: [workspaceId],
  });
  return rows;
}
