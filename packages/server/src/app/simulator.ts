import { createHmac } from "node:crypto";
import type { Config } from "../config/config.ts";
import { isLoopback } from "../http/access/loopback.ts";
import { SimulatorPhones } from "../http/simulator/phones.ts";
import { SimulatorHost } from "../runtime/simulator-host.ts";
import { simulatorEntry } from "./built-files.ts";
import type { Ground } from "./ground.ts";
import type { Outbound } from "./outbound.ts";

/** Who plays providers, where the operator lets it: it starts when it is first needed. */
export interface Simulator {
  host: SimulatorHost;
  phones: SimulatorPhones;
  /** What it signs Meta's webhooks with. */
  appSecret: string;
  /** Why there is none, for a person; null where there is. */
  reason: string | null;
}

export function openSimulator(
  { config, clock, db, closing }: Ground,
  o: {
    outbound: Outbound;
    signInSecret: string;
    openCredentials(sealed: string, channelId: string): string;
  },
): Simulator {
  const { ownAddress, providers } = o.outbound;
  const isAllowed = config.simulator ?? isOnlyHere(config);
  // The same in every process and after every start: channels keep it among their credentials.
  const appSecret = createHmac("sha256", o.signInSecret).update("simulator").digest("hex");
  const host = new SimulatorHost({
    entry: isAllowed ? simulatorEntry() : null,
    appSecret,
    onStarted: (url) => phones.started(url),
  });
  closing.add(() => host.close());
  const phones = new SimulatorPhones({
    ...{ db, clock, http: providers },
    simulatorUrl: () => host.url(),
    callbacks: () => ({ publicBase: ownAddress.base, localBase: ownAddress.local }),
    openCredentials: o.openCredentials,
  });
  const reason = !isAllowed
    ? "Channels are simulated where only this machine reaches the server; CURLEW_SIMULATOR=on allows it here."
    : host.isAvailable
      ? null
      : "The simulator is not installed here.";
  return { host, phones, appSecret, reason };
}

/** Whether nobody but this machine can reach the server. */
export function isOnlyHere({ host, publicUrl }: Config): boolean {
  return isLoopback(host) && publicUrl === null;
}
