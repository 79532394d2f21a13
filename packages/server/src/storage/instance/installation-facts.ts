import pg from "pg";
import type { Queryable } from "../../core/events/recording.ts";
import { SIMULATED_ADDRESSES } from "../../core/sending/simulated.ts";
import { codeOf } from "../connections/gate.ts";
import { refusalOf } from "../connections/start-refusals.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/** Why a server cannot be reached, in the operator's words; null when it can. Asked once, without waiting for it. */
export async function whyUnreachable(url: string): Promise<string | null> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    return null;
  } catch (error) {
    const refusal = refusalOf(error, url);
    if (refusal.name === "StartError") return refusal.message;
    return `The database behind DATABASE_URL does not answer (${codeOf(error) || refusal.message}). Is it up, and may this machine reach it?`;
  } finally {
    await client.end().catch(() => {});
  }
}

/** What an operator's questions are answered with, as the database has it. Its schema is this version's. */
export interface InstallationFacts {
  /** The database's clock, ms since the epoch. */
  databaseMs: number;
  maxConnections: number;
  usedConnections: number;
  /** Of other programs too, in seconds. */
  longestTransactionSeconds: number;
  /** Channels that are connected, by kind, but for those of the simulator. */
  channels: Record<string, number>;
  endpoints: number;
}

export async function readInstallationFacts(db: Queryable): Promise<InstallationFacts> {
  const { rows } = await db.query<InstallationFacts>({
    text: `select (extract(epoch from clock_timestamp()) * 1000)::float8 as "databaseMs",
      current_setting('max_connections')::int as "maxConnections",
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as "usedConnections",
      (select coalesce(extract(epoch from clock_timestamp() - min(xact_start)), 0)::float8
        from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()) as "longestTransactionSeconds",
      (select coalesce(json_object_agg(kind, n), '{}') from (
        select kind, count(*)::int as n from channel where deleted_at is null and not external_id like any($1)
          group by kind) c) as channels,
      (select count(*)::int from endpoint where deleted_at is null) as endpoints`,
    values: [SIMULATED_ADDRESSES.map((start) => `${start}%`)],
  });
  const [facts] = rows;
  if (!facts) throw new Error("the installation told nothing about itself");
  return facts;
}
