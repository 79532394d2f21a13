import { request } from "node:http";
import { serve } from "@hono/node-server";
import { createRoute, z } from "@hono/zod-openapi";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { CurlewError } from "../../src/core/errors.ts";
import {
  idParams,
  idSchema,
  isSerial,
  jsonAnswer,
  jsonBody,
  listQuery,
  newRoutes,
  requireAdmin,
  requireScope,
  toPage,
} from "../../src/http/api.ts";
import { httpApp, jsonRequest, principalWith, recordingLogger } from "../support/api/http.ts";

const Thing = z.strictObject({
  name: z.string().min(1),
  channel_id: idSchema("ch").optional(),
  notes: z.array(z.strictObject({ text: z.string() })).optional(),
  data: z.unknown().optional(),
});

function thingRoutes() {
  const routes = newRoutes();
  routes.openapi(
    createRoute({
      method: "post",
      path: "/things",
      operationId: "makeThing",
      request: { body: jsonBody(Thing) },
      responses: { 201: jsonAnswer("Made.", z.object({ name: z.string(), channel: z.string() })) },
    }),
    (c) => {
      const { name, channel_id } = c.req.valid("json");
      return c.json({ name, channel: channel_id ?? "none" }, 201);
    },
  );
  routes.openapi(
    createRoute({
      method: "get",
      path: "/things",
      operationId: "listThings",
      request: {
        query: listQuery({ state: z.enum(["open", "closed"]).optional() }, isSerial),
      },
      responses: { 200: jsonAnswer("A page.", z.object({}).loose()) },
    }),
    (c) => {
      const { limit, cursor } = c.req.valid("query");
      const first = Number(cursor ?? 0);
      const rows = Array.from({ length: 45 }, (_, i) => i + 1).filter((n) => n > first);
      return c.json(
        toPage(rows.slice(0, limit + 1), limit, String, (n) => ({ n })),
        200,
      );
    },
  );
  routes.openapi(
    createRoute({
      method: "get",
      path: "/things/{id}",
      operationId: "getThing",
      middleware: requireScope("endpoints:read"),
      request: { params: idParams("ep") },
      responses: { 200: jsonAnswer("It.", z.object({ uuid: z.string() })) },
    }),
    (c) => c.json({ uuid: c.req.valid("param").id }, 200),
  );
  routes.openapi(
    createRoute({
      method: "post",
      path: "/things/break",
      operationId: "breakThing",
      middleware: requireAdmin,
      responses: { 200: { description: "Never." } },
    }),
    () => {
      throw new Error("the password is hunter2");
    },
  );
  routes.openapi(
    createRoute({
      method: "post",
      path: "/things/refuse",
      operationId: "refuseThing",
      responses: { 200: { description: "Never." } },
    }),
    () => {
      throw new CurlewError("too_many_requests", "Slowly.", {
        retryAfterS: 7,
        extra: { limit: 10, status: 1 },
      });
    },
  );
  return routes;
}

const app = httpApp({ routes: [thingRoutes()] });

async function problemOf(response: Response | Promise<Response>) {
  const answer = await response;
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const body = (await answer.json()) as Record<string, unknown>; // asserted field by field
  expect(body).toMatchObject({
    type: `/problems/${body["code"]}`,
    status: answer.status,
    title: expect.any(String),
    detail: expect.any(String),
    request_id: answer.headers.get("x-request-id"),
  });
  return body;
}

describe("a request that cannot be served is answered with a problem", () => {
  test.each([
    ["malformed JSON", 400, "malformed_json", jsonRequest("POST", '{"name":')],
    ["an empty body", 400, "malformed_json", jsonRequest("POST", "")],
    [
      "another media type",
      415,
      "unsupported_media_type",
      { method: "POST", body: "name=a", headers: { "content-type": "text/plain" } },
    ],
    ["a body without its type", 415, "unsupported_media_type", { method: "POST", body: "{}" }],
    ["a method that is not offered", 405, "method_not_allowed", { method: "DELETE" }],
  ])("%s", async (_, status, code, init) => {
    expect(await problemOf(app.request("/v1/things", init))).toMatchObject({ status, code });
  });

  test.each([
    [
      '{\n  "name": "Ann",\n}',
      'at line 3, column 1 there is "}" in the place of a name in double quotes.',
    ],
    ['{"name":', "it ends at line 1, column 9, where a value is missing."],
    ['{"name": \u00a01}', "at line 1, column 10 there is U+00A0 in the place of a value."],
  ])("a body that is not JSON is told where it stops being it: %j", async (body, where) => {
    expect(await problemOf(app.request("/v1/things", jsonRequest("POST", body)))).toMatchObject({
      detail: `The body could not be read as JSON: ${where}`,
    });
  });

  test("the methods that an address takes are listed", async () => {
    const answer = await app.request("/v1/things", { method: "PUT" });
    expect(answer.headers.get("allow")?.split(", ").sort()).toEqual(["GET", "HEAD", "POST"]);
  });

  test.each(["/nowhere", "/v1/nowhere", "/v1/things/ep_1", "/v1/things/msg_x", "/docs/assets/x"])(
    "nothing is at %s",
    async (path) => {
      expect(await problemOf(app.request(path))).toMatchObject({ code: "not_found" });
    },
  );

  test("where nothing is, what was meant is told, and where the reference is", async () => {
    const reference = "What there is stands at /docs and in /openapi.json.";
    const detailAt = async (path: string, method = "GET") =>
      (await problemOf(app.request(path, { method })))["detail"];
    expect(await detailAt("/v1/thing", "POST")).toBe(
      `There is nothing at /v1/thing; did you mean /v1/things? ${reference}`,
    );
    expect(await detailAt("/v1/nowhere")).toBe(`There is nothing at /v1/nowhere. ${reference}`);
    for (const path of ["/docs", "/openapi.json"]) {
      expect((await app.request(path)).status).toBe(200);
    }
    const worker = httpApp({ routes: [thingRoutes()], servesApi: false });
    expect((await problemOf(worker.request("/docs")))["detail"]).toBe("There is nothing at /docs.");
  });

  test("what the client may be told comes with it, and cannot pose as the rest", async () => {
    const answer = await app.request("/v1/things/refuse", { method: "POST" });
    expect(answer.headers.get("retry-after")).toBe("7");
    expect(await problemOf(answer)).toMatchObject({ code: "too_many_requests", limit: 10 });
  });

  test("who asks too often is told so in the headers of a rate limit too", async () => {
    const { headers } = await app.request("/v1/things/refuse", { method: "POST" });
    expect(headers.get("ratelimit")).toBe('"default";r=0;t=7');
    expect(headers.get("ratelimit-policy")).toBe('"default";q=10;w=1');
    const other = await app.request("/v1/nowhere");
    expect(other.headers.get("ratelimit")).toBeNull();
  });

  test("a fault of ours is logged whole and tells the client nothing", async () => {
    const logger = recordingLogger();
    const admin = { ...principalWith(), kind: "admin" as const };
    const broken = httpApp({ routes: [thingRoutes()], logger, principal: admin });
    const answer = await broken.request("/v1/things/break", { method: "POST" });
    const body = await problemOf(answer);
    expect(body).toMatchObject({ status: 500, code: "internal" });
    expect(JSON.stringify(body)).not.toContain("hunter2");
    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        level: "error",
        fields: expect.objectContaining({
          err: expect.objectContaining({ message: "the password is hunter2" }),
          request_id: body["request_id"],
        }),
      }),
    );
  });
});

describe("a field at fault is pointed at", () => {
  const errorsOf = async (body: unknown) =>
    (await problemOf(app.request("/v1/things", jsonRequest("POST", body))))["errors"];

  test.each([
    ["an unknown field", { name: "a", colour: "red" }, "/colour"],
    [
      "an unknown field inside a list",
      { name: "a", notes: [{ text: "", "a/b~": 1 }] },
      "/notes/0/a~1b~0",
    ],
    ["a wrong type", { name: 1 }, "/name"],
    ["somebody else's kind of id", { name: "a", channel_id: "ep_1" }, "/channel_id"],
    ["a NUL", { name: "a\0" }, "/name"],
    ["a NUL deep inside", { name: "a", data: { list: [1, { x: "\0" }] } }, "/data/list/1/x"],
    ["a NUL in a name", { name: "a", data: { "x\0": 1 } }, "/data"],
  ])("%s", async (_, body, pointer) => {
    expect(await errorsOf(body)).toEqual([{ pointer, detail: expect.any(String) }]);
  });

  test("all of them at once", async () => {
    expect(await errorsOf({ name: "", a: 1, b: 2 })).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ pointer: "/name" }),
        expect.objectContaining({ pointer: "/a" }),
        expect.objectContaining({ pointer: "/b" }),
      ]),
    );
  });

  test("letters that look like an escaped NUL are let through", async () => {
    const answer = await app.request("/v1/things", jsonRequest("POST", { name: "\\u0000" }));
    expect(answer.status).toBe(201);
  });

  test("a NUL in the address is refused", async () => {
    expect(await problemOf(app.request("/v1/things?cursor=%00"))).toMatchObject({
      code: "invalid_request",
    });
  });

  test("a body in another encoding than UTF-8 is refused, and not kept with signs in the place of letters", async () => {
    const body = Buffer.from('{"name":"José"}', "latin1");
    const headers = { "content-type": "application/json" };
    expect(await problemOf(app.request("/v1/things", { method: "POST", body, headers }))).toEqual(
      expect.objectContaining({
        code: "malformed_json",
        detail: "The body is not UTF-8, which JSON has to be.",
      }),
    );
    const replaced = jsonRequest("POST", '{"name":"Jos\ufffd"}');
    expect((await app.request("/v1/things", replaced)).status, "who writes it may").toBe(201);
  });

  test("an id of something else is told as what it is", async () => {
    const account = "acc_01h455vb4pex5vsknk084sn02q";
    const found = await problemOf(app.request(`/v1/things/${account}`));
    expect(found["detail"]).toBe(`There is no endpoint ${account}. This is the id of an account.`);
    const delivery = "dlv_01h455vb4pex5vsknk084sn02q_7";
    expect(await errorsOf({ name: "a", channel_id: delivery })).toEqual([
      { pointer: "/channel_id", detail: "is not the id of a channel, but of a delivery" },
    ]);
  });

  test("a parameter that is given twice is told so", async () => {
    const answer = app.request("/v1/things?state=open&state=closed&limit=1&limit=2");
    expect((await problemOf(answer))["errors"]).toEqual([
      { pointer: "limit", detail: "is given twice" },
      { pointer: "state", detail: "is given twice" },
    ]);
  });

  test("a parameter where a route takes none is refused, and nothing is done", async () => {
    const made = jsonRequest("POST", { name: "a" });
    expect(await problemOf(app.request("/v1/things?dry_run=true", made))).toMatchObject({
      code: "invalid_request",
      errors: [
        {
          pointer: "dry_run",
          detail: "is not known here: what this takes stands in the body",
        },
      ],
    });
    const read = app.request("/v1/things/ep_01h455vb4pex5vsknk084sn02q?expand=all");
    expect((await problemOf(read))["errors"]).toEqual([
      { pointer: "expand", detail: "is not known here" },
    ]);
    expect((await app.request("/v1/things?", made)).status).toBe(201);
  });

  test("a body that is nested without end is refused", async () => {
    const deep = `{"name":"a","data":${"[".repeat(5_000)}${"]".repeat(5_000)}}`;
    expect(await problemOf(app.request("/v1/things", jsonRequest("POST", deep)))).toMatchObject({
      code: "invalid_request",
    });
    const wide = { name: "a", data: { text: "[".repeat(5_000), list: Array(2_000).fill([]) } };
    expect((await app.request("/v1/things", jsonRequest("POST", wide))).status).toBe(201);
  });
});

describe("a list comes in pages", () => {
  test("that lead from one to the next until all was seen", async () => {
    const seen: number[] = [];
    let cursor: string | null = "";
    for (let pages = 0; cursor !== null && pages < 10; pages++) {
      const answer = await app.request(`/v1/things?limit=20${cursor && `&cursor=${cursor}`}`);
      const page = (await answer.json()) as {
        data: { n: number }[];
        has_more: boolean;
        next_cursor: string | null;
      }; // the shape that the schema gives
      expect(page.has_more).toBe(page.next_cursor !== null);
      seen.push(...page.data.map(({ n }) => n));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(Array.from({ length: 45 }, (_, i) => i + 1));
  });

  test.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=many", "limit"],
    ["cursor=***", "cursor"],
    ["cursor=", "cursor"],
    [`cursor=${Buffer.from("ep_1").toString("base64url")}`, "cursor"],
    [`cursor=${Buffer.from("2147483648").toString("base64url")}`, "cursor"],
    ["state=ajar", "state"],
    ["page=2", "page"],
  ])("?%s is refused", async (query, pointer) => {
    expect(await problemOf(app.request(`/v1/things?${query}`))).toMatchObject({
      status: 422,
      errors: [expect.objectContaining({ pointer })],
    });
  });
});

test("a key without the scope is told which one it needs", async () => {
  const confined = httpApp({ routes: [thingRoutes()], principal: principalWith("events:read") });
  const id = "ep_01h455vb4pex5vsknk084sn02q";
  expect(await problemOf(confined.request(`/v1/things/${id}`))).toMatchObject({
    code: "forbidden",
    detail: expect.stringContaining("endpoints:read"),
  });
  expect(await (await app.request(`/v1/things/${id}`)).json()).toEqual({
    uuid: "01890a5d-ac96-774b-bcce-b302099a8057",
  });
  expect(await problemOf(app.request("/v1/things/break", { method: "POST" }))).toMatchObject({
    code: "forbidden",
  });
});

describe("every request has an id", () => {
  const idOf = async (given: string) => {
    const answer = await app.request("/healthz", { headers: { "x-request-id": given } });
    return answer.headers.get("x-request-id");
  };

  test("the client's own, when it is safe to show", async () => {
    expect(await idOf("order-17.retry_2")).toBe("order-17.retry_2");
  });

  test.each(["a b", "a\tb", '"', "<script>", "x".repeat(129), "é", ""])(
    "a new one instead of %j",
    async (given) => {
      expect(await idOf(given)).toMatch(/^req_[0-9a-z]{26}$/);
    },
  );
});

test("the log shows route and status, never a query, a header or a body", async () => {
  const logger = recordingLogger();
  const observed: unknown[][] = [];
  const logged = httpApp({
    routes: [thingRoutes()],
    logger,
    metrics: {
      contentType: "text/plain",
      text: async () => "",
      http: (...request) => observed.push(request),
    },
  });
  await logged.request("/v1/things?cursor=canary", { headers: { authorization: "canary" } });
  await logged.request("/v1/things", jsonRequest("POST", { name: "canary" }));
  await logged.request("/v1/things/ep_canary_by_path");
  await logged.request("/canary-path");
  expect(JSON.stringify(logger.lines.slice(0, 2))).not.toContain("canary");
  expect(logger.lines.map(({ level }) => level)).toEqual(["info", "info", "info", "info"]);
  expect(observed).toEqual([
    ["/v1/things", "GET", 422, 0],
    ["/v1/things", "POST", 201, 0],
    ["/v1/things/:id", "GET", 404, 0],
    ["unmatched", "GET", 404, 0],
  ]);
});

describe("over a socket", () => {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(() => Promise.all(closers.splice(0).map((close) => close())));

  function listening(): Promise<number> {
    return new Promise((resolve) => {
      const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) =>
        resolve(port),
      );
      closers.push(() => new Promise((closed) => server.close(closed)));
    });
  }

  async function post(port: number, headers: Record<string, string>, chunks: readonly Buffer[]) {
    return new Promise<{ status: number; body: unknown }>((resolve, reject) => {
      const out = request(
        { port, host: "127.0.0.1", method: "POST", path: "/v1/things", headers, agent: false },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on("data", (part: Buffer) => parts.push(part));
          answer.on("end", () => {
            const body: unknown = JSON.parse(Buffer.concat(parts).toString());
            resolve({ status: answer.statusCode ?? 0, body });
          });
        },
      );
      out.on("error", reject);
      for (const chunk of chunks) out.write(chunk);
      out.end();
    });
  }

  const json = { "content-type": "application/json" };
  const half = Buffer.alloc(600 * 1024, " ");

  test.each([
    ["with its length", { ...json, "content-length": String(2 * half.length) }],
    ["in chunks", { ...json, "transfer-encoding": "chunked" }],
  ])("a body of more than 1 MiB is refused %s", async (_, headers) => {
    const port = await listening();
    expect(await post(port, headers, [half, half])).toMatchObject({
      status: 413,
      body: { code: "body_too_large" },
    });
  });

  test("a body in chunks is read like any other", async () => {
    const port = await listening();
    const chunks = [half, Buffer.from('{"name":"a"}')];
    const answer = await post(port, { ...json, "transfer-encoding": "chunked" }, chunks);
    expect(answer).toEqual({ status: 201, body: { name: "a", channel: "none" } });
  });
});

test("whatever is sent as a body, the answer is one that the route has", async () => {
  const anything = fc.oneof(fc.json(), fc.string({ unit: "binary" }));
  await fc.assert(
    fc.asyncProperty(anything, async (body) => {
      const answer = await app.request("/v1/things", jsonRequest("POST", body));
      expect([201, 400, 422]).toContain(answer.status);
      if (answer.status !== 201) await problemOf(answer);
    }),
    { numRuns: 300 },
  );
});

describe("a process that only works", () => {
  test("answers for its health and knows of nothing else", async () => {
    const app = httpApp({ routes: [thingRoutes()], servesApi: false });
    for (const path of ["/healthz", "/readyz", "/metrics"]) {
      expect((await app.request(path)).status).toBe(200);
    }
    for (const path of ["/v1/things", "/openapi.json", "/docs", "/", "/in/meta"]) {
      expect((await app.request(path)).status).toBe(404);
    }
  });
});
