import { describe, expect, test } from "vitest";
import { Refused } from "./server.ts";
import { listTypes, type TriggerWish, trigger } from "./trigger.ts";

const TYPES = [
  { type: "lead.created", description: "A contact left what makes them a lead.", is_own: false },
  { type: "order.shipped", description: "A parcel left the house.", is_own: true },
];

/** A server with a type of its own beside one of the catalogue; what it was asked, and what was said. */
function stage(answers: Readonly<Record<string, unknown>> = {}) {
  const asked: [string, unknown][] = [];
  const said: string[] = [];
  const all: Record<string, unknown> = {
    "GET /event-types": { data: TYPES },
    "GET /event-types/lead.created": {
      ...TYPES[0],
      example: { id: "evt_0", data: { lead: { email: "alice@company.example", score: 85 } } },
    },
    "GET /event-types/order.shipped": { ...TYPES[1], example: { order: "A-1" } },
    "POST /events": { id: "evt_1", duplicate: false },
    "GET /events/evt_1/why?limit=100": { data: [] },
    ...answers,
  };
  const deps = {
    async ask<Answer>(method: string, path: string, body?: unknown) {
      asked.push([`${method} ${path}`, body]);
      const answer = all[`${method} ${path}`];
      if (answer instanceof Error) throw answer;
      return answer as Answer; // whatever the test has put there
    },
    print: (text: string) => void said.push(text),
  };
  const run = (wish: Partial<TriggerWish>) =>
    trigger(
      {
        ...{ type: "lead.created", data: null, changes: [], about: {}, endpoint: null },
        ...{ asJson: false, ...wish },
      },
      deps,
    );
  const published = () => asked.find(([route]) => route === "POST /events")?.[1];
  return { asked, deps, said, run, published };
}

describe("triggering", () => {
  test("publishes the example of a type, and says where it goes", async () => {
    const { run, published, said } = stage({
      "GET /events/evt_1/why?limit=100": {
        data: [
          { endpoint_name: "CRM", endpoint_id: "ep_1", outcome: "pending", detail: "" },
          {
            endpoint_name: "Shop",
            endpoint_id: "ep_2",
            outcome: "left_out",
            detail: "It wants order.*.",
          },
        ],
      },
    });
    expect(await run({})).toBe(0);
    expect(published()).toEqual({
      type: "lead.created",
      data: { lead: { email: "alice@company.example", score: 85 } },
    });
    expect(said).toEqual([
      "Published lead.created: evt_1",
      "  to CRM (ep_1)",
      "  not to Shop (ep_2): It wants order.*.",
    ]);
  });

  test("changes what it is told to, and makes the way there", async () => {
    const { run, published } = stage();
    await run({
      changes: [
        ["lead.email", "b@c.example"],
        ["lead.source.campaign", "spring"],
        ["n", 1],
      ],
    });
    expect(published()).toMatchObject({
      data: { lead: { email: "b@c.example", score: 85, source: { campaign: "spring" } }, n: 1 },
    });
  });

  test("sends what it is given, of a type that nobody knows too", async () => {
    const { run, published } = stage();
    await run({ type: "parcel.lost", data: { parcel: 7 }, about: { channel: "sms" } });
    expect(published()).toEqual({ type: "parcel.lost", data: { parcel: 7 }, channel: "sms" });
    const other = stage();
    await other.run({ type: "parcel.lost" });
    expect(other.published()).toEqual({ type: "parcel.lost", data: {} });
    const own = stage();
    await own.run({ type: "order.shipped" });
    expect(own.published()).toMatchObject({ data: { order: "A-1" } });
  });

  test("passes on what the server warns of", async () => {
    const warnings = [{ pointer: "/type", detail: "It looks like order.shipped." }];
    const { run, said } = stage({ "POST /events": { id: "evt_1", duplicate: false, warnings } });
    await run({ type: "oder.shipped" });
    expect(said).toContain("Warning: It looks like order.shipped.");
  });

  test("goes without where it went when the key may not know it", async () => {
    const { run, said } = stage({ "GET /events/evt_1/why?limit=100": new Refused("forbidden") });
    expect(await run({})).toBe(0);
    expect(said).toEqual(["Published lead.created: evt_1"]);
  });

  test("gives programs the server's answer alone", async () => {
    const { run, said } = stage();
    await run({ asJson: true });
    expect(said).toEqual(['{"id":"evt_1","duplicate":false}']);
  });

  test("sends a test to one endpoint, and ends with 1 when that did not take it", async () => {
    const tested = { event_type: "lead.created", ms: 12, response: "boom\nat line 1", error: null };
    const taken = stage({
      "POST /endpoints/ep_1/test": { ...tested, delivered: true, status: 204 },
    });
    expect(await taken.run({ endpoint: "ep_1" })).toBe(0);
    expect(taken.asked).toEqual([["POST /endpoints/ep_1/test", { type: "lead.created" }]]);
    expect(taken.said).toEqual(["Sent lead.created to ep_1 alone: 204 (12 ms)"]);
    const refused = stage({
      "POST /endpoints/ep_1/test": { ...tested, delivered: false, status: 500 },
    });
    expect(await refused.run({ endpoint: "ep_1" })).toBe(1);
    expect(refused.said).toEqual(["Sent lead.created to ep_1 alone: 500 (12 ms)", "  boom"]);
    const away = {
      ...tested,
      delivered: false,
      status: null,
      error: "connection refused",
      response: null,
    };
    const alone = stage({ "POST /endpoints/ep_1/test": away });
    expect(await alone.run({ endpoint: "ep_1" })).toBe(1);
    expect(alone.said).toEqual(["Sent lead.created to ep_1 alone: connection refused (12 ms)"]);
  });

  test("lists the types that there are", async () => {
    const { deps, said } = stage();
    expect(await listTypes({ asJson: false }, deps)).toBe(0);
    expect(said).toEqual([
      "lead.created   A contact left what makes them a lead.",
      "order.shipped  A parcel left the house.",
    ]);
  });
});
