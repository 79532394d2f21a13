import { execFile } from "node:child_process";
import { chownSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "../../core/start-error.ts";
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
      `The database in ${o.cluster} was made by PostgreSQL ${found}; this Curlew runs PostgreSQL ${o.major}, which cannot read it. Start the Curlew that made it and back it up there, or run PostgreSQL ${found} yourself and set DATABASE_URL.`,
    );
  }
}

function versionOf(cluster: string): string | null {
  try {
    return readFileSync(join(cluster, "PG_VERSION"), "utf8").trim();
  } catch {
    return null;
  }
}

function initdb(o: ClusterOptions, into: string): Promise<void> {
  const args = [
    ...["-D", dataDirectoryArgument(into), "-U", "curlew", "-A", "trust", "-E", "UTF8"],
    ...["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
    // 4 MB segments: a fresh cluster takes 31 MB on disk instead of twice that.
    ...["--wal-segsize=4", "--no-instructions", ...(o.fsync ? [] : ["--no-sync"])],
  ];
  const options = { cwd: into, env: POSTGRES_ENVIRONMENT, ...o.user };
  return new Promise((resolve, reject) => {
    execFile(join(o.runtime, "bin", "initdb"), args, options, (error, _stdout, stderr) => {
      if (error) reject(new StartError(refusal(into, stderr || error.message), { cause: error }));
      else resolve();
    });
  });
}

function refusal(into: string, output: string): string {
  if (output.includes("could not look up effective user")) {
    return "PostgreSQL cannot make a database as a user without a name: this user's id is not in /etc/passwd. Start Curlew as a user that is, or set DATABASE_URL.";
  }
  if (output.includes("No space left on device")) {
    return `The disk is full: there is no room for a new database (32 MB) in ${into}.`;
  }
  return `PostgreSQL could not make a database in ${into}:\n${output.trim()}`;
}
