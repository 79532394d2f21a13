import { randomBytes } from "node:crypto";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Simulator, startSimulator } from "../../packages/simulator/src/index.ts";
import { type CurlewProcess, startCurlew } from "./curlew-process.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

const TICK_MS = 1_000;

/** The three parties of the demo, each on a port of its own of this machine's loopback address. */
export interface Stage {
  readonly curlew: CurlewProcess;
  readonly meta: Simulator;
  readonly receiver: Receiver;
  readonly adminKey: string;
  /** Where Curlew keeps its data as long as the demo is up. */
  readonly directory: string;
  /** Stops everything and removes what was kept. */
  strike(): Promise<void>;
}

export async function raiseStage(): Promise<Stage> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "curlew-demo-")));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  // Also where the demo is cut short and nothing is waited for.
  process.once("exit", remove);
  const cleanUp = [async () => remove()];
  const strike = async () => {
    for (const each of cleanUp.splice(0).reverse()) await each();
    process.off("exit", remove);
  };
  try {
    const secrets = { appSecret: word("app-secret"), verifyToken: word("verify-token") };
    const receiver = await startReceiver();
    cleanUp.push(() => receiver.close());
    const settings = { statuses: "sent,delivered,read" };
    const meta = await startSimulator({ ...secrets, settings, tickEveryMs: TICK_MS });
    cleanUp.push(() => meta.close());
    const adminKey = word("demo-key");
    const curlew = await startCurlew({
      ...secrets,
      ...{ adminKey, dataDir: directory, graphUrl: meta.url },
    });
    cleanUp.push(() => curlew.stop());
    return { curlew, meta, receiver, adminKey, directory, strike };
  } catch (error) {
    await strike();
    throw error;
  }
}

function word(name: string): string {
  return `${name}-${randomBytes(9).toString("hex")}`;
}
