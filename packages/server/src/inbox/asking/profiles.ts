import type { FoundProfile } from "../../channels/find-profile.ts";
import { providerOf } from "../../channels/registry.ts";
import type { ChannelKind } from "../../core/messages/channel-kinds.ts";
import type { IdentityName } from "../../core/messages/inbound.ts";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import type { ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";

export interface ProfileDeps {
  http: ProviderHttp;
  places: ProviderPlaces;
  /** How a channel proves itself; null where it cannot, or is gone. */
  findSender(channelId: string): Promise<Sender | null>;
}

/** Whether a channel's payloads leave out who writes, and its provider tells when asked. */
export function isAskedFor(kind: ChannelKind, identity: IdentityName): boolean {
  const names: Partial<Record<ChannelKind, string>> = { messenger: "psid", instagram: "igsid" };
  return names[kind] === identity.kind;
}

/** Asks the provider who somebody is. Never rejects. */
export async function findProfile(
  { http, places, findSender }: ProfileDeps,
  channelId: string,
  person: IdentityName,
  deadlineMs: number,
): Promise<FoundProfile> {
  try {
    const sender = await findSender(channelId);
    const ask = sender && providerOf(sender.kind)?.findProfile;
    if (!ask) return { kind: "later", reason: "the channel has no credentials that can be used" };
    return await ask(http, places, sender, person, deadlineMs);
  } catch {
    return { kind: "later", reason: "a fault of ours" };
  }
}
