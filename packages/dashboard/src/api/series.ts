import { queryOptions } from "@tanstack/react-query";
import { now } from "../words/ticking.ts";
import { api, taken } from "./client.ts";
import { asRefused } from "./problem.ts";

/** How far back charts look, everywhere the same. */
export const RANGES = ["1h", "24h", "7d", "30d"] as const;
export type Range = (typeof RANGES)[number];

type Step = "minute" | "hour" | "day";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const STEPS_MS: Record<Step, number> = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };
const ASKED: Record<Range, { step: Step; points: number }> = {
  "1h": { step: "minute", points: 60 },
  "24h": { step: "hour", points: 24 },
  "7d": { step: "hour", points: 7 * 24 },
  "30d": { step: "day", points: 30 },
};
const LIVE_MS = 5_000;
/** Minutes are counted one by one. */
const LIVE_MINUTES_MS = 15_000;

/** Books, requests and latency of a range, from one snapshot: of the workspace, or of one endpoint. */
export const seriesQuery = (range: Range, endpointId: string | null = null) =>
  queryOptions({
    queryKey: ["series", endpointId, range],
    queryFn: async () => {
      const { step, points } = ASKED[range];
      try {
        return await ask(step, points, endpointId);
      } catch (error) {
        // Too much happened for minutes to be counted.
        const isTooMuch = step === "minute" && asRefused(error).at("step") !== undefined;
        if (!isTooMuch) throw error;
        return ask("hour", 2, endpointId);
      }
    },
    refetchInterval: range === "1h" ? LIVE_MINUTES_MS : LIVE_MS,
  });

function ask(step: Step, points: number, endpointId: string | null) {
  // The minute, hour or day that is now is one of them.
  const from = new Date(now() - (points - 1) * STEPS_MS[step]).toISOString();
  const query = { step, from, ...(endpointId === null ? {} : { endpoint_id: endpointId }) };
  return taken(api.GET("/v1/series", { params: { query } }));
}
