import { readRecords } from "../figures/records.ts";
import { type Spread, spreadOf } from "../figures/statistics.ts";

/** How many of the events that were published are looked at: those of the first groups. */
export function countWatched(published: string, groups: number): number {
  let count = 0;
  readRecords(published, (_, group) => {
    if (group < groups) count++;
  });
  return count;
}

/** What was published to the first groups, when, and how long it took until its webhook was received. */
export interface Journey {
  at: number;
  /** Null: it never came. */
  ms: number | null;
}

/** Each of the groups has one endpoint, of the same number. What came twice counts once. */
export function journeysOf(published: string, received: string, groups: number): Journey[] {
  const open = new Map<string, Journey & { group: number }>();
  readRecords(published, (id, group, at) => {
    if (group < groups) open.set(id, { group, at, ms: null });
  });
  readRecords(received, (id, endpoint, at) => {
    const journey = open.get(id);
    if (journey?.group === endpoint) journey.ms ??= at - journey.at;
  });
  return [...open.values()];
}

/** From the request to the webhook received, ms, of what was published from a moment on to the first groups. */
export function latenciesOf(
  published: string,
  received: string,
  { groups, from }: { groups: number; from: number },
): { fromRequest: Spread; missing: number } {
  const all = journeysOf(published, received, groups).filter(({ at }) => at >= from);
  const latencies = all.flatMap(({ ms }) => ms ?? []);
  return {
    fromRequest: spreadOf(Float64Array.from(latencies)),
    missing: all.length - latencies.length,
  };
}

/** From the request to its answer, ms, of what was sent from a moment on. */
export function answerTimesOf(accepted: string, from: number): Spread {
  const times: number[] = [];
  readRecords(accepted, (_, __, sentAt, answeredAt) => {
    if (sentAt >= from) times.push(answeredAt - sentAt);
  });
  return spreadOf(Float64Array.from(times));
}
