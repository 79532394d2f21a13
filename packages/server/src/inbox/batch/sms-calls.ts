import type { EventDraft, Recording } from "../../core/events/recording.ts";
import { quotaDrafts } from "../../core/sending/sms-quota.ts";
import { countSmsCalls } from "../../storage/sending/sms-usage.ts";
import type { Heard } from "./sort.ts";

/**
 * Counts the messages of ours that Twilio turns out to have although its answer was lost: a status is
 * the first word about them. Gives what is to be told of the quota.
 */
export async function countHeard(
  { tx, now }: Recording,
  heard: readonly Heard[],
  leftOutbox: readonly string[],
): Promise<EventDraft[]> {
  const first = new Set(leftOutbox);
  const ids = heard.flatMap(({ route, message }) =>
    route.channel.kind === "sms" && first.has(message.id) ? [message.id] : [],
  );
  return quotaDrafts(await countSmsCalls(tx, [...new Set(ids)], now), now);
}
