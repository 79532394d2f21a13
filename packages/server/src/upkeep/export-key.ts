import { readKeptKeys } from "../config/master-key.ts";
import { StartError } from "../core/start-error.ts";
import { keyIdOf } from "../runtime/secrets/vault.ts";
import type { UpkeepDeps } from "./installation.ts";
import { readBackupKeys } from "./restore.ts";

/**
 * Prints the master keys as CURLEW_MASTER_KEY takes them, alone on a line; what they are for goes to
 * standard error. `from` names a backup that was taken with its key.
 */
export async function exportKey(
  { config, print }: UpkeepDeps,
  o: { from: string | null; explain(text: string): void },
): Promise<void> {
  const keys = await findKeys(config, o.from);
  const ids = keys.map(keyIdOf).join(", ");
  o.explain(
    `The master key ${ids} opens every credential and signing secret of this installation. Keep it where the\n` +
      "backups are not, in two places. If it is lost, no backup and no support brings back what is sealed:\n" +
      "every channel must be connected anew and every endpoint given a new secret.",
  );
  print(keys.map((key) => Buffer.from(key).toString("base64")).join(","));
}

async function findKeys(
  { masterKeys, dataDir }: UpkeepDeps["config"],
  from: string | null,
): Promise<readonly Uint8Array[]> {
  if (from !== null) {
    const keys = await readBackupKeys(from);
    if (keys) return keys;
    throw new StartError("This backup was taken without its key.");
  }
  if (masterKeys.length > 0) return masterKeys.map((key) => Buffer.from(key.reveal(), "base64"));
  const kept = await readKeptKeys(dataDir);
  if (kept) return kept;
  throw new StartError(
    `There is no master key in ${dataDir}, and CURLEW_MASTER_KEY is not set. Name the data directory of your server with CURLEW_DATA_DIR.`,
  );
}
