import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestApi } from "../support/api/api.ts";
import { conformanceTo } from "../support/api/conformance.ts";

let api: Awaited<ReturnType<typeof createTestApi>>;
const ids: Record<string, string> = {};

beforeAll(async () => {
  api = await createTestApi();
  const make = async (path: string, body: object) =>
    (await api.call("POST", path, body)).body.id as string;
  ids["/workspaces"] = api.workspaceId;
  ids["/accounts"] = await make("/accounts", { name: "a" });
  ids["/api-keys"] = await make("/api-keys", { name: "k", scopes: ["*"] });
  const channel = { kind: "whatsapp", name: "c", external_id: "1" };
  ids["/channels"] = await make("/channels", channel);
  ids["/endpoints"] = await make("/endpoints", { name: "e", url: "https://example.com" });
});
afterAll(() => api.close());

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("whatsapp", "https://example.com", "*", "message.*", "curlew", "1", "en"),
);
const value = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(text, { maxLength: 3 }),
  fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 3 }),
  fc.dictionary(text, text, { maxKeys: 3 }),
  fc.jsonValue({ maxDepth: 2 }),
);
const fields = [
  ...["name", "url", "events", "channels", "account_ids", "headers", "metadata", "filter", "auth"],
  ...["retry_schedule", "timeout_ms", "secret", "kind", "external_id", "credentials", "settings"],
  ...["scopes", "expires_at", "account_id", "is_default", "ai_enabled", "overlap_s", "enabled"],
];
/** What a client might send that nearly knows what it does. */
const nearly = fc.oneof(
  fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 6 }),
  fc.record({
    name: text,
    url: text,
    kind: fc.constant("whatsapp"),
    external_id: text,
    scopes: value,
  }),
  fc.record({
    name: fc.string({ minLength: 1 }),
    url: fc.constant("https://example.com"),
    events: value,
  }),
  fc.jsonValue(),
);

describe("whatever is sent, the answer is one that the description has", () => {
  test.each([
    ["POST", "/workspaces"],
    ["PATCH", "/workspaces"],
    ["POST", "/accounts"],
    ["PATCH", "/accounts"],
    ["POST", "/api-keys"],
    ["POST", "/channels"],
    ["PATCH", "/channels"],
    ["POST", "/endpoints"],
    ["PATCH", "/endpoints"],
    ["PATCH", "/settings"],
  ])("to %s %s", async (method, path) => {
    const target = method === "PATCH" && ids[path] ? `${path}/${ids[path]}` : path;
    await fc.assert(
      fc.asyncProperty(nearly, async (body) => {
        const { status } = await api.call(method, target, body);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 100 },
    );
  });
});

test("an answer that is not as described is noticed", () => {
  const requireDescribed = conformanceTo(api.document);
  const answer = {
    method: "GET",
    path: `/v1/accounts/${ids["/accounts"]}`,
    status: 200,
    contentType: "application/json",
  };
  const body = { id: "acc_1", serial: 1, name: "a", external_id: null, settings: {} };
  const whole = { ...body, created_at: "2026-11-21T10:00:00.000Z" };
  expect(() => requireDescribed({ ...answer, body: whole })).not.toThrow();
  expect(() => requireDescribed({ ...answer, body })).toThrow(/created_at/);
  expect(() => requireDescribed({ ...answer, body: whole, status: 202 })).toThrow(/not described/);
});
