import { execFile } from "node:child_process";
import { chownSync, existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { StartError } from "../../core/start-error.ts";
import { findNssWrapper, withBorrowedName } from "./borrowed-name.ts";
import { buildDirectory, dropAbandoned } from "./building.ts";
import type { DatabaseUser } from "./database-user.ts";

/**
 * PostgreSQL is started in its cluster's directory and told that its data is where it stands: it
 * then needs no permission on any directory above, be it below /root or closed to all.
 */
export function dataDirectoryArgument(cluster: string): string {
  return process.platform === "linux" ? "/proc/self/cwd" : cluster;
}

/** The environment of PostgreSQL's programs: nothing of ours, and the same on every machine. */
export const POSTGRES_ENVIRONMENT = { TZ: "UTC", LC_ALL: "C", PATH: "/usr/bin:/bin" } as const;

export interface ClusterOptions {
  runtime: string;
  /** The cluster's directory; it need not exist. */
  cluster: string;
  major: string;
  user: DatabaseUser | null;
  /** False only where the data may be lost: tests. */
  fsync: boolean;
  now: number;
}

/** Makes the cluster if there is none. Refuses one that another major version of PostgreSQL made. */
export async function ensureCluster(o: ClusterOptions): Promise<void> {
  dropAbandoned(o.cluster, o.now);
  if (isUpgradeUnfinished(o.cluster)) {
    throw new StartError(
      "An upgrade of the database was begun here and did not end. Run curlew upgrade-data again: it goes on.",
    );
  }
  if (!existsSync(o.cluster)) {
    await buildDirectory(o.cluster, async (into) => {
      if (o.user) chownSync(into, o.user.uid, o.user.gid);
      await initdb(o, into);
    });
  }
  const found = versionOf(o.cluster);
  if (found === null) {
    throw new StartError(
      `${o.cluster} is not a PostgreSQL database: it has no PG_VERSION. Move it away, or choose another data directory.`,
    );
  }
  if (found !== o.major) {
    throw new StartError(
      `The database in ${o.cluster} was made by PostgreSQL ${found}; this Curlew runs PostgreSQL ${o.major}, which cannot read it. Carry it over with curlew upgrade-data, or run PostgreSQL ${found} yourself and set DATABASE_URL.`,
    );
  }
}

/** Beside the cluster: where the one that is to replace it is made. */
export const UPGRADE = "upgrade";

/** The old one was moved away, and the new one has not yet come in its place. */
export function isUpgradeUnfinished(cluster: string): boolean {
  return !existsSync(cluster) && existsSync(join(dirname(cluster), UPGRADE, "pg"));
}

/** The major version that made a cluster; null where there is none. */
export function versionOf(cluster: string): string | null {
  try {
    return readFileSync(join(cluster, "PG_VERSION"), "utf8").trim();
  } catch {
    return null;
  }
}

const NAMELESS = "could not look up effective user";

async function initdb(o: ClusterOptions, into: string): Promise<void> {
  const failure = await runInitdb(o, into);
  if (failure === null) return;
  const library = failure.output.includes(NAMELESS) ? findNssWrapper() : null;
  const again =
    library === null
      ? failure
      : await withBorrowedName(library, dirname(into), (name) => runInitdb(o, into, name));
  if (again !== null) throw new StartError(refusal(into, again.output), { cause: again.error });
}

/** Null when it has made a cluster. */
function runInitdb(
  o: ClusterOptions,
  into: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ error: Error; output: string } | null> {
  const args = [
    ...["-D", dataDirectoryArgument(into), "-U", "curlew", "-A", "trust", "-E", "UTF8"],
    ...["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
    // 4 MB segments: a fresh cluster takes 31 MB on disk instead of twice that.
    ...["--wal-segsize=4", "--no-instructions", ...(o.fsync ? [] : ["--no-sync"])],
  ];
  const options = { cwd: into, env: { ...POSTGRES_ENVIRONMENT, ...environment }, ...o.user };
  return new Promise((resolve) => {
    execFile(join(o.runtime, "bin", "initdb"), args, options, (error, _stdout, stderr) => {
      resolve(error && { error, output: stderr || error.message });
    });
  });
}

function refusal(into: string, output: string): string {
  if (output.includes(NAMELESS)) {
    return "PostgreSQL cannot make a database as a user without a name: this user's id is not in /etc/passwd. Install libnss-wrapper (Debian) or nss_wrapper (Fedora), start Curlew as a user that is, or set DATABASE_URL.";
  }
  if (output.includes("No space left on device")) {
    return `The disk is full: there is no room for a new database (32 MB) in ${into}.`;
  }
  return `PostgreSQL could not make a database in ${into}:\n${output.trim()}`;
}
