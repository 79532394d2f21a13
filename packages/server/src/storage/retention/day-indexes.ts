import type { Pool, PoolClient } from "pg";

/** One process at a time makes them: two would wait for each other. */
const LOCK_KEY = 4_841_190_533;
/** Who gives a finished index to its table keeps whoever plans a query waiting, for so long at most. */
const HAND_OVER_MS = 500;

/** An index of a table that one of its days lacks. */
export interface MissingIndex {
  /** The table's index, and its day. */
  index: string;
  day: string;
}

interface Found extends MissingIndex {
  /** What the day's index is called. */
  name: string;
  /** What it is made of: `btree (workspace_id, id)`. */
  made: string;
  /** Of one that somebody has begun, whether it is whole. */
  isWhole: boolean | null;
}

/** What of it could be made; what could not is for the next round. */
export interface MadeIndexes {
  made: MissingIndex[];
  postponed: (MissingIndex & { error: unknown })[];
}

/**
 * Makes the indexes that tables of days have and some of their days lack, since a migration gave them to the table
 * alone: the newest days first, while others read and write. What a process that died has left half made is made
 * anew. Does nothing while another process is at it.
 */
export async function makeDayIndexes(
  lane: Pool,
  o: { onMake(missing: MissingIndex, left: number): void; signal?: AbortSignal },
): Promise<MadeIndexes> {
  const done: MadeIndexes = { made: [], postponed: [] };
  if (o.signal?.aborted || (await listMissing(lane)).length === 0) return done;
  const client = await lane.connect();
  let isHeld = true;
  const release = () => {
    // Its lock goes with the session, and what it is waiting for.
    if (isHeld) client.release(true);
    isHeld = false;
  };
  o.signal?.addEventListener("abort", release, { once: true });
  try {
    const { rows } = await client.query<{ taken: boolean }>(
      "select pg_try_advisory_lock($1) as taken",
      [LOCK_KEY],
    );
    if (!rows[0]?.taken) return done;
    const missing = await listMissing(client);
    for (const [at, { index, day, ...rest }] of missing.entries()) {
      if (o.signal?.aborted) break;
      o.onMake({ index, day }, missing.length - at);
      try {
        await make(client, { index, day, ...rest });
        done.made.push({ index, day });
      } catch (error) {
        if (!o.signal?.aborted) done.postponed.push({ index, day, error });
      }
    }
    return done;
  } finally {
    o.signal?.removeEventListener("abort", release);
    release();
  }
}

/** Names are of our own migrations and partitions: letters, digits and underscores. */
async function make(client: PoolClient, { index, day, name, made, isWhole }: Found): Promise<void> {
  if (isWhole === false) await client.query(`drop index concurrently ${name}`);
  if (isWhole !== true) {
    await client.query(`create index concurrently ${name} on ${day} using ${made}`);
  }
  await client.query(`set lock_timeout = ${HAND_OVER_MS}`);
  try {
    await client.query(`alter index ${index} attach partition ${name}`);
  } finally {
    await client.query("set lock_timeout = 0");
  }
}

async function listMissing(db: Pool | PoolClient): Promise<Found[]> {
  const { rows } = await db.query<Found>(`
    select t.index, t.day, t.name, t.made, x.indisvalid as "isWhole"
    from (
      select ic.relname as index, dc.relname as day, ic.relnamespace as namespace,
        dc.relname || substr(ic.relname, length(tc.relname) + 1) as name,
        substring(pg_get_indexdef(ic.oid) from ' USING (.*)$') as made
      from pg_index i
      join pg_class ic on ic.oid = i.indexrelid and ic.relkind = 'I'
      join pg_class tc on tc.oid = i.indrelid
      join pg_inherits p on p.inhparent = tc.oid and not p.inhdetachpending
      join pg_class dc on dc.oid = p.inhrelid
      where ic.relnamespace = current_schema()::regnamespace
        and not exists (select from pg_inherits a join pg_index d on d.indexrelid = a.inhrelid
          where a.inhparent = ic.oid and d.indrelid = dc.oid)) t
    left join pg_class c on c.relname = t.name and c.relnamespace = t.namespace
    left join pg_index x on x.indexrelid = c.oid
    order by t.day desc, t.index`);
  return rows;
}
