import { readRecords } from "./records.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** How many of the events that were published are looked at: those of the first groups. */
export function countWatched(published: string, groups: number): number {
  let count = 0;
  readRecords(published, (_, group) => {
    if (group < groups) count++;
  });
  return count;
}

/**
 * From the request to the webhook received, ms, of what was published from a moment on to the first
 * groups. Each of these has one endpoint, of the same number. What came twice counts once.
 */
export function latenciesOf(
  published: string,
  received: string,
  { groups, from }: { groups: number; from: number },
): { fromRequest: Spread; missing: number } {
  const sent = new Map<string, { group: number; at: number }>();
  readRecords(published, (id, group, at) => {
    if (group < groups && at >= from) sent.set(id, { group, at });
  });
  const latencies: number[] = [];
  readRecords(received, (id, endpoint, at) => {
    const event = sent.get(id);
    if (event === undefined || event.group !== endpoint) return;
    sent.delete(id);
    latencies.push(at - event.at);
  });
  return { fromRequest: spreadOf(Float64Array.from(latencies)), missing: sent.size };
}

/** From the request to its answer, ms, of what was sent from a moment on. */
export function answerTimesOf(accepted: string, from: number): Spread {
  const times: number[] = [];
  readRecords(accepted, (_, __, sentAt, answeredAt) => {
    if (sentAt >= from) times.push(answeredAt - sentAt);
  });
  return spreadOf(Float64Array.from(times));
}
