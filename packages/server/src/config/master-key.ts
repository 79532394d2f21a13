import { randomBytes } from "node:crypto";
import { access, link, mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { StartError } from "../core/start-error.ts";
import type { Config } from "./config.ts";

const FILE = "master-key";
/** The embedded database's directory, beside the key. */
const DATABASE = "pg";
const KEY_BYTES = 32;
const FOR_THE_OWNER_ALONE = 0o600;

/**
 * The keys that seal everything secret, the first of them for sealing. Without CURLEW_MASTER_KEY it
 * is the one in the data directory, which is made when there is none: whole, never a second time, and
 * never beside a database that another key was used with. Called before the database is started.
 */
export async function loadMasterKeys(
  config: Pick<Config, "masterKeys" | "dataDir">,
): Promise<Uint8Array[]> {
  if (config.masterKeys.length > 0) {
    return config.masterKeys.map((key) => Buffer.from(key.reveal(), "base64"));
  }
  const { dataDir } = config;
  const path = join(dataDir, FILE);
  const key = await readKey(path);
  if (key) return [key];
  if (await exists(join(dataDir, DATABASE))) {
    // Unless another process made both a moment ago.
    const theirs = await readKey(path);
    if (theirs) return [theirs];
    throw new StartError(
      `${dataDir} holds a database but no master key. Put the file ${FILE} back, or give the key as CURLEW_MASTER_KEY.`,
    );
  }
  return [await makeKey(dataDir, path)];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readKey(path: string): Promise<Buffer | null> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new StartError(`The master key ${path} cannot be read: ${error.message}`);
  });
  if (text === null) return null;
  const key = Buffer.from(text.trim(), "base64");
  if (key.length === KEY_BYTES) return key;
  throw new StartError(
    `${path} does not hold a master key. Put the right file back, or give it as CURLEW_MASTER_KEY: ` +
      "without it nothing that was sealed can be opened.",
  );
}

/** Written beside its place and then given its name, which fails when another process was first. */
async function makeKey(dataDir: string, path: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const file = await open(draft, "wx", FOR_THE_OWNER_ALONE);
    try {
      await file.writeFile(`${key.toString("base64")}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path);
    await syncDirectory(dataDir);
    return key;
  } catch (error) {
    const theirs = codeOf(error) === "EEXIST" ? await readKey(path) : null;
    if (theirs) return theirs;
    throw new StartError(`The master key cannot be kept in ${dataDir}: ${String(error)}`, {
      cause: error,
    });
  } finally {
    await rm(draft, { force: true });
  }
}

/** So that the name, too, outlives a power cut. Windows cannot, and need not. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r").catch(() => null);
  if (!directory) return;
  try {
    await directory.sync();
  } catch {
    // Some file systems do not sync directories.
  } finally {
    await directory.close();
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
