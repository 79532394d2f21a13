import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The room in a socket's address, less the final NUL; what is longer is cut off without a word. */
const LONGEST_PATH_BYTES = 103;
const SOCKET_NAME = ".s.PGSQL.5432";

/**
 * The directory under which clients find the cluster's socket: the cluster itself, or where its
 * path is too long for a socket's address, a short one that leads to it.
 */
export function socketDirectory(cluster: string): string {
  if (Buffer.byteLength(join(cluster, SOCKET_NAME)) <= LONGEST_PATH_BYTES) return cluster;
  const link = join(ownDirectory(cluster), "pg");
  if (targetOf(link) !== cluster) {
    rmSync(link, { force: true });
    symlinkSync(cluster, link);
  }
  return link;
}

/** Takes away what `socketDirectory` made for a cluster that is no longer served. */
export function dropSocketDirectory(directory: string, cluster: string): void {
  if (directory !== cluster) rmSync(dirname(directory), { recursive: true, force: true });
}

/** The URL by which `pg` connects to a database of the cluster. */
export function socketUrl(directory: string, database: string): string {
  return `postgresql://curlew@localhost/${database}?host=${encodeURIComponent(directory)}`;
}

/**
 * The same directory at every start, so that none are left behind; but never one that somebody
 * else has put in its place, and whose link leads to a server of theirs.
 */
function ownDirectory(cluster: string): string {
  const uid = process.getuid?.() ?? 0;
  const key = createHash("sha256").update(cluster).digest("hex").slice(0, 12);
  const directory = join(tmpdir(), `curlew-${uid}-${key}`);
  try {
    mkdirSync(directory, { mode: 0o700 });
    return directory;
  } catch {
    const found = lstatSync(directory, { throwIfNoEntry: false });
    const isOurs = found?.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0;
    return isOurs ? directory : mkdtempSync(join(tmpdir(), "curlew-"));
  }
}

function targetOf(link: string): string | null {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}
