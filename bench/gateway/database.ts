import { systemClock } from "../../packages/server/src/runtime/clock.ts";
import { createLogger } from "../../packages/server/src/runtime/telemetry/logger.ts";
import {
  type Connections,
  openConnections,
} from "../../packages/server/src/storage/connections/connections.ts";
import { sleep } from "../clock.ts";
import { mustEnd } from "../ending.ts";
import { Unusable } from "../options.ts";
import { nameOf, parentOf } from "./processes.ts";

const CONNECT_MS = 10_000;

/** A way into a database beside the gateway's own: to lay out the stage and to look at the outcome. */
export interface Backdoor {
  pool: Connections["pool"];
  /** The server's first process, when it runs on this machine. */
  postmaster: number | null;
  version: string;
  close(): Promise<void>;
}

export async function openBackdoor(url: string): Promise<Backdoor> {
  const connections = await openConnections({
    url,
    applicationName: "curlew bench",
    logger: createLogger({ level: "silent" }),
    clock: systemClock(),
  });
  // The embedded server has few connections to spare. Filling a table takes longer than a request may.
  const pool = connections.lane("stage", 2, { statementTimeoutMs: 0 });
  const { rows } = await pool.query<{ pid: number; version: string }>(
    "select pg_backend_pid() as pid, current_setting('server_version') as version",
  );
  const row = rows[0];
  return {
    pool,
    postmaster: row && isLocal(url) ? postmasterOf(row.pid) : null,
    version: row?.version ?? "unknown",
    close: () => connections.close(),
  };
}

let made = 0;

/** A database of our own on the server that a URL names, for a while: nothing else there is touched. */
export async function makeDatabase(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `curlew_bench_${process.pid}_${++made}`;
  await onServer(url, `create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const drop = mustEnd(() => onServer(url, `drop database ${name} with (force)`));
  return { url: own.href, drop };
}

async function onServer(url: string, statement: string): Promise<void> {
  let backdoor: Backdoor | null = null;
  try {
    // Connecting waits for a server that is not there, which is not what we want.
    const late = sleep(CONNECT_MS).then(() => Promise.reject(new Error("nothing answers")));
    backdoor = await Promise.race([openBackdoor(url), late]);
    late.catch(() => {});
    await backdoor.pool.query(statement);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Unusable(
      `The benchmark makes a database of its own on the server of --database. ${statement}: ${why}`,
    );
  } finally {
    await backdoor?.close();
  }
}

function isLocal(text: string): boolean {
  const url = new URL(text);
  return (
    url.searchParams.has("host") || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  );
}

function postmasterOf(backend: number): number | null {
  const parent = parentOf(backend);
  return parent !== null && nameOf(parent) === "postgres" ? parent : null;
}
