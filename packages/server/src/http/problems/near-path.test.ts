import { describe, expect, test } from "vitest";
import { createNearPath } from "./near-path.ts";

const near = createNearPath([
  ...["/v1/endpoints", "/v1/endpoints/:id", "/v1/endpoints/:id/pause", "/v1/endpoints/:id/test"],
  ...["/v1/events", "/v1/events/:id", "/v1/event-types", "/v1/dead-letters/replay"],
  ...["/healthz", "/", "/docs/assets/:file", "/assets/*", "/:file{[\\w-]+\\.js}"],
]);

describe("an address that is not there is told with the one that was meant", () => {
  test.each([
    ["/v1/endpoint", "/v1/endpoints"],
    ["/v1/endpoints/", "/v1/endpoints"],
    ["//v1//endpoints", "/v1/endpoints"],
    ["/v1/Endpoints", "/v1/endpoints"],
    ["/v1/endpoint/ep_1", "/v1/endpoints/ep_1"],
    ["/v1/endpoints/ep_1/pauze", "/v1/endpoints/ep_1/pause"],
    ["/v1/event_types", "/v1/event-types"],
    ["/v1/deadletters/reply", "/v1/dead-letters/replay"],
    ["/endpoints/ep_1", "/v1/endpoints/ep_1"],
    ["/healtz", "/healthz"],
  ])("%s: %s", (path, meant) => {
    expect(near(path)).toBe(meant);
  });

  test.each([
    ["/v1/nowhere"],
    ["/v2/endpoints"],
    ["/v1/endpoints/ep_1/resume"],
    ["/v1"],
    ["/robots.txt"],
    [`/v1/${"endpoints".repeat(1_000)}`],
  ])("unless none is near: %s", (path) => {
    expect(near(path)).toBeNull();
  });
});
