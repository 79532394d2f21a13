import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../core/outside/clock.ts";
import type { FileStore } from "../../core/outside/file-store.ts";
import { createDirectoryStore } from "./directory-store.ts";
import { createS3Store, type S3Options } from "./s3-store.ts";

const ARRIVING = ".arriving";
/** Longer than any file is on its way. */
const GIVEN_UP_MS = 86_400_000;

/** Where files of messages are kept, and where they lie while they come. */
export interface MediaRoom {
  store: FileStore;
  /** A path where a file may be made that is not one yet. */
  temporaryPath(): Promise<string>;
  discard(path: string): Promise<void>;
  close(): Promise<void>;
}

/** In a bucket, or below the data directory. What a process that died left half fetched is thrown away. */
export async function openMediaRoom(o: {
  dataDir: string;
  s3: S3Options | null;
  clock: Pick<Clock, "now">;
  /** This machine's name: a container's own, where several share the directory. */
  machine?: string;
}): Promise<MediaRoom> {
  const machine = o.machine ?? hostname();
  const directory = join(o.dataDir, "media");
  const arriving = join(directory, ARRIVING, `${process.pid}@${machine}`);
  const bucket = o.s3 && createS3Store(o.s3, o.clock);
  await throwAwayLeftovers(join(directory, ARRIVING), machine, o.clock.now());
  return {
    store: bucket ?? createDirectoryStore(directory),
    async temporaryPath() {
      await mkdir(arriving, { recursive: true, mode: 0o700 });
      return join(arriving, randomUUID());
    },
    discard: (path) => rm(path, { force: true }),
    async close() {
      await rm(arriving, { recursive: true, force: true });
      await bucket?.close();
    },
  };
}

/**
 * Directories of processes of this machine that are not alive, and of other machines what has not been
 * touched for a day: nobody here can say who lives there.
 */
async function throwAwayLeftovers(directory: string, machine: string, now: number): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    const path = join(directory, name);
    const isOurs = name.endsWith(`@${machine}`);
    const isOver = isOurs ? !isAlive(Number.parseInt(name, 10)) : await isOlder(path, now);
    if (isOver) await rm(path, { recursive: true, force: true });
  }
}

async function isOlder(path: string, now: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && found.mtimeMs < now - GIVEN_UP_MS;
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
