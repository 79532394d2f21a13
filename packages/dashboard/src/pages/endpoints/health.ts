import type { Shape } from "../../api/client.ts";

type Health = Shape<"EndpointHealth">;
type Hour = Health["hours"][number];

const HOUR_MS = 3_600_000;
const HOURS = 24;

/** The last 24 hours, the oldest first; what is left out had no requests. */
export function hoursOf(
  { hours }: Pick<Health, "hours">,
  now: number,
): { delivered: number; failed: number }[] {
  const known = new Map(hours.map((each) => [Date.parse(each.hour), each]));
  const last = now - (now % HOUR_MS);
  return Array.from({ length: HOURS }, (_, n) => {
    const hour = known.get(last - (HOURS - 1 - n) * HOUR_MS);
    return { delivered: hour?.delivered ?? 0, failed: hour?.failed ?? 0 };
  });
}

/** The requests of these hours together; `share` of those that were accepted, null when there were none. */
export function sumOf(hours: readonly Hour[]): {
  delivered: number;
  failed: number;
  share: number | null;
  averageMs: number | null;
} {
  const sum = (pick: (hour: Hour) => number) => hours.reduce((all, hour) => all + pick(hour), 0);
  const delivered = sum((hour) => hour.delivered);
  const failed = sum((hour) => hour.failed);
  const all = delivered + failed;
  const ms = sum((hour) => hour.average_ms * (hour.delivered + hour.failed));
  return {
    ...{ delivered, failed },
    share: all === 0 ? null : delivered / all,
    averageMs: all === 0 ? null : ms / all,
  };
}

/** What is known of whether it takes anything now; null: nothing was sent to it in the last 24 hours. */
export function takesNow(health: Health): boolean | null {
  if (isFailing(health)) return false;
  return health.hours.some(({ delivered }) => delivered > 0) ? true : null;
}

/** It fails now, as a person would say: since a while, with its breaker open, or all of the latest hour. */
export function isFailing(health: Health | undefined): boolean {
  if (health === undefined) return false;
  const latest = health.hours.toSorted((a, b) => Date.parse(b.hour) - Date.parse(a.hour))[0];
  const onlyFails = latest !== undefined && latest.failed > 0 && latest.delivered === 0;
  return health.failing_since !== null || health.breaker.state !== "closed" || onlyFails;
}
