import type { ChannelKind } from "../core/messages/channel-kinds.ts";
import { instagram } from "./instagram/provider.ts";
import { messenger } from "./messenger/provider.ts";
import type { Provider } from "./provider.ts";
import { sms } from "./twilio/provider.ts";
import { whatsapp } from "./whatsapp/provider.ts";

const PROVIDERS: ReadonlyMap<ChannelKind, Provider> = new Map(
  [messenger, instagram, whatsapp, sms].map((each) => [each.kind, each]),
);

/** How channels of this kind send; null for a kind that this version cannot send by. */
export function providerOf(kind: ChannelKind): Provider | null {
  return PROVIDERS.get(kind) ?? null;
}
