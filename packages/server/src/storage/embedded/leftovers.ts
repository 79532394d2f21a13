import { rmSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { StartError } from "../../core/start-error.ts";
import { codeOf } from "../connections/gate.ts";
import { connectOnce, lockHolder } from "./directory-lock.ts";
import { isAlive, postmasterPid, runsIn } from "./processes.ts";

/** Another process that has just started its server takes the lock within this time. */
const HOLDER_GRACE_MS = 1_000;
const LOOK_EVERY_MS = 20;
/** From a postmaster.pid to a socket that answers takes milliseconds. */
const SOCKET_GRACE_MS = 5_000;
const READY_LIMIT_MS = 60_000;
const STEPS = [
  ["SIGINT", 10_000],
  ["SIGQUIT", 5_000],
  ["SIGKILL", 5_000],
] as const;

export interface LeftoverOptions {
  cluster: string;
  /** The URL of the cluster's `postgres` database. */
  url: string;
  clock: Clock;
  logger: Logger;
}

/**
 * Makes sure that no server runs on the cluster and that nothing keeps one from starting. A server
 * whose Curlew has died is stopped, never adopted: it has old settings, and nobody would see its
 * end. One that another Curlew holds is refused, by name.
 */
export async function clearLeftovers(o: LeftoverOptions): Promise<void> {
  const client = await connectToRunning(o);
  if (client) {
    const holder = await holderWithin(client, HOLDER_GRACE_MS, o.clock);
    await client.end().catch(() => {});
    if (holder !== null) throw new StartError(inUse(o.cluster, holder));
  }
  const pid = postmasterPid(o.cluster);
  if (pid !== null && isPostmasterOf(o.cluster, pid)) {
    o.logger.warn({ pid }, "Stopping a PostgreSQL that a Curlew which has died left behind");
    await stopOrphan(pid, o);
  } else if (client && (await stillRuns(o))) {
    throw new StartError(
      `A PostgreSQL that is not this machine's (another container's?) runs on ${o.cluster}. One data directory is for one Curlew.`,
    );
  }
  if (process.platform === "linux") {
    // Both name a process. Should that number be somebody else's by now, PostgreSQL would refuse to
    // start. Two that race here cannot both start: PostgreSQL also holds a segment of shared memory
    // that is named for the directory.
    for (const name of ["postmaster.pid", ".s.PGSQL.5432.lock"]) {
      rmSync(join(o.cluster, name), { force: true });
    }
  }
}

/** What a second Curlew on one data directory is told. */
export function inUse(cluster: string, holder: string): string {
  const pid = /^curlew (\d+)$/.exec(holder)?.[1];
  const who = pid ? `another Curlew (process ${pid})` : `another program (${holder})`;
  return `The data in ${cluster} is in use by ${who}. Stop it first, or choose another data directory (CURLEW_DATA_DIR).`;
}

/** A client of the server that runs here; waits while it starts or stops. Null when there is none. */
async function connectToRunning(o: LeftoverOptions): Promise<pg.Client | null> {
  const since = o.clock.monotonic();
  for (;;) {
    try {
      return await connectOnce(o.url);
    } catch (error) {
      const waitedMs = o.clock.monotonic() - since;
      if (isNobodyThere(error)) {
        const pid = postmasterPid(o.cluster);
        const mayCome = pid !== null && isPostmasterOf(o.cluster, pid);
        if (!mayCome || waitedMs > SOCKET_GRACE_MS) return null;
      } else if (waitedMs > READY_LIMIT_MS) {
        throw new StartError(
          `A PostgreSQL runs on ${o.cluster} and does not let Curlew in: ${String(error)}`,
          { cause: error },
        );
      }
      await o.clock.sleep(LOOK_EVERY_MS);
    }
  }
}

async function stillRuns(o: LeftoverOptions): Promise<boolean> {
  const client = await connectOnce(o.url).catch(() => null);
  await client?.end();
  return client !== null;
}

/** Null when nobody has taken the lock by then, or the server has ended. */
async function holderWithin(client: pg.Client, ms: number, clock: Clock): Promise<string | null> {
  const until = clock.monotonic() + ms;
  do {
    try {
      const holder = await lockHolder(client);
      if (holder !== null) return holder;
    } catch {
      return null;
    }
    await clock.sleep(LOOK_EVERY_MS);
  } while (clock.monotonic() < until);
  return null;
}

async function stopOrphan(pid: number, { cluster, clock }: LeftoverOptions): Promise<void> {
  for (const [signal, waitMs] of STEPS) {
    if (!isPostmasterOf(cluster, pid)) return;
    process.kill(pid, signal);
    const until = clock.monotonic() + waitMs;
    while (clock.monotonic() < until) {
      await clock.sleep(LOOK_EVERY_MS);
      if (!isPostmasterOf(cluster, pid)) return;
    }
  }
  throw new StartError(`The PostgreSQL with process id ${pid} on ${cluster} cannot be stopped.`);
}

/** Where there is no /proc, that the process lives must do. */
function isPostmasterOf(cluster: string, pid: number): boolean {
  return process.platform === "linux" ? runsIn(pid, cluster) : isAlive(pid);
}

function isNobodyThere(error: unknown): boolean {
  return ["ENOENT", "ECONNREFUSED"].includes(codeOf(error));
}
