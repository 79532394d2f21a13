import pg from "pg";

/** Names the one advisory lock of a cluster: held in its `postgres` database by who started it. */
const LOCK_KEY = 4_841_190_531;
const CONNECT_TIMEOUT_MS = 10_000;

export interface DirectoryLock {
  /** Resolves when the connection that holds the lock has ended, and the lock with it. */
  readonly lost: Promise<void>;
}

/** A client of the cluster, outside pools and gates. It says `curlew <pid>` to those who ask. */
export async function connectOnce(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `curlew ${process.pid}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** One cluster belongs to one process for as long as its client lives. Null when it is another's. */
export async function takeDirectoryLock(client: pg.Client): Promise<DirectoryLock | null> {
  const { rows } = await client.query<{ taken: boolean }>(
    "select pg_try_advisory_lock($1) as taken",
    [LOCK_KEY],
  );
  if (!rows[0]?.taken) return null;
  const lost = new Promise<void>((resolve) => client.once("end", resolve));
  return { lost };
}

/** Who holds the cluster, as `curlew <pid>`; null when nobody does. */
export async function lockHolder(client: pg.Client): Promise<string | null> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name
     from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.database = (select oid from pg_database where datname = current_database())
       and (l.classid::bigint << 32) | l.objid::bigint = $1`,
    [LOCK_KEY],
  );
  return rows[0]?.name ?? null;
}
