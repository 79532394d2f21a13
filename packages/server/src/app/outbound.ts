import { availableParallelism } from "node:os";
import type { Config } from "../config/config.ts";
import { OwnAddress } from "../http/catchers/own-address.ts";
import { parseAllowTargets } from "../runtime/network/address-guard.ts";
import { createGuard, type Guard } from "../runtime/network/guard.ts";
import { createProviderClient, type ProviderClient } from "../runtime/network/provider-client.ts";
import { readProxy } from "../runtime/network/proxy-connector.ts";
import { loopLoad, ownLoop } from "../runtime/telemetry/loop-load.ts";
import { createTimerWheel, type TimerWheel } from "../runtime/timer-wheel.ts";
import { createSendingClient } from "../runtime/webhooks/sending-client.ts";
import { createWebhookClient, type WebhookClient } from "../runtime/webhooks/webhook-client.ts";
import type { Ground } from "./ground.ts";

/** The ways out of this process. */
export interface Outbound {
  wheel: TimerWheel;
  /** Judges every address that a tenant can name. */
  guard: Guard;
  ownAddress: OwnAddress;
  /** To endpoints, from this process itself: few requests, which can be given up. */
  webhooks: WebhookClient;
  /** To endpoints, for deliveries. */
  deliveries: WebhookClient;
  /** Webhooks leave from this process because no thread for them starts. */
  isWithoutSendingThread(): boolean;
  /** How busy this thread, or the sending one, was since this was last asked, 0 to 1. */
  load(): number;
  /** Webhooks that could leave if this process were faster. */
  backlog(): number;
  /** To providers, real ones only. */
  providers: ProviderClient;
}

export function openOutbound({ config, clock, logger, closing }: Ground): Outbound {
  const wheel = createTimerWheel({ clock });
  wheel.start();
  closing.add(() => wheel.stop());
  const ownAddress = new OwnAddress(config.publicUrl);
  const { allowTargets } = config;
  const guard = createGuard({
    allow: parseAllowTargets(allowTargets),
    exempt: (url) => ownAddress.isCatcher(url),
  });
  const proxy = config.egressProxy && readProxy(config.egressProxy.reveal());
  const webhooks = createWebhookClient({ clock, wheel, guard, proxy });
  closing.add(() => webhooks.close());
  const threaded = hasSendingThread(config)
    ? createSendingClient({ clock, logger, guard, proxy, allowTargets, here: webhooks })
    : null;
  if (threaded) closing.add(() => threaded.close());
  const providers = createProviderClient({ clock, wheel });
  closing.add(() => providers.close());
  return {
    ...{ wheel, guard, ownAddress, webhooks, providers },
    deliveries: threaded ?? webhooks,
    isWithoutSendingThread: () => threaded?.isWithoutThread ?? false,
    backlog: () => threaded?.backlog ?? 0,
    load: loopLoad([ownLoop, ...(threaded ? [threaded.eventLoopUtilization] : [])]),
  };
}

/** A thread more is worth it where it has a core to run on, in a process that sends. */
function hasSendingThread({ sendingThread, role }: Config): boolean {
  return role !== "api" && (sendingThread ?? availableParallelism() > 1);
}
