import { describe, expect, test } from "vitest";
import { askAgainAt, controlOf } from "./answer-control.ts";

const NOW = Date.UTC(2026, 2, 2, 9);
const SECOND = 1_000;
const DAY = 24 * 60 * 60 * SECOND;

describe("Retry-After", () => {
  test.for([
    ["seconds", "120", 120 * SECOND],
    ["none at all", "0", 0],
    ["a date", "Mon, 02 Mar 2026 09:10:00 GMT", 600 * SECOND],
    ["a date that is over", "Mon, 02 Mar 2026 08:00:00 GMT", -3600 * SECOND],
    ["more than a day", "999999", DAY],
    ["a date next year", "Fri, 01 Jan 2027 00:00:00 GMT", DAY],
    ["spaces around it", " 5 ", 5 * SECOND],
  ] as const)("as %s says when to ask again", ([, retryAfter, after]) => {
    expect(askAgainAt({ status: 429, headers: { retryAfter } }, NOW)).toBe(NOW + after);
    expect(askAgainAt({ status: 503, headers: { retryAfter } }, NOW)).toBe(NOW + after);
  });

  test.for([
    "",
    "soon",
    "-1",
    "1.5",
    "1e3",
    "2026-03-02T09:10:00Z",
    "Mon, 99 Mar 2026 09:10:00 GMT",
  ])("%j says nothing", (retryAfter) => {
    expect(askAgainAt({ status: 429, headers: { retryAfter } }, NOW)).toBeNull();
  });

  test("counts only for a receiver that is too busy", () => {
    for (const status of [200, 301, 400, 404, 410, 500, 502, 504]) {
      expect(askAgainAt({ status, headers: { retryAfter: "60" } }, NOW)).toBeNull();
    }
    expect(askAgainAt({ status: 429, headers: {} }, NOW)).toBeNull();
  });
});

describe("a receiver's answer", () => {
  test("asks for the end of all deliveries by 410 or by the header, also in a success", () => {
    expect(controlOf({ status: 410, headers: {} })).toBe("gone");
    expect(controlOf({ status: 500, headers: { deliveryControl: "disable" } })).toBe("disable");
    expect(controlOf({ status: 200, headers: { deliveryControl: " Disable " } })).toBe("disable");
  });

  test("asks for the end of this delivery, unless it has just taken it", () => {
    expect(controlOf({ status: 400, headers: { deliveryControl: "abort-message" } })).toBe("abort");
    expect(controlOf({ status: 204, headers: { deliveryControl: "abort-message" } })).toBeNull();
  });

  test("asks for nothing in words that nobody knows", () => {
    expect(controlOf({ status: 404, headers: {} })).toBeNull();
    expect(controlOf({ status: 500, headers: { deliveryControl: "pause" } })).toBeNull();
  });
});
