import { providerOf } from "../channels/registry.ts";
import type { Signal } from "../core/sending/outgoing.ts";
import type { SendOutcome } from "../core/sending/send-outcome.ts";
import { findChannelMeans } from "../storage/sending/sending.ts";
import { NO_CREDENTIALS, type SenderDeps, senderOf, UNSENDABLE } from "./sender.ts";

/**
 * Shows a customer that somebody types, or that what they wrote was read. Nothing is recorded, and
 * nothing is tried again: it would come too late.
 */
export async function sendSignal(
  deps: SenderDeps,
  channelId: string,
  signal: Signal,
): Promise<SendOutcome> {
  const means = await findChannelMeans(deps.db, channelId);
  if (means === null) return { kind: "refused", class: "request", error: UNSENDABLE };
  const provider = providerOf(means.kind);
  if (!provider?.signals) return { kind: "refused", class: "request", error: UNSENDABLE };
  const sender = senderOf(deps, provider, channelId, means);
  if (sender === "key missing") return { kind: "not_sent", reason: "its master key is missing" };
  if (sender === null) return NO_CREDENTIALS;
  return provider.signals.send(deps.http, deps.places, sender, signal);
}
