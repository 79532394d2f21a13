import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { access, link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StartError } from "../core/start-error.ts";
import type { Config } from "./config.ts";

const FILE = "master-key";
/** The embedded database's directory, beside the key. */
const DATABASE = "pg";
const KEY_BYTES = 32;
const FOR_THE_OWNER_ALONE = 0o600;

/**
 * The keys that seal everything secret, the first of them for sealing. Without CURLEW_MASTER_KEY it
 * is what the data directory holds, which is made when there is none: whole, never a second time, and
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
  const keys = await readKeys(path);
  if (keys) return keys;
  if (await exists(join(dataDir, DATABASE))) {
    // Unless another process made both a moment ago.
    const theirs = await readKeys(path);
    if (theirs) return theirs;
    throw new StartError(
      `${dataDir} holds a database but no master key. Put the file ${FILE} back, or give the key as CURLEW_MASTER_KEY.`,
    );
  }
  const made = randomBytes(KEY_BYTES);
  return (await placeFile(path, [made], { isNew: true })) ?? [made];
}

/** The keys that a data directory holds, the first for sealing; null when it holds none. */
export function readKeptKeys(dataDir: string): Promise<Uint8Array[] | null> {
  return readKeys(join(dataDir, FILE));
}

/** The same for who looks every second; null also when it cannot be read now. */
export function lookAtKeptKeys(dataDir: string): Uint8Array[] | null {
  try {
    return keysIn(readFileSync(join(dataDir, FILE), "utf8"));
  } catch {
    return null;
  }
}

/** Gives a data directory its keys, in place of those that it has. */
export async function keepKeys(dataDir: string, keys: readonly Uint8Array[]): Promise<void> {
  await placeFile(join(dataDir, FILE), keys, { isNew: false });
}

/** Puts away a key that nothing in the database needs any more; answers the file. */
export async function putAway(dataDir: string, key: Uint8Array, name: string): Promise<string> {
  const path = join(dataDir, `${FILE}.${name}`);
  await placeFile(path, [key], { isNew: false });
  return path;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readKeys(path: string): Promise<Uint8Array[] | null> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new StartError(`The master key ${path} cannot be read: ${error.message}`);
  });
  if (text === null) return null;
  const keys = keysIn(text);
  if (keys) return keys;
  throw new StartError(
    `${path} does not hold a master key. Put the right file back, or give it as CURLEW_MASTER_KEY: ` +
      "without it nothing that was sealed can be opened.",
  );
}

/** One, or a list by commas while they are changed; null when it is anything else. */
function keysIn(text: string): Uint8Array[] | null {
  const keys = text.split(",").map((each) => Buffer.from(each.trim(), "base64"));
  return keys.every((key) => key.length === KEY_BYTES) ? keys : null;
}

/**
 * Written beside its place and then given its name, so that it is there whole or not at all. A new one
 * is never put in the place of another: the keys of who was first are answered then, else null.
 */
async function placeFile(
  path: string,
  keys: readonly Uint8Array[],
  { isNew }: { isNew: boolean },
): Promise<Uint8Array[] | null> {
  const dataDir = dirname(path);
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const file = await open(draft, "wx", FOR_THE_OWNER_ALONE);
    try {
      await file.writeFile(`${keys.map((key) => Buffer.from(key).toString("base64")).join(",")}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await (isNew ? link(draft, path) : rename(draft, path));
    await syncDirectory(dataDir);
    return null;
  } catch (error) {
    const theirs = isNew && codeOf(error) === "EEXIST" ? await readKeys(path) : null;
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
