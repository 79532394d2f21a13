import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SendInput } from "../../src/http/send/send-body.ts";
import { createTestApi } from "../support/api/api.ts";
import { type Desk, openDesk } from "../support/engine/desk.ts";
import { openTown, type Town } from "../support/engine/town.ts";

let api: Awaited<ReturnType<typeof createTestApi>>;
let town: Town;
let desk: Desk;
beforeAll(async () => {
  api = await createTestApi();
  town = await openTown();
  desk = await openDesk(town);
});
afterAll(async () => {
  await api.close();
  await town.end();
});

const filled = (count: number, value: (at: number) => unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-h-${at}`, value(at)]));
const many = <T>(count: number, value: T) => Array.from({ length: count }, () => value);
const nested = (levels: number): object =>
  levels === 1 ? { "data.a": 1 } : { not: nested(levels - 1) };
const LONG = "m".repeat(41);

/** What goes too far by one, and the words with which it is refused. */
const ENDPOINT_LIMITS: [limit: string, body: object, pointer: string, words: string][] = [
  ["a timeout of 60 s", { timeout_ms: 60_001 }, "/timeout_ms", "must be at most 60000"],
  ["a timeout of 100 ms at least", { timeout_ms: 99 }, "/timeout_ms", "must be at least 100"],
  ["20 headers of its own", { headers: filled(21, () => "v") }, "/headers", "may hold 20 headers"],
  [
    "2,048 characters of a header",
    { headers: { "x-a": "v".repeat(2_049) } },
    "/headers/x-a",
    "is longer than 2048 characters",
  ],
  ["20 retries", { retry_schedule: many(21, 1) }, "/retry_schedule", "must have at most 20 items"],
  [
    "a week between retries",
    { retry_schedule: [604_801] },
    "/retry_schedule/0",
    "must be at most 604800",
  ],
  ["10,000 requests a second", { rate_limit: 10_001 }, "/rate_limit", "must be at most 10000"],
  [
    "100 characters of a name",
    { name: "n".repeat(101) },
    "/name",
    "must be at most 100 characters",
  ],
  [
    "500 characters of a description",
    { description: "d".repeat(501) },
    "/description",
    "must be at most 500 characters",
  ],
  [
    "2,048 characters of a URL",
    { url: `https://example.com/${"u".repeat(2_040)}` },
    "/url",
    "must be at most 2048 characters",
  ],
  ["100 types", { events: many(101, "order.shipped") }, "/events", "must have at most 100 items"],
  [
    "50 entries of metadata",
    { metadata: filled(51, () => "v") },
    "/metadata",
    "may hold 50 entries",
  ],
  [
    "40 characters of their names",
    { metadata: { [LONG]: "v" } },
    `/metadata/${LONG}`,
    "must have a name of 1 to 40 characters",
  ],
  [
    "500 characters of their values",
    { metadata: { m: "v".repeat(501) } },
    "/metadata/m",
    "must be at most 500 characters",
  ],
  [
    "50 conditions of a filter",
    { filter: { all: many(51, { "data.a": 1 }) } },
    "/filter/all/50/data.a",
    "is one more than the 50 that a filter holds",
  ],
  [
    "5 levels of a filter",
    { filter: nested(6) },
    `/filter${"/not".repeat(5)}`,
    "is nested more than 5 deep",
  ],
  [
    "100 values of a condition",
    { filter: { "data.a": many(101, 1).map((one, at) => one + at) } },
    "/filter/data.a",
    "must hold 1 to 100 values",
  ],
  [
    "4,096 characters of a filter",
    { filter: { "data.a": "x".repeat(4_096) } },
    "/filter",
    "may have 4096 characters as JSON",
  ],
  ["100 channels", { channels: many(101, "whatsapp") }, "/channels", "must have at most 100 items"],
  [
    "100 campaigns",
    { campaign_ids: many(101, "spring") },
    "/campaign_ids",
    "must have at most 100 items",
  ],
  [
    "100 custom fields",
    { custom_fields: many(101, "size") },
    "/custom_fields",
    "must have at most 100 items",
  ],
];

describe("an endpoint may have", () => {
  test.each(ENDPOINT_LIMITS)("%s, and no more", async (_, more, pointer, words) => {
    const body = { name: "CRM", url: "https://example.com/hooks", ...more };
    const answer = await api.call("POST", "/endpoints", body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(422);
    expect(answer.body).toMatchObject({ code: "invalid_request", detail: `${pointer}: ${words}` });
    expect(answer.body.errors).toEqual([{ pointer, detail: words }]);
  });
});

const sized = (bytes: number) => {
  const empty = JSON.stringify({ type: "a.b", data: { text: "" } }).length;
  return { type: "a.b", data: { text: "x".repeat(bytes - empty) } };
};
const PUBLISH_LIMITS: [limit: string, body: () => unknown, code: string, words: string][] = [
  [
    "an event of 256 KiB",
    () => sized(256 * 1024 + 1),
    "event_too_large",
    "The event has more than 262144 bytes.",
  ],
  [
    "1,000 events",
    () => many(1_001, { type: "a.b", data: {} }),
    "batch_too_large",
    "One request publishes 1000 events at most.",
  ],
  [
    "4 MiB of events",
    () => many(17, sized(256 * 1024)),
    "body_too_large",
    "The body is too large. A body may have 4194304 bytes here.",
  ],
  [
    "255 characters of a key",
    () => ({ type: "a.b", data: {}, idempotency_key: "k".repeat(256) }),
    "invalid_request",
    "/idempotency_key: must be at most 255 characters",
  ],
  [
    "200 characters of a campaign",
    () => ({ type: "a.b", data: {}, campaign_id: "c".repeat(201) }),
    "invalid_request",
    "/campaign_id: must be at most 200 characters",
  ],
];

describe("a request that publishes may have", () => {
  test.each(PUBLISH_LIMITS)("%s, and no more", async (_, body, code, words) => {
    const { body: answer } = await desk.call("POST", "/events", body());
    expect(answer).toMatchObject({ code, detail: words });
  });
});

const SEND_LIMITS: [limit: string, body: object, pointer: string, words: string][] = [
  [
    "64 characters of a ticket's reference",
    { ticket_ref: "t".repeat(65) },
    "ticket_ref",
    "must be at most 64 characters",
  ],
  ["5 alternatives", { fallback: many(6, { text: "x" }) }, "fallback", "must have at most 5 items"],
  [
    "100,000 characters of text",
    { text: "x".repeat(100_001) },
    "text",
    "must be at most 100000 characters",
  ],
  [
    "4,096 characters of metadata",
    { metadata: { m: "x".repeat(4_100) } },
    "metadata",
    "may have 4096 characters as JSON",
  ],
];

describe("a message may have", () => {
  test.each(SEND_LIMITS)("%s, and no more", (_, more, field, words) => {
    const read = SendInput.safeParse({ to_phone: "+16505551234", text: "x", ...more });
    expect(read.error?.issues.map(({ path, message }) => [path.join("/"), message])).toEqual([
      [field, words],
    ]);
  });
});

describe("a key", () => {
  test.each([
    ["has a name of 100 characters", { name: "k".repeat(101), scopes: ["*"] }, "/name"],
    ["has the scopes that there are", { name: "Till", scopes: ["everything"] }, "/scopes/0"],
  ])("%s at most, and says so", async (_, body, pointer) => {
    const answer = await api.call("POST", "/api-keys", body);
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_request" } });
    expect(answer.body.errors).toMatchObject([{ pointer }]);
  });

  test("goes on beside its successor for 30 days, and no longer", async () => {
    const made = await api.call("POST", "/api-keys", { name: "Till", scopes: ["*"] });
    const answer = await api.call("POST", `/api-keys/${made.body.id}/rotate`, {
      overlap_s: 30 * 86_400 + 1,
    });
    expect(answer).toMatchObject({
      status: 422,
      body: { code: "invalid_request", detail: "/overlap_s: must be at most 2592000" },
    });
  });
});

test("a list may be asked for 100 at a time, and no more", async () => {
  const answer = await api.call("GET", "/endpoints?limit=101");
  expect(answer.status).toBe(422);
  expect(answer.body.detail).toBe("limit: must be at most 100");
});
