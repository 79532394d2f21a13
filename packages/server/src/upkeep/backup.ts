import { createReadStream, createWriteStream } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { loadMasterKeys } from "../config/master-key.ts";
import { StartError } from "../core/start-error.ts";
import { amount, bytes } from "../core/wording.ts";
import { BackupWriter } from "../storage/backup/file-format.ts";
import { writeTables } from "../storage/backup/take.ts";
import { sayHowFar } from "./how-far.ts";
import { openInstallation, type UpkeepDeps } from "./installation.ts";

/** Below the data directory: what messages carried, as files. */
export const MEDIA = "media";
const FOR_THE_OWNER_ALONE = 0o600;
/** Below it: what is still being fetched. */
const ARRIVING = `${sep}.arriving${sep}`;
/** Nearly as small as the default, in half the time. */
const GZIP_LEVEL = 4;

export interface BackupOptions {
  file: string;
  /** Also the media directory. */
  withMedia: boolean;
  /** Also the master keys. */
  withKey: boolean;
}

/**
 * Writes an installation into one file, as it is at one instant, while its server runs. The file has
 * its name only when it is whole.
 */
export async function takeBackup(deps: UpkeepDeps, o: BackupOptions): Promise<void> {
  const { config, clock, print, version } = deps;
  const file = resolve(o.file);
  const draft = `${file}.unfinished`;
  const startedAt = clock.monotonic();
  await requireFree(file);
  const installation = await openInstallation(deps);
  let lengthSoFar = () => 0;
  const done = sayHowFar(deps, () => `${bytes(lengthSoFar())} written so far.`);
  try {
    const target = createWriteStream(draft, { mode: FOR_THE_OWNER_ALONE, flush: true });
    const gzip = createGzip({ level: GZIP_LEVEL });
    const written = finished(gzip.pipe(target));
    written.catch(() => {});
    target.on("error", (error) => gzip.destroy(error));
    const writer = new BackupWriter(gzip);
    lengthSoFar = () => target.bytesWritten;
    const { rows, header } = await writeTables(installation.connections, writer, {
      version,
      now: clock.now(),
    });
    const files = o.withMedia ? await writeMedia(writer, config.dataDir) : 0;
    if (o.withKey) {
      const keys = (await loadMasterKeys(config)).map((key) => Buffer.from(key).toString("base64"));
      await writer.write({ entry: "master key" }, [Buffer.from(keys.join(","))]);
    }
    await writer.end();
    gzip.end();
    await written;
    await rename(draft, file);
    await syncDirectory(dirname(file));
    const { size } = await stat(file);
    const seconds = ((clock.monotonic() - startedAt) / 1000).toFixed(1);
    const all = [...rows.values()].reduce((sum, n) => sum + n, 0);
    print(
      `${file}: ${bytes(size)} in ${seconds} s, the state of ${header.takenAt}.\n` +
        `  ${amount(all, "row")} in ${amount(rows.size, "table")}, of which ${amount(rows.get("event") ?? 0, "event")} and ${amount(rows.get("message") ?? 0, "message")}` +
        `${o.withMedia ? `; ${amount(files, "media file")}` : ""}.`,
    );
    print(wordsOnKey(o.withKey, header.keyIds));
    if (config.media.s3 !== null) {
      print("Media files are in the bucket: back it up by its own means.");
    } else if (!o.withMedia && (await hasMedia(config.dataDir))) {
      print("Media files are not in it: add --media, or copy the directory media yourself.");
    }
  } finally {
    done();
    await installation.close();
    await rm(draft, { force: true });
  }
}

function wordsOnKey(isIn: boolean, keyIds: readonly string[]): string {
  if (isIn) {
    return "The master key is in it: whoever has this file can read every credential. Keep it as you would keep those.";
  }
  return keyIds.length === 0
    ? "Nothing in it is sealed."
    : `Credentials and signing secrets in it are sealed with the master key ${keyIds.join(", ")}, which is not in it. Without that key they are lost: keep it apart from the backup (curlew export-key), or take one --with-key.`;
}

async function requireFree(file: string): Promise<void> {
  const there = await stat(file).catch(() => null);
  if (there !== null) throw new StartError(`${file} exists already. Choose another name.`);
  const directory = await stat(dirname(file)).catch(() => null);
  if (!directory?.isDirectory()) throw new StartError(`There is no directory ${dirname(file)}.`);
}

async function writeMedia(writer: BackupWriter, dataDir: string): Promise<number> {
  let files = 0;
  for await (const path of mediaFiles(dataDir)) {
    // What goes between the look and the read has gone with its day.
    const handle = await open(path).catch(() => null);
    if (handle === null) continue;
    const name = relative(resolve(dataDir), path).split(sep).join("/");
    await writer.write(
      { entry: "file", path: name },
      createReadStream("", { fd: handle }) as AsyncIterable<Buffer>, // no encoding is set
    );
    files++;
  }
  return files;
}

async function* mediaFiles(dataDir: string): AsyncGenerator<string> {
  const entries = await readdir(join(resolve(dataDir), MEDIA), {
    recursive: true,
    withFileTypes: true,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !path.includes(ARRIVING)) yield path;
  }
}

async function hasMedia(dataDir: string): Promise<boolean> {
  for await (const _ of mediaFiles(dataDir)) return true;
  return false;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    // Some file systems do not sync directories.
    await directory.sync().catch(() => {});
  } finally {
    await directory.close();
  }
}
