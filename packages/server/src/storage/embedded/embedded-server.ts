import { connectOnce, type DirectoryLock, takeDirectoryLock } from "./directory-lock.ts";
import type { Exit, Postmaster } from "./postmaster.ts";
import { dropSocketDirectory } from "./socket-directory.ts";
import {
  type EmbeddedOptions,
  placeOf,
  type RunningServer,
  startOnce,
  whyItEnded,
} from "./start-embedded.ts";

export type { EmbeddedOptions } from "./start-embedded.ts";

/** A server that ends before this has not recovered from whatever ended it. */
const SHORT_LIFE_MS = 5_000;
const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** A dying server's connections end before it does. */
const END_GRACE_MS = 500;

export interface EmbeddedServer {
  /** For `openConnections`; it stays the same when PostgreSQL is started again. */
  readonly url: string;
  /** The directory of PostgreSQL's own files. */
  readonly cluster: string;
  /** Stops PostgreSQL. Close the connections first: what they still do is cut off. */
  stop(): Promise<void>;
}

/**
 * Starts Curlew's own PostgreSQL on a data directory and keeps it running until `stop`, or until
 * this process ends, however it ends. Throws a StartError when it cannot be started; once it has
 * been, it is started again whenever it ends, and meanwhile connections wait.
 */
export async function startEmbedded(o: EmbeddedOptions): Promise<EmbeddedServer> {
  const { clock, logger } = o;
  const place = placeOf(o.dataDir);
  const stopping = new AbortController();
  let running: RunningServer | null = await startOnce(place, o, stopping.signal);
  const supervised = supervise();

  async function supervise(): Promise<void> {
    let setbacks = 0;
    while (running) {
      const startedAt = clock.monotonic();
      const exit = await endOf(running);
      if (stopping.signal.aborted) return;
      logger.error({}, `${whyItEnded(exit, place.dataDir)} Starting it again.`);
      setbacks = clock.monotonic() - startedAt < SHORT_LIFE_MS ? setbacks + 1 : 0;
      running = null;
      while (!running && !stopping.signal.aborted) {
        await clock.sleep(waitAfter(setbacks), stopping.signal);
        running = await startAgain();
        if (!running) setbacks = Math.max(setbacks, 1) + 1;
      }
    }
  }

  /** Null when it could not be started, or shall not be any more. */
  async function startAgain(): Promise<RunningServer | null> {
    if (stopping.signal.aborted) return null;
    try {
      const server = await startOnce(place, o, stopping.signal);
      if (!stopping.signal.aborted) return server;
      await server.postmaster.stop();
    } catch (error) {
      if (stopping.signal.aborted) return null;
      const reason = error instanceof Error ? error.message : String(error);
      logger.error({}, `${reason} Trying again.`);
    }
    return null;
  }

  /** Waits for the server's end, and meanwhile sees to it that its directory stays ours. */
  async function endOf({ postmaster, lock }: RunningServer): Promise<Exit> {
    for (let held: DirectoryLock | null = lock; held; held = await claimAgain(postmaster)) {
      const exit = await Promise.race([postmaster.exited, held.lost]);
      if (exit) return exit;
    }
    await postmaster.stop();
    return await postmaster.exited;
  }

  /** Null when the server has ended, or another has claimed its directory. */
  async function claimAgain(postmaster: Postmaster): Promise<DirectoryLock | null> {
    for (;;) {
      await clock.sleep(END_GRACE_MS, postmaster.gone);
      if (postmaster.gone.aborted) return null;
      try {
        return await takeDirectoryLock(await connectOnce(place.adminUrl));
      } catch {
        // It is ending, or has no connection to spare: the next round tells.
      }
    }
  }

  return {
    url: place.url,
    cluster: place.cluster,
    async stop() {
      stopping.abort();
      await running?.postmaster.stop();
      await supervised;
      dropSocketDirectory(place.socket, place.cluster);
    },
  };
}

/** None after the first setback: what a crash has ended may just be started again. */
function waitAfter(setbacks: number): number {
  if (setbacks < 2) return 0;
  return Math.min(SHORTEST_WAIT_MS * 2 ** (setbacks - 2), LONGEST_WAIT_MS);
}
