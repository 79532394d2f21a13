import {
  chmodSync,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { StartError } from "../../core/start-error.ts";
import type { Binaries } from "./binaries.ts";
import { buildDirectory, dropAbandoned } from "./building.ts";
import { canReach, type DatabaseUser } from "./database-user.ts";

interface File {
  from: string;
  /** Below the runtime directory. */
  to: string;
  size: number;
  mode: number;
}

/**
 * A directory with PostgreSQL's programs that the database's user can reach, and that an update of
 * Curlew does not pull away from under a running server. It is whole: one that a power cut or a
 * cleaner of temporary files has thinned is made anew.
 */
export async function runtimeDirectory(
  binaries: Binaries,
  dataDir: string,
  user: DatabaseUser | null,
  now: number,
): Promise<string> {
  const directory = join(basis(dataDir, user), binaries.key);
  dropAbandoned(directory, now);
  const files = filesOf(binaries.directory);
  if (isWhole(directory, files)) return directory;
  await buildDirectory(directory, (into) => {
    chmodSync(into, 0o755);
    for (const directory of directoriesOf(files)) makeOpen(join(into, directory));
    for (const file of files) place(file, join(into, file.to), user);
    // Out of the way, not overwritten: a server may still run on what is left of it.
    const thinned = `${into}-thinned`;
    if (statSync(directory, { throwIfNoEntry: false })) {
      renameSync(directory, thinned);
      rmSync(thinned, { recursive: true, force: true });
    }
  });
  return directory;
}

/**
 * Below the data directory, where it moves and goes with the data. PostgreSQL finds its libraries
 * by its own full path, so when root lends it another user and the data directory is closed to
 * that user (below /root, or 0700), the programs need a place outside that everybody can walk to.
 * The cluster does not: it is the working directory that PostgreSQL is started in.
 */
function basis(dataDir: string, user: DatabaseUser | null): string {
  const own = join(dataDir, "runtime");
  if (!user) {
    mkdirSync(own, { recursive: true, mode: 0o755 });
    return own;
  }
  const places = [own, "/var/cache/curlew", join(tmpdir(), "curlew-runtime")];
  const found = places.find((place) => isFit(place, user));
  if (found) return found;
  throw new StartError(
    `PostgreSQL does not run as root, and there is no place that its user (id ${user.uid}) can reach for its programs. Tried ${places.join(", ")}. Start Curlew as an ordinary user, or set DATABASE_URL.`,
  );
}

/** Can be made, can be reached by `user`, and can be written to by root alone. */
function isFit(place: string, user: DatabaseUser): boolean {
  try {
    if (!canReach(dirname(place), user)) return false;
    makeOpen(place);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) return false;
  }
  const { uid, mode } = lstatSync(place);
  return (
    uid === 0 && (mode & 0o022) === 0 && lstatSync(place).isDirectory() && canReach(place, user)
  );
}

/**
 * Every file under every name it needs. Symlinks are read from the package's own list and become
 * files of their own: npm drops the links, and its install scripts that make them are often off.
 */
function filesOf(native: string): File[] {
  const files: File[] = [];
  for (const entry of readdirSync(native, { recursive: true, withFileTypes: true })) {
    const from = join(entry.parentPath, entry.name);
    if (entry.isFile() && !entry.name.endsWith(".a")) {
      files.push(file(from, from.slice(native.length + 1)));
    }
  }
  const links: unknown = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"));
  if (!Array.isArray(links)) throw new Error(`${native}/pg-symlinks.json is not a list`);
  for (const link of links) {
    const { source, target } = link;
    const from = join(dirname(native), String(source));
    files.push(file(from, String(target).replace(/^native\//, "")));
  }
  return files;
}

function file(from: string, to: string): File {
  const { size, mode } = statSync(from);
  return { from, to, size, mode };
}

/** Every directory that the files need, the outer before the inner. */
function directoriesOf(files: readonly File[]): string[] {
  const found = new Set<string>();
  for (const { to } of files) {
    for (let at = dirname(to); at !== "."; at = dirname(at)) found.add(at);
  }
  return [...found].sort();
}

/** Open to all, whatever the process's umask says. */
function makeOpen(directory: string): void {
  mkdirSync(directory);
  chmodSync(directory, 0o755);
}

function isWhole(directory: string, files: readonly File[]): boolean {
  return files.every(
    ({ to, size }) => statSync(join(directory, to), { throwIfNoEntry: false })?.size === size,
  );
}

/** A hard link costs nothing; across file systems, or where it would be closed to `user`, a copy. */
function place(file: File, to: string, user: DatabaseUser | null): void {
  const wanted = (file.mode & 0o100) === 0 ? 0o444 : 0o555;
  if (!user || (file.mode & wanted) === wanted) {
    try {
      linkSync(file.from, to);
      return;
    } catch {
      // Another file system, or one without hard links, or files of another owner.
    }
  }
  copyFileSync(file.from, to);
  chmodSync(to, wanted | 0o200);
}
