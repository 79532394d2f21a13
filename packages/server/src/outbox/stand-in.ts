import type { AcceptorSpec, Recording } from "../core/events/recording.ts";
import { lockFallbacks, noteStandIns } from "../storage/sending/fallbacks.ts";
import { keepMessages, type StandIn, type Winner } from "./accept-send.ts";

export interface FailedUnit {
  messageId: string;
}

/**
 * Keeps what stands in for messages that have failed, each under the key of the first, and answers
 * its id: once, however often it is asked. Null where nothing may stand in.
 */
export function standInSpec(): AcceptorSpec<FailedUnit, string | null> {
  return {
    name: "stand in",
    maxUnits: 50,
    laneOf: ({ messageId }) => [messageId],
    run: standIn,
  };
}

async function standIn(
  recording: Recording,
  units: readonly FailedUnit[],
): Promise<(string | null)[]> {
  const { tx } = recording;
  const ids = [...new Set(units.map(({ messageId }) => messageId))];
  const fallbacks = await lockFallbacks(tx, ids);
  const winners = new Map<string, Winner>();
  for (const { messageId, units: text, key, nextId } of fallbacks.values()) {
    if (nextId !== null) continue;
    const [first, ...rest] = JSON.parse(text) as StandIn[]; // written by `keepMessages` alone
    // A list that is used up is never kept.
    if (first === undefined) continue;
    const unit = { ...first, sendAt: null, fallback: rest, key: null };
    winners.set(messageId, { unit, messageId: recording.newId(), key });
  }
  await keepMessages(recording, [...winners.values()]);
  const pairs = [...winners].map(([messageId, next]) => ({ messageId, nextId: next.messageId }));
  await noteStandIns(tx, pairs);
  return units.map(
    ({ messageId }) =>
      winners.get(messageId)?.messageId ?? fallbacks.get(messageId)?.nextId ?? null,
  );
}
