import { expect, test } from "vitest";
import { takesNow } from "./health.ts";

const FAILURE = { at: "2026-11-21T10:20:00.000Z", status: 500, error: null };
const hour = (at: string, delivered: number, failed: number) => ({
  ...{ hour: `2026-11-21T${at}:00:00.000Z`, delivered, failed },
  ...{ slow: 0, average_ms: 5 },
});

test.each([
  ["one that only ever failed fails, before its breaker knows", [hour("10", 0, 3)], false],
  ["one that took the latest takes it", [hour("09", 0, 3), hour("10", 4, 0)], true],
  ["of one that was sent nothing nobody knows", [], null],
])("%s", (_, hours, verdict) => {
  const health = {
    ...{ endpoint_id: "ep_1", state: "enabled" as const, failing_since: null, missed: null },
    breaker: { state: "closed" as const, opened_at: null, failed_probes: 0, next_probe_at: null },
    ...{ last_failure: FAILURE, waiting: 0, behind_since: null, hours },
    process: { in_flight: 0, in_memory: 0, slots: 4 },
  };
  expect(takesNow(health)).toBe(verdict);
  const open = { ...health.breaker, state: "open" as const };
  expect(takesNow({ ...health, breaker: open })).toBe(false);
});
