import type { Config } from "../config/config.ts";
import type { ProviderHttp } from "../core/outside/provider-http.ts";
import type { ProviderPlaces, Sender } from "../core/sending/outgoing.ts";
import { findSender } from "../outbox/sender.ts";
import { placesWithSimulator, withSimulator } from "../runtime/simulator-host.ts";
import { traceProviders } from "../runtime/telemetry/tracing.ts";
import { credentialsPlace } from "../storage/channels/channels.ts";
import type { Ground } from "./ground.ts";
import type { Outbound } from "./outbound.ts";
import { openSimulator, type Simulator } from "./simulator.ts";

/** How channels' providers are reached, and what a channel proves itself with there. */
export interface Providers {
  http: ProviderHttp;
  places: Pick<Config, "meta" | "twilio" | "publicUrl">;
  /** Where a channel's provider is: of a simulated one it is the simulator. */
  placesOf(sender: Sender | null): Promise<ProviderPlaces>;
  openCredentials(sealed: string, channelId: string): string;
  findSender(channelId: string): Promise<Sender | null>;
  simulator: Simulator;
}

export function openProviders(
  ground: Ground,
  { outbound, signInSecret }: { outbound: Outbound; signInSecret: string },
): Providers {
  const { config, db, logger, tracing, vault } = ground;
  const openCredentials = (sealed: string, channelId: string) =>
    vault.open(sealed, credentialsPlace(channelId));
  const simulator = openSimulator(ground, { outbound, signInSecret, openCredentials });
  const simulatorUrl = () => simulator.host.url();
  const places = { meta: config.meta, twilio: config.twilio, publicUrl: config.publicUrl };
  const finding = { db, openCredentials, logger: logger.child({ room: "media" }) };
  return {
    http: traceProviders(tracing, withSimulator(outbound.providers, simulatorUrl)),
    places,
    placesOf: placesWithSimulator(places, simulatorUrl),
    openCredentials,
    findSender: (channelId) => findSender(finding, channelId),
    simulator,
  };
}
