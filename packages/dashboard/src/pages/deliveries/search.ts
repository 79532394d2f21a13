import * as z from "zod/mini";

const text = z.optional(z.string());

/** What narrows a list of deliveries, as its address says it. */
export const deliveryFilters = {
  endpoint: text,
  type: text,
  channel: text,
  conversation: text,
  range: text,
  q: text,
};

export const deliveriesSearch = z.object({
  ...deliveryFilters,
  state: text,
  /** The delivery that stands open, and which of its attempts. */
  open: text,
  attempt: text,
});

export const deliverySearch = z.object({ attempt: text });

export type DeliveriesAddress = z.output<typeof deliveriesSearch>;

const RANGES_MS: Record<string, number> = {
  "1h": 3_600_000,
  "24h": 86_400_000,
  "7d": 7 * 86_400_000,
  "30d": 30 * 86_400_000,
};

/** The beginning of a range, to the minute: the same list is asked for while somebody looks at it. */
export function sinceOf(range: string | undefined, now: number): string | undefined {
  const ms = range === undefined ? undefined : RANGES_MS[range];
  if (ms === undefined) return undefined;
  return new Date(Math.floor((now - ms) / 60_000) * 60_000).toISOString();
}
