import type { Pool, PoolClient } from "pg";
import type { Queryable } from "../../core/events/recording.ts";
import { firstIdAt } from "../../core/ids.ts";

/** Tables whose rows are kept by day, the UTC day of the UUIDv7 that is their key. */
const PARTITIONED = ["event", "delivery", "attempt", "message", "media", "unroutable"] as const;

const DAY_MS = 86_400_000;
/** One process at a time makes or drops partitions. */
const LOCK_KEY = 4_841_190_532;

/**
 * Sees to it that every partitioned table takes rows from yesterday on until `daysAhead` days from
 * now, and answers how many partitions it had to make. Safe in many processes at once, and while
 * others read and write: attaching, unlike creating in place, does not lock them out.
 */
export async function ensurePartitions(db: Queryable, now: number, daysAhead = 7): Promise<number> {
  const wanted = [];
  for (let day = startOfDay(now) - DAY_MS; day <= now + daysAhead * DAY_MS; day += DAY_MS) {
    for (const table of PARTITIONED) wanted.push({ table, day, name: partitionName(table, day) });
  }
  const { rows } = await db.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where c.relname = any($1) and c.relnamespace = current_schema()::regnamespace`,
    [wanted.map(({ name }) => name)],
  );
  const present = new Set(rows.map(({ name }) => name));
  const missing = wanted.filter(({ name }) => !present.has(name));
  if (missing.length > 0) await makeAll(db, missing);
  return missing.length;
}

/** Sees to it that a partitioned table takes rows of these days, as the ends of partitions' names. */
export async function ensureDays(
  db: Queryable,
  table: string,
  days: readonly string[],
): Promise<void> {
  const wanted = days.map((text) => {
    const day = dayOf(`${table}_${text}`);
    return { table, day, name: partitionName(table, day) };
  });
  if (wanted.length > 0) await makeAll(db, wanted);
}

interface WantedDay {
  table: string;
  day: number;
  name: string;
}

/**
 * One statement, so that a pool will do: all of it is one transaction. Names and bounds are made of
 * digits and our own names of tables; a block takes no parameters.
 */
async function makeAll(db: Queryable, wanted: readonly WantedDay[]): Promise<void> {
  await db.query(`do $$ begin
    perform pg_advisory_xact_lock(${LOCK_KEY});
    ${wanted.map(({ table, day, name }) => makeUnlessThere(table, day, name)).join("")}
  end $$`);
}

/** The look after the lock sees what another process has made meanwhile. */
function makeUnlessThere(table: string, day: number, name: string): string {
  return `
    if to_regclass('${name}') is null then
      create table ${name} (
        like ${table} including defaults including constraints including storage including compression
      );
    end if;
    if not exists (select from pg_inherits where inhrelid = '${name}'::regclass) then
      alter table ${table} attach partition ${name}
        for values from ('${firstIdAt(day)}') to ('${firstIdAt(day + DAY_MS)}');
    end if;`;
}

export interface Expired {
  /** Partitions that are gone. */
  dropped: string[];
  /** Tables that have to wait for the next round, and why: a long-running reader, for one. */
  postponed: { table: string; error: unknown }[];
}

/**
 * Drops every partition whose day had ended `retentionMs` before `now`. Readers and writers of
 * other days are not held up. Does nothing while another process is at it; what a process that
 * died left half done is finished first.
 */
export async function dropExpired(
  pool: Pool,
  { now, retentionMs }: { now: number; retentionMs: number },
): Promise<Expired> {
  const expired: Expired = { dropped: [], postponed: [] };
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ taken: boolean }>(
      "select pg_try_advisory_lock($1) as taken",
      [LOCK_KEY],
    );
    if (!rows[0]?.taken) return expired;
    for (const table of PARTITIONED) {
      try {
        expired.dropped.push(...(await dropExpiredOf(table, client, now - retentionMs)));
      } catch (error) {
        expired.postponed.push({ table, error });
      }
    }
    return expired;
  } finally {
    // Its session would let go of the lock as well, but some time after it is closed here.
    await client.query("select pg_advisory_unlock_all()").catch(() => {});
    client.release(true);
  }
}

async function dropExpiredOf(
  table: string,
  client: PoolClient,
  endedBefore: number,
): Promise<string[]> {
  const dropped: string[] = [];
  // Days that stand alone were detached by a process that died before it dropped them.
  const { rows } = await client.query<{
    name: string;
    isAttached: boolean;
    isPending: boolean;
  }>(
    `select c.relname as name, i.inhrelid is not null as "isAttached",
            coalesce(i.inhdetachpending, false) as "isPending"
     from pg_class c left join pg_inherits i on i.inhrelid = c.oid
     where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
       and c.relname ~ $1
     order by coalesce(i.inhdetachpending, false) desc, c.relname`,
    [`^${table}_[0-9]{8}$`],
  );
  for (const { name, isAttached, isPending } of rows) {
    // One table may have one detach pending: it stands in the way of all others.
    if (isPending) await client.query(`alter table ${table} detach partition ${name} finalize`);
    if (dayOf(name) + DAY_MS > endedBefore) continue;
    if (isAttached && !isPending) {
      await client.query(`alter table ${table} detach partition ${name} concurrently`);
    }
    await client.query(`drop table ${name}`);
    dropped.push(name);
  }
  return dropped;
}

function startOfDay(ms: number): number {
  return ms - (ms % DAY_MS);
}

function partitionName(table: string, day: number): string {
  return `${table}_${new Date(day).toISOString().slice(0, 10).replaceAll("-", "")}`;
}

function dayOf(name: string): number {
  const [, year, month, day] = /_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day));
}
