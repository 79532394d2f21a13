import { resolve } from "node:path";
import { readKeptKeys } from "../../config/master-key.ts";
import { keyIdOf } from "../../runtime/secrets/vault.ts";
import { refuseUnfinishedRestore } from "../../storage/backup/restore.ts";
import { findFaults } from "../../storage/check-server.ts";
import type { Connections } from "../../storage/connections/connections.ts";
import { hasDatabase } from "../../storage/embedded/visit-embedded.ts";
import { readQueueGauges } from "../../storage/figures/queue-gauges.ts";
import {
  readInstallationFacts,
  whyUnreachable,
} from "../../storage/instance/installation-facts.ts";
import { readHold } from "../../storage/instance/instance-hold.ts";
import { listKeyHolders } from "../../storage/instance/processes.ts";
import { countByKey } from "../../storage/instance/sealed-columns.ts";
import { refuseOtherSchema } from "../../storage/migrate.ts";
import { openInstallation, type UpkeepDeps } from "../installation.ts";
import {
  type Finding,
  fault,
  judgeAddress,
  judgeInstallation,
  judgeKeys,
  judgeMachine,
  warning,
} from "./judge.ts";
import { addressFacts, machineFacts } from "./surroundings.ts";

const FEW_DAYS_AHEAD = 2;

export interface ExamineDeps extends UpkeepDeps {
  nodeVersion: string;
  environment: Readonly<Record<string, string | undefined>>;
}

/** Everything that is wrong with an installation, as far as it can be seen from this machine. */
export async function examine(deps: ExamineDeps): Promise<Finding[]> {
  const findings = deps.config.warnings.map((text) =>
    warning(text.endsWith("?") ? text : `${text}.`),
  );
  findings.push(...judgeMachine(await machineFacts(deps)));
  const { found, channels } = await examineDatabase(deps);
  findings.push(...found);
  findings.push(...judgeAddress({ ...(await addressFacts(deps)), channels }));
  return findings;
}

interface DatabaseExamined {
  found: Finding[];
  channels: Record<string, number>;
}

async function examineDatabase(deps: ExamineDeps): Promise<DatabaseExamined> {
  const { config } = deps;
  const nothing = (text: string) => ({ found: [fault(text)], channels: {} });
  const dataDir = resolve(config.dataDir);
  if (config.databaseUrl !== null) {
    const why = await whyUnreachable(config.databaseUrl.reveal());
    if (why !== null) return nothing(why);
  } else if (!hasDatabase(dataDir)) {
    return nothing(
      `There is no database in ${dataDir} yet. Start the server, or name its data directory with CURLEW_DATA_DIR.`,
    );
  }
  const installation = await inWords(() => openInstallation(deps, { mayBeUnfit: true }));
  if (typeof installation === "string") return nothing(installation);
  try {
    return await examineOpened(deps, installation.connections);
  } finally {
    await installation.close();
  }
}

async function examineOpened(
  deps: ExamineDeps,
  connections: Connections,
): Promise<DatabaseExamined> {
  const { config, clock } = deps;
  const isEmbedded = config.databaseUrl === null;
  const found = (isEmbedded ? [] : await findFaults(connections)).map(fault);
  const schema =
    (await inWords(() => refuseUnfinishedRestore(connections))) ??
    (await inWords(() => refuseOtherSchema(connections)));
  // The rest can only be asked of tables that are there.
  if (typeof schema === "string") return { found: [...found, fault(schema)], channels: {} };
  const db = connections.pool;
  const facts = await readInstallationFacts(db);
  found.push(...judgeInstallation(facts, { machineMs: clock.now(), isEmbedded }));
  found.push(...(await examineKeys(deps, connections)));
  const { deliveriesSince, messagesSince, reason } = await readHold(db);
  if (deliveriesSince !== null || messagesSince !== null) {
    const what = deliveriesSince === null ? "No message leaves" : "Nothing leaves";
    found.push(warning(`${what} until curlew resume. ${reason ?? ""}`));
  }
  const { livingProcesses, partitionDaysAhead } = await readQueueGauges(db, clock.now());
  if (livingProcesses > 0 && partitionDaysAhead < FEW_DAYS_AHEAD) {
    found.push(
      fault(
        `Tables are ready for ${partitionDaysAhead} days ahead only: housekeeping fails, and without a table for the day nothing can be accepted. The server's log says why.`,
      ),
    );
  }
  return { found, channels: facts.channels };
}

async function examineKeys({ config }: ExamineDeps, { pool }: Connections): Promise<Finding[]> {
  const given = config.masterKeys.map((key) => Buffer.from(key.reveal(), "base64"));
  const keys = given.length > 0 ? given : ((await readKeptKeys(config.dataDir)) ?? []);
  return judgeKeys({
    ours: keys.map(keyIdOf),
    inUse: await countByKey(pool),
    processes: await listKeyHolders(pool),
  });
}

/** What an operator is told when it is refused; else what it gives. */
async function inWords<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === "StartError") return error.message;
    throw error;
  }
}
