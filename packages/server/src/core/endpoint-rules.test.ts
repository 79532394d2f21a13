import { describe, expect, test } from "vitest";
import {
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
    ["disable", "pending", null],
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
