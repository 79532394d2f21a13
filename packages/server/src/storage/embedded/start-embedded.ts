import { existsSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { StartError } from "../../core/start-error.ts";
import { type Binaries, findBinaries } from "./binaries.ts";
import { ensureCluster } from "./create-cluster.ts";
import { databaseUserFor, giveTo } from "./database-user.ts";
import {
  connectOnce,
  type DirectoryLock,
  lockHolder,
  takeDirectoryLock,
} from "./directory-lock.ts";
import { clearLeftovers, inUse } from "./leftovers.ts";
import { type Exit, type Postmaster, spawnPostmaster } from "./postmaster.ts";
import { runtimeDirectory } from "./runtime-directory.ts";
import { socketDirectory, socketUrl } from "./socket-directory.ts";

const DATABASE = "curlew";
const READY_EVERY_MS = 10;
const TELL_EVERY_MS = 10_000;
/** How often a start is tried that another process got in the way of. */
const RACES = 3;
/** As many as a server uses, and some for commands beside it. */
const MAX_CONNECTIONS = 40;

export interface EmbeddedOptions {
  /** Made if it does not exist. The database lives in `pg` below it. */
  dataDir: string;
  logger: Logger;
  clock: Clock;
  /** False only where the data may be lost: tests. */
  fsync?: boolean;
  maxConnections?: number;
}

/** One PostgreSQL that runs, and the proof that its directory is ours. */
export interface RunningServer {
  postmaster: Postmaster;
  lock: DirectoryLock;
}

/** What stays the same from one start of the server to the next. */
export interface Place {
  binaries: Binaries;
  dataDir: string;
  cluster: string;
  /** Where clients find the server's socket. */
  socket: string;
  adminUrl: string;
  url: string;
}

/** Where a data directory's database is. Makes the data directory, closed to others. */
export function placeOf(dataDir: string): Place {
  const binaries = findBinaries();
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError(`The data directory ${dataDir} cannot be made: ${String(error)}`, {
      cause: error,
    });
  }
  const real = realpathSync(dataDir);
  const inside = join(real, "pg");
  const cluster = existsSync(inside) ? realpathSync(inside) : inside;
  const socket = socketDirectory(cluster);
  return {
    binaries,
    dataDir: real,
    cluster,
    socket,
    adminUrl: socketUrl(socket, "postgres"),
    url: socketUrl(socket, DATABASE),
  };
}

/** Starts PostgreSQL once, from whatever state its directory is in. Throws a StartError. */
export async function startOnce(
  place: Place,
  o: EmbeddedOptions,
  signal: AbortSignal,
): Promise<RunningServer> {
  const { clock, logger } = o;
  const { binaries, cluster, dataDir, adminUrl } = place;
  const fsync = o.fsync ?? true;
  for (let race = 1; ; race++) {
    const user = databaseUserFor(cluster);
    const now = clock.now();
    const runtime = binaries.isInstalled
      ? binaries.directory
      : await runtimeDirectory(binaries, dataDir, user, now);
    await ensureCluster({ runtime, cluster, major: binaries.major, user, fsync, now });
    await clearLeftovers({ cluster, url: adminUrl, clock, logger });
    // A cluster that root copied or restored belongs to root.
    if (user && statSync(cluster).uid === 0) giveTo(user, cluster);
    const postmaster = spawnPostmaster({
      ...{ runtime, cluster, user, clock, logger, major: binaries.major },
      settings: {
        max_connections: String(o.maxConnections ?? MAX_CONNECTIONS),
        fsync: fsync ? "on" : "off",
      },
    });
    const outcome = await takeOver(place, postmaster, o, signal);
    if ("lock" in outcome) return outcome;
    // Another Curlew was faster: the next round finds it and says who it is.
    if (!isRace(outcome) || race === RACES) throw new StartError(whyItEnded(outcome, dataDir));
  }
}

/** Waits until the server answers, proves that it is ours, and makes our database in it. */
async function takeOver(
  place: Place,
  postmaster: Postmaster,
  { clock, logger }: EmbeddedOptions,
  signal: AbortSignal,
): Promise<RunningServer | Exit> {
  let toldAt = clock.monotonic();
  while (!postmaster.gone.aborted) {
    if (signal.aborted) {
      await postmaster.stop();
      break;
    }
    // Not with a back-off: PostgreSQL is ready within 50 ms unless it has a crash to mend.
    const client = await connectOnce(place.adminUrl).catch(() => null);
    if (client === null) {
      if (clock.monotonic() - toldAt > TELL_EVERY_MS) {
        toldAt = clock.monotonic();
        logger.info({}, "PostgreSQL is mending its files after a crash: waiting for it");
      }
      await clock.sleep(READY_EVERY_MS);
      continue;
    }
    try {
      const lock = await takeDirectoryLock(client);
      if (!lock) {
        const holder = await lockHolder(client);
        throw new StartError(inUse(place.cluster, holder ?? "of an unknown name"));
      }
      const { rowCount } = await client.query("select from pg_database where datname = $1", [
        DATABASE,
      ]);
      if (rowCount === 0) await client.query(`create database ${DATABASE}`);
      return { postmaster, lock };
    } catch (error) {
      await client.end().catch(() => {});
      if (postmaster.gone.aborted) break;
      await postmaster.stop();
      throw error;
    }
  }
  return await postmaster.exited;
}

/** The loser of a race for a directory finds the winner's lock file or shared memory. */
function isRace({ log }: Exit): boolean {
  return /lock file ".*" already exists|shared memory block .* is still in use/.test(log);
}

/** Why PostgreSQL ended or did not start, with what to do about it. */
export function whyItEnded({ how, log }: Exit, dataDir: string): string {
  if (log.includes("No space left on device")) {
    return `PostgreSQL has ended: the disk of ${dataDir} is full. Free some space; nothing that was accepted is lost.`;
  }
  const last = log.trim();
  return `PostgreSQL has ended (${how})${last ? `. Its last words:\n${last}` : "."}`;
}
