import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Desk, openAccount, openDesk } from "../support/engine/desk.ts";
import { openTown, type Town } from "../support/engine/town.ts";

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

const put = (type: string, body: object, as?: Parameters<Desk["call"]>[3]) =>
  desk.call("PUT", `/event-types/${type}`, body, as);
const publish = (body: object) => desk.call("POST", "/events", body);
const schema = {
  type: "object",
  required: ["total"],
  properties: {
    total: { type: "number" },
    lines: { type: "array", items: { type: "object", properties: { sku: { type: "string" } } } },
  },
};

test("an own type with a schema is listed, and events of it are checked with a pointer", async () => {
  const example = { total: 5 };
  const made = await put("order.shipped", { description: "It left.", schema, example });
  expect(made.body).toEqual({
    ...{ type: "order.shipped", description: "It left.", operational: false, is_own: true },
    ...{ schema, example, rendered: null },
  });
  expect((await desk.call("GET", "/event-types")).body.data.at(-1)).toMatchObject({
    type: "order.shipped",
    is_own: true,
  });
  expect((await publish({ type: "order.shipped", data: { total: 1 } })).status).toBe(202);
  const wrong = await publish([
    { type: "order.shipped", data: { total: 1 } },
    { type: "order.shipped", data: { total: 1, lines: [{ sku: 7 }] } },
  ]);
  expect(wrong).toMatchObject({ status: 422, body: { code: "event_schema" } });
  expect(wrong.body.errors[0].pointer).toBe("/1/data/lines/0/sku");
  expect((await publish({ type: "order.shipped", data: {} })).body.errors[0]).toEqual({
    ...{ pointer: "/data/total", detail: "is missing, by the schema of order.shipped" },
  });
  expect((await publish({ type: "order.lost", data: {} })).status).toBe(202);
  expect(await town.rows("select type from event order by id")).toHaveLength(2);
});

test("an event of the catalogue that does not fit its schema is refused, and says where", async () => {
  const lead = { email: "alice@company.example", tier: "gold" };
  expect((await publish({ type: "lead.created", data: { lead } })).status).toBe(202);
  const flat = await publish({ type: "lead.created", data: lead });
  expect(flat).toMatchObject({ status: 422, body: { code: "event_schema" } });
  expect(flat.body.detail).toBe("/data/lead: is missing, by the schema of lead.created");
  const wrong = await publish({
    type: "message.received",
    data: { message: { content: { type: "image", media: "here" } } },
  });
  expect(wrong.body.errors[0].pointer).toBe("/data/message/content/media");
  const shown = await desk.call("GET", "/event-types/lead.created");
  expect(shown.body.schema).toMatchObject({ required: ["lead"] });
});

test("a description can be changed and taken away, and its checks with it", async () => {
  await put("order.shipped", { schema });
  await put("order.shipped", { description: "Anything goes." });
  expect((await publish({ type: "order.shipped", data: {} })).status).toBe(202);
  expect((await desk.call("DELETE", "/event-types/order.shipped")).status).toBe(204);
  expect((await desk.call("GET", "/event-types/order.shipped")).status).toBe(404);
  expect((await desk.call("DELETE", "/event-types/order.shipped")).status).toBe(404);
});

test("what cannot be described is refused, and says where", async () => {
  expect((await put("message.received", { schema })).body.code).toBe("unknown_event_type");
  expect((await put("Order", { schema })).body.code).toBe("unknown_event_type");
  const slip = await put("order.shipped", { schema: { propertys: {} } });
  expect(slip.body.errors[0].pointer).toBe("/schema/propertys");
  const example = await put("order.shipped", { schema, example: { total: "5" } });
  expect(example.body.errors[0].pointer).toBe("/example/total");
  const accountId = await openAccount(town);
  expect((await put("order.shipped", { schema }, { accountId })).status).toBe(403);
});

describe("a schema whose check would not end", () => {
  const LETTERS = `${"a".repeat(60)}!`;
  const doubling = Object.fromEntries(
    Array.from({ length: 60 }, (_, n) => {
      const next = { $ref: `#/$defs/n${n + 1}` };
      return [`n${n}`, n === 59 ? true : { allOf: [next, next] }];
    }),
  );
  const matching = (pattern: string) => ({ properties: { x: { pattern } } });

  test.each<[string, object, object]>([
    ["a pattern that tries everything", matching("^((a+))+$"), { x: LETTERS }],
    ["a pattern that looks again and again", matching("^.*.*.*.*x$"), { x: "a".repeat(20_000) }],
    [
      "a list that is compared with itself",
      { properties: { x: { uniqueItems: true } } },
      { x: Array.from({ length: 20_000 }, (_, n) => ({ n })) },
    ],
    [
      "what is said twice of everything",
      { properties: { x: { $ref: "#/$defs/n0" } }, $defs: doubling },
      { x: 1 },
    ],
    [
      "much that is asked of many",
      { properties: { x: { items: { allOf: Array(1_000).fill({ type: "integer" }) } } } },
      { x: Array(100_000).fill(1) },
    ],
  ])("with %s holds nobody up, and its workspace waits for a minute", async (_, own, data) => {
    await put("order.slow", { schema: own });
    await put("order.quick", { schema });
    await put("order.other", { schema: matching("^[a-z]+$") });
    const slow = await publish({ type: "order.slow", data });
    expect(slow).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect(slow.body.detail).toMatch(/schemas of its types takes too long/);
    expect(slow.headers.get("retry-after")).toBe("60");
    const other = { type: "order.other", data: { x: "abc" } };
    expect((await publish(other)).status).toBe(503);
    expect((await publish({ type: "order.quick", data: { total: 1 } })).status).toBe(202);
    expect((await publish({ type: "order.shipped", data: {} })).status).toBe(202);
    await town.clock.advance(60_000);
    expect((await publish(other)).status).toBe(202);
    expect((await publish({ ...other, data: { x: "ABC" } })).body.code).toBe("event_schema");
  });

  test.each<[string, object, object | null]>([
    ["leads back to itself", { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } }, null],
    ["tries everything with its example", matching("^((a+))+$"), { x: LETTERS }],
  ])("is refused when it %s", async (_, own, example) => {
    const answer = await put("order.slow", { schema: own, example });
    expect(answer.body.errors).toEqual([
      { pointer: "/schema", detail: "takes too long to be held against an example" },
    ]);
  });
});

describe("a type that looks like a slip of another", () => {
  const slip = { type: "mesage.received", data: {} };
  const warning = (pointer: string) => ({
    pointer,
    detail:
      "did you mean message.received? mesage.received is a type of your own: if not, " +
      "PUT /v1/event-types/mesage.received describes it, and ends this warning",
  });

  test("is kept all the same, and whoever publishes it is told what was probably meant", async () => {
    const answer = await publish(slip);
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({
      ...{ id: expect.stringMatching(/^evt_/), duplicate: false },
      warnings: [warning("/type")],
    });
    expect(await town.rows("select type from event")).toEqual([{ type: "mesage.received" }]);
  });

  test("is told of once among many, at the first of them; what is right is not mentioned", async () => {
    const right = { type: "order.shipped", data: {} };
    const { body } = await publish([right, slip, slip]);
    expect(body).toEqual({
      data: Array(3).fill(expect.anything()),
      warnings: [warning("/1/type")],
    });
    expect((await publish([right, right])).body).toEqual({ data: expect.anything() });
    expect(Object.keys((await publish(right)).body)).toEqual(["id", "duplicate"]);
  });

  test("may be one of the workspace's own that it has described", async () => {
    await put("order.shipped", {});
    const { body } = await publish({ type: "order.shiped", data: {} });
    expect(body.warnings[0].detail).toContain("did you mean order.shipped?");
  });

  test("may be what a dialect calls one of Curlew's", async () => {
    const { status, body } = await publish({ type: "sms.message_received", data: {} });
    expect(status).toBe(202);
    expect(body.warnings[0].detail).toContain("did you mean message.received?");
  });

  test("is no slip once it was described itself", async () => {
    await publish(slip);
    await put("mesage.received", {});
    expect((await publish(slip)).body).not.toHaveProperty("warnings");
    await desk.call("DELETE", "/event-types/mesage.received");
    expect((await publish(slip)).body).toHaveProperty("warnings");
  });

  test("is looked for anew after a thousand others", async () => {
    const made = Array.from({ length: 1_000 }, (_, n) => ({ type: `made.up_${n}`, data: {} }));
    expect((await publish([slip, ...made.slice(1)])).body.warnings).toHaveLength(1);
    expect((await publish(made)).body).not.toHaveProperty("warnings");
    expect((await publish(slip)).body.warnings).toHaveLength(1);
  });
});
