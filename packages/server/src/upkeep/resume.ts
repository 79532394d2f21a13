import { StartError } from "../core/start-error.ts";
import { amount } from "../core/wording.ts";
import { readHold, release } from "../storage/instance/instance-hold.ts";
import { refuseOtherSchema } from "../storage/migrate.ts";
import { cancelQueued } from "../storage/sending/outbox.ts";
import { openInstallation, type UpkeepDeps } from "./installation.ts";

export interface ResumeOptions {
  /** Null for everything. */
  only: "deliveries" | "messages" | null;
  cancelMessages: boolean;
}

/** Lets leave what the instance holds back. Running servers go on within a heartbeat. */
export async function resume(deps: UpkeepDeps, o: ResumeOptions): Promise<void> {
  const { clock, print } = deps;
  if (o.only === "deliveries" && o.cancelMessages) {
    throw new StartError(
      "--cancel-messages lets messages go on: it does not go with --only deliveries.",
    );
  }
  const installation = await openInstallation(deps);
  try {
    const { connections } = installation;
    await refuseOtherSchema(connections);
    const { deliveriesSince, messagesSince, reason } = await readHold(connections.pool);
    if (deliveriesSince === null && messagesSince === null) {
      print("Nothing is held back.");
      return;
    }
    const deliveries = o.only !== "messages";
    const messages = o.only !== "deliveries";
    const cancelled = await connections.transaction(async (tx) => {
      const count = o.cancelMessages ? await cancelQueued(tx, clock.now()) : 0;
      await release(tx, { deliveries, messages });
      return count;
    });
    print(`Held back until now: ${reason ?? ""}`);
    if (o.cancelMessages) {
      print(
        `${amount(cancelled, "message")} cancelled: each fails with the code "cancelled" when a server runs.`,
      );
    }
    const left = await readHold(connections.pool);
    print(left.deliveriesSince === null ? "Deliveries leave." : "Deliveries are still held back.");
    print(left.messagesSince === null ? "Messages leave." : "Messages are still held back.");
  } finally {
    await installation.close();
  }
}
