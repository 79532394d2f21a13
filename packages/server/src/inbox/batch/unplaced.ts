import type { Recording } from "../../core/events/recording.ts";
import type { InboundItem, InboundRequest } from "../../core/messages/inbound.ts";
import { canPurge } from "../../core/workspaces/settings.ts";
import { insertUnroutable } from "../../storage/channels/unroutable.ts";
import { insertWaiting } from "../../storage/conversations/waiting.ts";
import { isPurgingAnywhere } from "../../storage/workspaces/settings-levels.ts";
import { KEPT_RAW, keptItem } from "./purge.ts";
import type { Sorted } from "./sort.ts";

/** How long what came too early waits for its message. */
const WAIT_MS = 10 * 60_000;

/** What belongs nowhere is shown to somebody; what came too early waits. */
export async function keepUnplaced(
  recording: Recording,
  requests: readonly InboundRequest[],
  sorted: Sorted,
): Promise<void> {
  const { tx, now } = recording;
  const providerOf = (unit: number | null) => requests[unit ?? 0]?.provider ?? "meta";
  const mayKeep = sorted.strays.length === 0 || !(await isPurgingAnywhere(tx));
  await insertUnroutable(
    tx,
    sorted.strays.map(({ item, unit, reason }) => ({
      id: recording.newId(),
      provider: providerOf(unit),
      reason,
      channelKind: item.channel?.kind ?? null,
      externalId: item.channel?.externalId ?? null,
      // Whose it is cannot be said: where anybody's bodies are destroyed, it may be theirs.
      payload: mayKeep || isOfOpenKind(item) ? item.raw : KEPT_RAW,
      receivedAt: now,
    })),
  );
  await insertWaiting(
    tx,
    sorted.early.map(({ placed, target }) => ({
      id: recording.newId(),
      channelId: placed.route.channel.id,
      target,
      provider: providerOf(placed.unit),
      item: placed.route.purges ? keptItem(placed.item) : placed.item,
      receivedAt: now,
      expiresAt: now + WAIT_MS,
    })),
  );
}

/** Of a kind of channel whose bodies are never destroyed. */
function isOfOpenKind({ channel }: InboundItem): boolean {
  return channel !== null && !canPurge(channel.kind);
}
