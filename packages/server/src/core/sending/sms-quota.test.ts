import { describe, expect, test } from "vitest";
import { nextMonth, quotaNews } from "./sms-quota.ts";

describe("a quota of SMS", () => {
  test.each([
    [0, 1, null, null],
    [0, 1, 10, null],
    [7, 8, 10, "quota.warned"],
    [8, 9, 10, null],
    [9, 10, 10, "quota.exceeded"],
    [0, 50, 10, "quota.exceeded"],
    [10, 11, 10, null],
    [0, 1, 1, "quota.exceeded"],
    [0, 1, 0, null],
  ])("from %i to %i of %s tells %s", (before, after, limit, news) => {
    expect(quotaNews({ workspaceId: "w", before, after, limit })).toBe(news);
  });

  test.each([
    ["2026-11-30T23:59:59.999Z", "2026-12-01T00:00:00.000Z"],
    ["2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"],
  ])("of %s begins anew at %s", (now, at) => {
    expect(new Date(nextMonth(Date.parse(now))).toISOString()).toBe(at);
  });
});
