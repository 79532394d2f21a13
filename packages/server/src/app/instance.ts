import { lookAtKeptKeys } from "../config/master-key.ts";
import type { Queryable } from "../core/events/recording.ts";
import type { Logger } from "../core/outside/log.ts";
import type { Loops } from "../delivery/loops/loops.ts";
import { ensureAdminKey } from "../http/access/admin-key.ts";
import { keyIdOf, type Vault } from "../runtime/secrets/vault.ts";
import { holdIfMoved, readHold } from "../storage/instance/instance-hold.ts";
import { countByKey } from "../storage/instance/sealed-columns.ts";
import { ensurePartitions } from "../storage/retention/partitions.ts";
import { ensureDefaultWorkspace } from "../storage/workspaces/workspaces.ts";
import type { Ground } from "./ground.ts";

const MASTER_KEY_EVERY_MS = 1_000;
const MOVED_EVERY_MS = 5_000;

/** The installation as this process has found it, or made it. */
export interface Instance {
  defaultWorkspaceId: string;
  /** SHA-256 of the admin key. */
  adminDigest: Buffer;
  /** The admin key, only when it was made just now: nobody can show it again. */
  madeAdminKey: string | null;
  /** It is about to be shown, and stays. */
  keepAdminKey(): void;
}

/** Makes what a first start lacks, and says what an operator must know. */
export async function openInstance(ground: Ground): Promise<Instance> {
  const { config, connections, db, clock, vault, logger, closing } = ground;
  await ensurePartitions(db, clock.now());
  const made = { id: ground.newId(), now: clock.now() };
  const workspace = await ensureDefaultWorkspace(connections, made);
  const admin = await ensureAdminKey(db, config.adminKey);
  // A key that was made and never shown would lock everybody out.
  let isKept = false;
  closing.add(() => (isKept ? undefined : admin.withdraw()));
  await holdIfMoved(db, clock.now());
  await tellHold(db, logger);
  await tellMissingKeys(db, vault, logger);
  return {
    defaultWorkspaceId: workspace.id,
    adminDigest: admin.digest,
    madeAdminKey: admin.made,
    keepAdminKey() {
      isKept = true;
    },
  };
}

/** Goes on looking at what an operator may change under a running server. */
export function watchInstance({ config, db, clock, vault, logger }: Ground, rounds: Loops): void {
  rounds.every("moved database", MOVED_EVERY_MS, async () => {
    if (await holdIfMoved(db, clock.now())) await tellHold(db, logger);
  });
  if (config.masterKeys.length > 0) return;
  rounds.every("master key", MASTER_KEY_EVERY_MS, () => followKeptKeys(config.dataDir, vault));
}

/** Says at every start that nothing leaves, and how to go on. */
async function tellHold(db: Queryable, logger: Logger): Promise<void> {
  const { deliveriesSince, messagesSince, reason } = await readHold(db);
  const held = [deliveriesSince && "deliveries", messagesSince && "messages"].filter(Boolean);
  if (held.length === 0) return;
  logger.warn(
    { held, reason },
    "deliveries and messages are held back: curlew resume lets them leave",
  );
}

/** Says once what cannot be opened, not for each endpoint and channel. */
async function tellMissingKeys(db: Queryable, vault: Vault, logger: Logger): Promise<void> {
  const ours = vault.keyIds();
  for (const [key, values] of await countByKey(db)) {
    if (ours.includes(key)) continue;
    logger.error(
      { key, values, ours },
      "credentials and signing secrets cannot be opened: they were sealed with another master key. Their endpoints and channels stand still until CURLEW_MASTER_KEY holds that key too",
    );
  }
}

/** `curlew rotate-master-key` changes the file under a running server. */
function followKeptKeys(dataDir: string, vault: Vault): void {
  const kept = lookAtKeptKeys(dataDir);
  if (kept && kept.map(keyIdOf).join() !== vault.keyIds().join()) vault.change(kept);
}
