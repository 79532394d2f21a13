import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { isAlive } from "./processes.ts";

/** Longer than any build takes: then its process id belongs to somebody else by now. */
const ABANDONED_AFTER_MS = 60 * 60_000;

const underWay = new Set<string>();

/**
 * Makes `directory` whole or not at all: `build` fills one of another name, which gets the right
 * name when it is ready. Whoever was faster wins, and the slower one's work is dropped.
 */
export async function buildDirectory(
  directory: string,
  build: (into: string) => void | Promise<void>,
): Promise<void> {
  const parent = dirname(directory);
  const building = mkdtempSync(join(parent, `${prefixOf(directory)}${process.pid}-`));
  underWay.add(building);
  try {
    await build(building);
    renameSync(building, directory);
    syncDirectory(parent);
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    if (!isTaken(error)) throw error;
  } finally {
    underWay.delete(building);
  }
}

/** Removes what builds of `directory` left whose process was killed. `now` in ms since the epoch. */
export function dropAbandoned(directory: string, now: number): void {
  const parent = dirname(directory);
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefixOf(directory))) continue;
    const path = join(parent, name);
    const builder = Number(name.slice(prefixOf(directory).length).split("-")[0]);
    const isOurs = builder === process.pid;
    const age = now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now);
    if (isOurs ? underWay.has(path) : isAlive(builder) && age < ABANDONED_AFTER_MS) continue;
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // An initdb whose parent was killed may still be writing here; the next start drops it.
    }
  }
}

function prefixOf(directory: string): string {
  return `.building-${basename(directory)}-`;
}

function isTaken(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ENOTEMPTY" || error.code === "EEXIST")
  );
}

/** A rename is only safe from a power cut when its directory is on the disk. */
function syncDirectory(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
