import { createReadStream, existsSync, statSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname, join, normalize, resolve, sep } from "node:path";
import { createGunzip } from "node:zlib";
import { keepKeys, readKeptKeys } from "../config/master-key.ts";
import { StartError } from "../core/start-error.ts";
import { amount } from "../core/wording.ts";
import { keyIdOf } from "../runtime/secrets/vault.ts";
import { type BackupEntry, BackupReader } from "../storage/backup/file-format.ts";
import {
  countHeld,
  finishRestore,
  requireRestorable,
  restoreTables,
} from "../storage/backup/restore.ts";
import { MEDIA } from "./backup.ts";
import { sayHowFar } from "./how-far.ts";
import { openInstallation, type UpkeepDeps } from "./installation.ts";

const FOR_THE_OWNER_ALONE = 0o600;

export interface RestoreOptions {
  file: string;
  /** Only reads the file and says what is in it. */
  isCheck: boolean;
  /** Goes on although what is sealed cannot be opened. */
  withoutKey: boolean;
}

/**
 * Puts a backup into an empty database and its media into the data directory. The file is read whole
 * before anything is changed. Nothing leaves afterwards until `curlew resume`.
 */
export async function restoreBackup(deps: UpkeepDeps, o: RestoreOptions): Promise<void> {
  const { config, clock, print } = deps;
  const file = resolve(o.file);
  const found = await saying(deps, file, "read", (told) => lookThrough(file, told));
  const { header } = await openBackup(file);
  print(
    `${file}: taken ${header.takenAt} by Curlew ${header.version}. It is whole: ${amount(found.tables, "table")}, ${amount(found.files, "media file")}, ${found.keys === null ? "no master key" : "the master key"}.`,
  );
  if (o.isCheck) return;
  const keysToKeep = await chooseKeys(deps, header.keyIds, found.keys, o.withoutKey);
  const installation = await openInstallation(deps, { mayBeNew: true });
  try {
    const { connections } = installation;
    await requireRestorable(connections, header);
    if (keysToKeep !== null) await keepKeys(config.dataDir, keysToKeep);
    const keepOther = (entry: BackupEntry) => keepFile(config.dataDir, entry);
    const rows = await saying(deps, file, "restored", async (told) => {
      const reader = await openBackup(file, told);
      return restoreTables(connections, header, reader.entries(), keepOther);
    });
    await finishRestore(connections, {
      now: clock.now(),
      reason: `A backup of ${header.takenAt} was restored.`,
    });
    const held = await countHeld(connections);
    print(
      `Restored ${amount(rows.get("event") ?? 0, "event")} and ${amount(rows.get("message") ?? 0, "message")}.`,
    );
    print(howToGoOn(held));
  } finally {
    await installation.close();
  }
}

/** Told how much of the file has been read. */
type Told = (bytes: number) => void;

/** Does something with a backup from its beginning to its end, and says how far it is. */
async function saying<Done>(
  deps: UpkeepDeps,
  file: string,
  doing: string,
  work: (told: Told) => Promise<Done>,
): Promise<Done> {
  const whole = existsSync(file) ? statSync(file).size : 0;
  let read = 0;
  const done = sayHowFar(
    deps,
    () => `${Math.floor((100 * read) / whole)} % of the backup ${doing}.`,
  );
  try {
    return await work((bytes) => {
      read = bytes;
    });
  } finally {
    done();
  }
}

/** What the operator must know before anything leaves. */
function howToGoOn({ deliveries, messages }: { deliveries: number; messages: number }) {
  return `
Nothing leaves yet. What waited when the backup was taken may have left since, from the server
that it was taken of: ${amount(deliveries, "delivery")} in the queue, and more that were under way; ${amount(messages, "message")} to customers.
  - Deliveries go out again under the same webhook-id: receivers that keep to it do no harm.
  - Messages to customers would be sent a second time.
Stop the other server for good, start this one, look around (GET /v1/health says "held"), then:
  curlew resume                     lets everything leave
  curlew resume --cancel-messages   cancels the messages that wait and lets the rest leave
  curlew resume --only deliveries   messages wait on`;
}

interface Contents {
  tables: number;
  files: number;
  keys: Uint8Array[] | null;
}

/** Reads a backup to its end, every checksum included. */
async function lookThrough(file: string, told?: Told): Promise<Contents> {
  const contents: Contents = { tables: 0, files: 0, keys: null };
  const reader = await openBackup(file, told);
  for await (const { head, body } of reader.entries()) {
    const kept: Buffer[] = [];
    for await (const chunk of body) if (head.entry === "master key") kept.push(chunk);
    if (head.entry === "table") contents.tables++;
    if (head.entry === "file") contents.files++;
    if (head.entry === "master key") contents.keys = keysIn(Buffer.concat(kept));
  }
  return contents;
}

/** The master keys that a backup holds; null when it holds none. */
export async function readBackupKeys(file: string): Promise<Uint8Array[] | null> {
  return (await lookThrough(resolve(file))).keys;
}

function keysIn(body: Buffer): Uint8Array[] {
  return body
    .toString("utf8")
    .split(",")
    .map((key) => Buffer.from(key, "base64"));
}

async function openBackup(file: string, told: Told = () => {}): Promise<BackupReader> {
  if (!existsSync(file)) throw new StartError(`There is no file ${file}.`);
  const packed = createReadStream(file);
  const unpacked = createGunzip();
  packed.on("error", (error) => unpacked.destroy(error));
  packed.on("data", () => told(packed.bytesRead));
  return BackupReader.open(packed.pipe(unpacked));
}

/**
 * The keys that the data directory is to have from now on; null where it has them, or the environment
 * does. Refuses when what is sealed in the backup could not be opened.
 */
async function chooseKeys(
  { config }: UpkeepDeps,
  needed: readonly string[],
  inBackup: Uint8Array[] | null,
  withoutKey: boolean,
): Promise<Uint8Array[] | null> {
  const given = config.masterKeys.map((key) => Buffer.from(key.reveal(), "base64"));
  const own = given.length > 0 ? given : ((await readKeptKeys(config.dataDir)) ?? []);
  const missing = needed.filter((id) => !own.some((key) => keyIdOf(key) === id));
  if (missing.length === 0) return null;
  if (own.length === 0 && inBackup !== null) return inBackup;
  if (withoutKey) return null;
  const what = `What is sealed in the backup was sealed with the master key ${missing.join(", ")}`;
  throw new StartError(
    inBackup === null
      ? `${what}, which is not among yours. Put the file master-key into the data directory, or give the key as CURLEW_MASTER_KEY. With --without-key it is restored all the same: then every credential and signing secret must be entered anew.`
      : `${what}, which is not among yours, but is in the backup. See it with curlew export-key --from, and give it as CURLEW_MASTER_KEY, after your own with a comma between.`,
  );
}

/** Files go below the media directory and nowhere else; other entries are passed over. */
async function keepFile(dataDir: string, { head, body }: BackupEntry): Promise<void> {
  if (head.entry !== "file") {
    for await (const _ of body);
    return;
  }
  const home = join(resolve(dataDir), MEDIA);
  const path = normalize(join(resolve(dataDir), head.path));
  if (!path.startsWith(home + sep)) {
    throw new StartError(`The backup is damaged: it names a file ${head.path}.`);
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const target = await open(path, "w", FOR_THE_OWNER_ALONE);
  try {
    for await (const chunk of body) await target.writeFile(chunk);
    await target.sync();
  } finally {
    await target.close();
  }
}
