import { randomBytes } from "node:crypto";
import { keepKeys, putAway, readKeptKeys } from "../config/master-key.ts";
import type { Queryable } from "../core/events/recording.ts";
import type { Clock } from "../core/outside/clock.ts";
import { StartError } from "../core/start-error.ts";
import { amount } from "../core/wording.ts";
import { createVault, keyIdOf } from "../runtime/secrets/vault.ts";
import type { Connections } from "../storage/connections/connections.ts";
import { type KeyHolder, listKeyHolders } from "../storage/instance/processes.ts";
import { countByKey } from "../storage/instance/sealed-columns.ts";
import { refuseOtherSchema } from "../storage/migrate.ts";
import { sayHowFar } from "./how-far.ts";
import { openInstallation, type UpkeepDeps } from "./installation.ts";
import { type Resealed, resealAll } from "./reseal.ts";

const KEY_BYTES = 32;
const LOOK_EVERY_MS = 250;
/** A process whose heart has not beaten for so long is gone: nothing is waited for. */
const SILENT_MS = 6_000;
const LONGEST_WAIT_MS = 20_000;
const LOCK_KEY = 4_841_190_535;

/**
 * Seals everything anew with the first master key while servers run, and lets the others go. Killed, it
 * is begun again by the same command and goes on where it was.
 */
export async function rotateMasterKey(deps: UpkeepDeps): Promise<void> {
  const installation = await openInstallation(deps);
  try {
    const { connections } = installation;
    await refuseOtherSchema(connections);
    await alone(connections, () => rotate(deps, connections));
  } finally {
    await installation.close();
  }
}

/**
 * Two at a time would make a key each, of which the data directory keeps one: what the other has sealed
 * would be lost with it. Who was killed lets go with his session.
 */
async function alone(connections: Connections, work: () => Promise<void>): Promise<void> {
  const pool = connections.lane("rotate", 1);
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ taken: boolean }>({
      text: "select pg_try_advisory_lock($1) as taken",
      values: [LOCK_KEY],
    });
    if (!rows[0]?.taken) {
      throw new StartError(
        "Another rotate-master-key is under way on this database. Nothing was changed by this one.",
      );
    }
    await work();
  } finally {
    client.release(true);
    await pool.end();
  }
}

async function rotate(deps: UpkeepDeps, connections: Connections): Promise<void> {
  const { config, clock, print } = deps;
  const db = connections.pool;
  const isKept = config.masterKeys.length === 0;
  const inUse = await countByKey(db);
  const keys = isKept ? await keptKeysWithNew(deps) : givenKeys(deps, inUse);
  const [first, ...old] = keys;
  if (!first) return;
  const newId = keyIdOf(first);
  await untilEverybodySeals(db, clock, newId, isKept);
  const toDo = [...inUse].reduce((sum, [id, n]) => sum + (id === newId ? 0 : n), 0);
  const sum: Resealed = { resealed: 0, unopened: 0 };
  const said = sayHowFar(
    deps,
    () => `${sum.resealed} of ${amount(toDo, "value")} sealed anew with the master key ${newId}.`,
  );
  try {
    await resealAll(connections, createVault(keys), newId, sum);
  } finally {
    said();
  }
  print(`${amount(sum.resealed, "value")} sealed anew with the master key ${newId}.`);
  const left = await countByKey(db);
  left.delete(newId);
  if (left.size > 0) {
    const words = [...left].map(([id, n]) => `${id} (${amount(n, "value")})`).join(", ");
    throw new StartError(
      sum.unopened > 0
        ? `Still in use: ${words}. ${amount(sum.unopened, "value")} could not be opened with any of your keys: give the key that sealed them too, and run this again.`
        : `Still in use: ${words}. Something was sealed meanwhile: run this again.`,
    );
  }
  if (!isKept) {
    print(
      `No other key is in use. ${old.map(keyIdOf).join(", ")} can go: set CURLEW_MASTER_KEY to the first key alone and restart the processes one after the other.`,
    );
  } else {
    // Old backups need it: it has its place before it leaves the other.
    const away = await Promise.all(old.map((key) => putAway(config.dataDir, key, keyIdOf(key))));
    await keepKeys(config.dataDir, [first]);
    for (const path of away) {
      print(`No other key is in use. The old one was put away: ${path}.`);
    }
    print("Keep a copy of the new one in a safe place: curlew export-key.");
  }
  print("Backups that were taken before need the old key: keep it for as long as you keep them.");
}

/** A new key before those of the data directory; where an earlier run has made one, that. */
async function keptKeysWithNew({ config, print }: UpkeepDeps): Promise<Uint8Array[]> {
  const kept = await readKeptKeys(config.dataDir);
  if (!kept) {
    throw new StartError(
      `There is no master key in ${config.dataDir}. Set CURLEW_MASTER_KEY as the server has it.`,
    );
  }
  if (kept.length > 1) {
    print("Going on with what an earlier run has begun.");
    return kept;
  }
  const keys = [randomBytes(KEY_BYTES), ...kept];
  await keepKeys(config.dataDir, keys);
  return keys;
}

/** What the environment gives. With one key there is nothing to change to: says how. */
function givenKeys(
  { config, print }: UpkeepDeps,
  inUse: ReadonlyMap<string, number>,
): Uint8Array[] {
  const keys = config.masterKeys.map((key) => Buffer.from(key.reveal(), "base64"));
  const [first] = keys;
  if (!first || keys.length > 1) return keys;
  const others = [...inUse.keys()].filter((id) => id !== keyIdOf(first));
  if (others.length > 0) {
    throw new StartError(
      `CURLEW_MASTER_KEY holds the key ${keyIdOf(first)} alone, and ${others.join(", ")} is in use as well. Give both, the new one first, with a comma between.`,
    );
  }
  print(
    `Everything is sealed with the one key in CURLEW_MASTER_KEY, ${keyIdOf(first)}. To change it:\n` +
      "  1. Make a new one: openssl rand -base64 32\n" +
      "  2. Set CURLEW_MASTER_KEY=<new>,<old> for every process, and restart them one after the other.\n" +
      "  3. Run curlew rotate-master-key with the same two.\n" +
      "  4. Set CURLEW_MASTER_KEY=<new>, and restart them again.",
  );
  return [];
}

/** A process that does not have the new key could not open what is sealed with it. */
async function untilEverybodySeals(
  db: Queryable,
  clock: Clock,
  newId: string,
  isKept: boolean,
): Promise<void> {
  const startedAt = clock.monotonic();
  const seen = new Map<number, { heartbeat: number; since: number }>();
  for (;;) {
    const now = clock.monotonic();
    const late = (await listKeyHolders(db)).filter(({ id, heartbeat, keyIds }) => {
      if (keyIds[0] === newId) return false;
      const before = seen.get(id);
      const since = before?.heartbeat === heartbeat ? before.since : now;
      seen.set(id, { heartbeat, since });
      return now - since < SILENT_MS;
    });
    if (late.length === 0) return;
    if (now - startedAt > LONGEST_WAIT_MS) throw new StartError(wordsOnLate(late, newId, isKept));
    await clock.sleep(LOOK_EVERY_MS);
  }
}

function wordsOnLate(late: readonly KeyHolder[], newId: string, isKept: boolean): string {
  const names = late.map(
    ({ name, keyIds }) => `  ${name} (${keyIds.join(", ") || "does not say"})`,
  );
  const remedy = isKept
    ? "They do not use this data directory's key: stop them, and run this again."
    : "Restart them with CURLEW_MASTER_KEY=<new>,<old>, the new one first, and run this again.";
  return `Nothing was changed: these processes do not seal with ${newId} yet.\n${names.join("\n")}\n${remedy}`;
}
