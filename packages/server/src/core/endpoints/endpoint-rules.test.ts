import { describe, expect, test } from "vitest";
import {
  afterVerification,
  type EndpointAction,
  type EndpointStateName,
  firstState,
  headerProblem,
  repeatedHeader,
  stateAfter,
} from "./endpoint-rules.ts";

describe("a header of an endpoint's own", () => {
  test.each([
    ["X-Tenant", "42"],
    ["authorization", "Bearer abc"],
    ["x_underscore", ""],
    ["x-json", '{"a": 1}'],
  ])("may be %s: %s", (name, value) => {
    expect(headerProblem(name, value)).toBeNull();
  });

  test.each([
    ["Webhook-Signature", "x"],
    ["webhook-anything", "x"],
    ["Content-Length", "0"],
    ["HOST", "example.com"],
    ["Transfer-Encoding", "chunked"],
    ["Connection", "close"],
    ["Proxy-Authorization", "x"],
    ["Content-Type", "text/plain"],
    ["", "x"],
    ["x y", "x"],
    ["x:", "x"],
    ["é", "x"],
    ["x-ok", "a\r\nwebhook-id: 1"],
    ["x-ok", "a\nb"],
    ["x-ok", "é"],
    ["x-ok", " padded"],
    ["x-ok", "x".repeat(3000)],
  ])("may not be %j: %j", (name, value) => {
    expect(headerProblem(name, value)).toEqual(expect.any(String));
  });

  test("stands there once, whatever its case", () => {
    expect(repeatedHeader(["X-A", "x-b"])).toBeNull();
    expect(repeatedHeader(["X-A", "x-b", "x-a"])).toBe("x-a");
  });
});

describe("an action on an endpoint", () => {
  test.each<[EndpointAction, EndpointStateName, EndpointStateName | null]>([
    ["enable", "pending", null],
    ["enable", "enabled", "enabled"],
    ["enable", "disabled", "enabled"],
    ["enable", "paused", "enabled"],
    ["disable", "pending", "disabled"],
    ["disable", "enabled", "disabled"],
    ["disable", "disabled", "disabled"],
    ["disable", "paused", "disabled"],
    ["pause", "pending", null],
    ["pause", "enabled", "paused"],
    ["pause", "disabled", null],
    ["pause", "paused", "paused"],
    ["resume", "pending", null],
    ["resume", "enabled", "enabled"],
    ["resume", "disabled", null],
    ["resume", "paused", "enabled"],
  ])("%s takes one that is %s to %s", (action, before, after) => {
    expect(stateAfter(action, before)).toBe(after);
  });
});

describe("a new endpoint", () => {
  test.each<[EndpointStateName, boolean | undefined, EndpointStateName]>([
    ["enabled", undefined, "enabled"],
    ["enabled", true, "enabled"],
    ["enabled", false, "disabled"],
    ["disabled", undefined, "disabled"],
    ["disabled", true, "enabled"],
    ["pending", undefined, "pending"],
    ["pending", true, "pending"],
    ["pending", false, "pending"],
  ])("of a dialect that begins %s, asked to be enabled: %s, is %s", (initial, enabled, state) => {
    expect(firstState(initial, enabled)).toBe(state);
  });
});

describe("a verification", () => {
  const failed = { verified: false, reason: "It answered 500." };
  const passed = { verified: true, reason: null };
  const reason = "Verification failed. It answered 500.";

  test.each<[EndpointStateName]>([["pending"], ["enabled"], ["disabled"], ["paused"]])(
    "that fails keeps one that is %s, disabled, with the reason",
    (state) => {
      const before = { state, stateReason: null, verifiedAt: 5 };
      expect(afterVerification(before, failed, { now: 9, wish: null })).toEqual({
        ...{ state: "disabled", stateReason: reason, disabledBy: "user", verifiedAt: null },
      });
    },
  );

  test.each<
    [
      string,
      EndpointStateName,
      string | null,
      number | null,
      "enabled" | "disabled" | null,
      EndpointStateName,
    ]
  >([
    ["enables what waited for it", "pending", null, null, null, "enabled"],
    ["enables what had failed", "disabled", reason, null, null, "enabled"],
    ["leaves disabled what a person has disabled", "disabled", null, 5, null, "disabled"],
    [
      "leaves disabled what was disabled before it was verified",
      "disabled",
      null,
      null,
      null,
      "disabled",
    ],
    ["leaves paused what is paused", "paused", null, 5, null, "paused"],
    ["leaves enabled what is enabled", "enabled", null, 5, null, "enabled"],
    ["enables what a person wants enabled", "disabled", null, 5, "enabled", "enabled"],
    ["disables what a person wants disabled", "pending", null, null, "disabled", "disabled"],
  ])("that succeeds %s", (_, state, stateReason, verifiedAt, wish, after) => {
    expect(afterVerification({ state, stateReason, verifiedAt }, passed, { now: 9, wish })).toEqual(
      {
        ...{ state: after, stateReason: null, verifiedAt: 9 },
        disabledBy: after === "disabled" ? "user" : null,
      },
    );
  });
});
