/* oxlint-disable typescript/no-explicit-any -- the document is taken apart by hand */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ERRORS } from "../../src/core/errors.ts";
import { EVENT_SCHEMAS } from "../../src/core/events/event-schemas.ts";
import { EVENT_TYPES } from "../../src/core/events/event-types.ts";
import { ADVICE } from "../../src/core/problem-types.ts";
import { createTestApi } from "../support/api/api.ts";

interface Operation {
  operationId?: string;
  summary?: string;
  requestBody?: unknown;
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
}

let api: Awaited<ReturnType<typeof createTestApi>>;
// biome-ignore lint/suspicious/noExplicitAny: a document that the tests below take apart
let document: any;
let operations: (Operation & { path: string; method: string })[];

beforeAll(async () => {
  api = await createTestApi();
  document = await (await api.app.request("/openapi.json")).json();
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({
      ...operation,
      path,
      method,
    })),
  );
});
afterAll(() => api.close());

describe("the API's description", () => {
  test("is OpenAPI 3.1 and holds the routes", () => {
    expect(document.openapi).toBe("3.1.0");
    expect(operations.length).toBeGreaterThan(25);
    expect(operations.map(({ path }) => path)).toContain("/v1/endpoints/{id}");
  });

  test("names every operation once, and says what it does", () => {
    const names = operations.map(({ operationId }) => operationId);
    expect(names.every((name) => /^[a-z][A-Za-z]+$/.test(name ?? ""))).toBe(true);
    expect(new Set(names).size).toBe(names.length);
    expect(operations.filter(({ summary }) => !summary)).toEqual([]);
  });

  test("says of every route below /v1 what it refuses", () => {
    for (const { path, method, requestBody, responses } of operations) {
      if (!path.startsWith("/v1/")) continue;
      const expected = [
        "401",
        "403",
        "422",
        "500",
        "503",
        ...(requestBody ? ["400", "413", "415"] : []),
      ];
      expect(Object.keys(responses), `${method} ${path}`).toEqual(expect.arrayContaining(expected));
      for (const [status, { content }] of Object.entries(responses)) {
        if (Number(status) < 400) continue;
        expect(Object.keys(content ?? {})).toEqual(["application/problem+json"]);
      }
    }
  });

  test("keeps the refusals that any route has beside a route's own of the same status", () => {
    const { responses } = document.paths["/v1/endpoints"].post;
    for (const code of ["invalid_request", "unknown_event_type", "address_refused"]) {
      expect(responses["422"].description).toContain(code);
    }
  });

  test("has a webhook for every event type of the catalogue", () => {
    expect(Object.keys(document.webhooks)).toEqual(EVENT_TYPES.map(({ type }) => type));
  });

  test("says of every event type what its data holds, of operational ones too", () => {
    for (const { type } of EVENT_TYPES) {
      const { schema } = document.webhooks[type].post.requestBody.content["application/json"];
      const [event, own] = schema.allOf;
      expect(event).toEqual({ $ref: "#/components/schemas/Event" });
      expect(own.properties.type).toMatchObject({ enum: [type] });
      expect(own.properties.data).toMatchObject({ ...EVENT_SCHEMAS[type] });
    }
    const { data } =
      document.webhooks["secret.rotated"].post.requestBody.content["application/json"].schema
        .allOf[1].properties;
    expect(data.required).toEqual([
      ...["endpoint_id", "endpoint_name"],
      ...["step", "secret_id", "retiring_until"],
    ]);
  });

  test("leads with every reference to something", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(50);
    for (const [, pointer] of references) {
      const [kind = "", name = ""] = (pointer ?? "").split("/");
      expect(document.components[kind], pointer).toHaveProperty([name]);
    }
  });

  test("describes ids and instants as text", () => {
    const { properties } = document.components.schemas.Endpoint;
    expect(properties.id).toMatchObject({ type: "string" });
    expect(properties.created_at).toMatchObject({ type: "string", format: "date-time" });
    const draft = document.components.schemas.EndpointDraft;
    expect(draft.properties.account_ids.items).toMatchObject({ type: "string" });
    expect(draft).toMatchObject({ required: ["name", "url"], additionalProperties: false });
  });
});

describe("every error", () => {
  const codes = Object.keys(ERRORS);

  test("is in the reference, and nothing else is", () => {
    const file = new URL("../../../../docs/reference/errors.md", import.meta.url);
    const rows = [
      ...readFileSync(file, "utf8").matchAll(/^\| `(\w+)` \| (\d+) \| (.+?) \| (.+) \|$/gm),
    ];
    const documented = rows.map(([, code, status, title, advice]) => ({
      ...{ code, status: Number(status), title, advice },
    }));
    const known = Object.entries(ERRORS).map(([code, { status, title }]) => ({
      ...{ code, status, title, advice: new Map(Object.entries(ADVICE)).get(code) },
    }));
    expect(documented).toEqual(known);
  });

  test("is in the API's description, and nothing else is", () => {
    expect(document.components.schemas.Problem.properties.code.enum).toEqual(codes);
  });

  test.each(codes)("%s has its page", async (code) => {
    const page = await api.app.request(`/problems/${code}`);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await page.text()).toContain(code);
  });
});

describe("what watches a process", () => {
  test("finds health, readiness and metrics without a key", async () => {
    expect(await (await api.app.request("/healthz")).json()).toEqual({ status: "ok" });
    expect(await (await api.app.request("/readyz")).json()).toEqual({
      status: "ready",
      checks: {},
    });
    const metrics = await api.app.request("/metrics");
    expect(metrics.headers.get("content-type")).toMatch(/^text\/plain/);
  });
});

describe("the pages for people", () => {
  test("load nothing from elsewhere and run nothing that is no file of ours", async () => {
    const page = await api.app.request("/docs");
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain("unsafe");
    const text = await page.text();
    expect(text).not.toMatch(/<script(?![^>]* src="\/)/);
    for (const [, address] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const file = await api.app.request(address ?? "");
      expect(file.status, address).toBe(200);
    }
  });

  test("stand at / as long as no dashboard is built", async () => {
    expect(await (await api.app.request("/")).text()).toContain('href="/docs"');
  });
});
