import type { ChannelKind } from "../messages/channel-kinds.ts";
import type { SendError } from "./send-outcome.ts";

/**
 * What a provider's refusal tells of the customer's own wish: Twilio refuses whom it has heard say STOP,
 * also where we have not. Null where it tells nothing of the kind. Other providers' refusals speak of some
 * sort of message alone.
 */
export function optOutIn(kind: ChannelKind, error: SendError | null): { evidence: string } | null {
  const isOptOut = kind === "sms" && error?.code === "opted_out" && error.provider_code !== null;
  return isOptOut ? { evidence: `Twilio refused a message: ${error.provider_code}` } : null;
}
