import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endTrials } from "../../src/delivery/endpoints/trials.ts";
import { createConfigChanges } from "../../src/storage/workspaces/config-changes.ts";
import { ADMIN_KEY, createTestApi } from "../support/api/api.ts";
import { silentLogger } from "../support/silent-logger.ts";

let api: Awaited<ReturnType<typeof createTestApi>>;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const DAY_MS = 86_400_000;
let numbers = 500_000;

/** A workspace on a plan, and how its own requests are made. */
async function tenant(given: object) {
  const made = await api.call("POST", "/workspaces", { name: "Tenant", ...given });
  expect(made.status).toBe(201);
  const { id } = made.body;
  return {
    id: id as string,
    call: (method: string, path: string, body?: unknown) =>
      api.call(method, path, body, ADMIN_KEY, { "curlew-workspace": id }),
    give: (change: object) => api.call("PATCH", `/workspaces/${id}`, change),
  };
}

const endpoint = (more: object = {}) => ({ name: "CRM", url: "https://crm.example/hook", ...more });
const whatsapp = () => ({ kind: "whatsapp", name: "Shop", external_id: String(numbers++) });

describe("a plan", () => {
  test("of the default workspace gates nothing", async () => {
    expect((await api.call("GET", "/usage")).body).toEqual({
      plan: "unlimited",
      plan_title: "Unlimited",
      add_ons: [],
      features: ["webhooks", "send", "sms", "whatsapp"],
      trial_ends_at: null,
      endpoints: { used: 0, limit: null },
      sms: { used: 0, segments: 0, limit: null, resets_at: expect.any(String) },
    });
    const named = endpoint({ channels: ["whatsapp", "sms"] });
    expect((await api.call("POST", "/endpoints", named)).status).toBe(201);
  });

  test.each([
    ["free", 1],
    ["starter", 3],
    ["pro", 10],
  ])("%s has room for %i endpoints, and a deleted one makes room", async (plan, limit) => {
    const { call } = await tenant({ plan });
    const made: string[] = [];
    for (let n = 0; n < limit; n++) {
      const answer = await call("POST", "/endpoints", endpoint());
      expect(answer.status).toBe(201);
      made.push(answer.body.id);
    }
    expect(await call("POST", "/endpoints", endpoint())).toMatchObject({
      status: 403,
      body: { code: "endpoint_limit", plan, limit },
    });
    await call("DELETE", `/endpoints/${made[0]}`);
    expect((await call("POST", "/endpoints", endpoint())).status).toBe(201);
    expect((await call("GET", "/usage")).body.endpoints).toEqual({ used: limit, limit });
  });

  test("has its last place taken once, however many ask for it at the same time", async () => {
    const { call } = await tenant({ plan: "free" });
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => call("POST", "/endpoints", endpoint())),
    );
    const refused = answers.filter(({ status }) => status === 403);
    expect(refused).toHaveLength(3);
  });

  test("without WhatsApp refuses its channels, and endpoints that name them", async () => {
    const { call, give } = await tenant({ plan: "starter" });
    const named = endpoint({ channels: ["whatsapp"] });
    const refused = { status: 403, body: { code: "plan_feature", feature: "whatsapp" } };
    expect(await call("POST", "/channels", whatsapp())).toMatchObject(refused);
    expect(await call("POST", "/endpoints", named)).toMatchObject(refused);
    const { id } = (await call("POST", "/endpoints", endpoint())).body;
    const change = { channels: ["whatsapp"] };
    expect(await call("PATCH", `/endpoints/${id}`, change)).toMatchObject(refused);
    expect((await call("PATCH", `/endpoints/${id}`, { channels: ["messenger"] })).status).toBe(200);

    await give({ add_ons: ["whatsapp"] });
    expect(await call("POST", "/endpoints", named)).toMatchObject({
      status: 422,
      body: { code: "channel_missing" },
    });
    const channel = await call("POST", "/channels", whatsapp());
    expect(channel.status).toBe(201);
    const byId = endpoint({ channels: [channel.body.id] });
    expect((await call("POST", "/endpoints", named)).status).toBe(201);
    expect((await call("POST", "/endpoints", byId)).status).toBe(201);
  });

  test("without SMS refuses endpoints that name its events as ChatGenius does", async () => {
    const { call, give } = await tenant({ plan: "starter" });
    const events = ["message_received", "sms.message_received"];
    const named = endpoint({ dialect: "chatgenius", events });
    const refused = { status: 403, body: { code: "plan_feature", feature: "sms" } };
    expect(await call("POST", "/endpoints", named)).toMatchObject(refused);
    const general = endpoint({ dialect: "chatgenius", events: ["message_received"] });
    const { status, body } = await call("POST", "/endpoints", general);
    expect(status).toBe(201);
    expect(await call("PATCH", `/endpoints/${body.id}`, { events })).toMatchObject(refused);

    await give({ add_ons: ["sms"] });
    expect(await call("POST", "/endpoints", named)).toMatchObject({
      status: 422,
      body: { code: "channel_missing" },
    });
    const sms = { kind: "sms", name: "Shop", external_id: "+15558675399" };
    expect((await call("POST", "/channels", sms)).status).toBe(201);
    expect((await call("POST", "/endpoints", named)).status).toBe(201);
  });

  test("that nobody offers is refused, and so is an add-on that there is not", async () => {
    expect(await api.call("POST", "/workspaces", { name: "x", plan: "gold" })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/plan" }] },
    });
    expect(await api.call("POST", "/workspaces", { name: "x", add_ons: ["gold"] })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/add_ons/0" }] },
    });
  });
});

describe("the table of plans", () => {
  test("is the operator's to change, and changes hold at once", async () => {
    const gold = { title: "Gold", endpoints: 2, sms_per_month: 500, features: ["webhooks", "sms"] };
    expect((await api.call("PUT", "/plans/gold", gold)).body).toEqual({ name: "gold", ...gold });
    const { call } = await tenant({ plan: "gold" });
    await api.call("PUT", "/plans/gold", { ...gold, endpoints: 0 });
    expect((await call("POST", "/endpoints", endpoint())).body.code).toBe("endpoint_limit");
    expect(
      (await api.call("GET", "/plans")).body.data.map((plan: { name: string }) => plan.name),
    ).toEqual(["business", "free", "gold", "pro", "starter", "unlimited"]);
    expect((await api.call("DELETE", "/plans/gold")).body.code).toBe("conflict");
    await api.call("PUT", "/plans/silver", gold);
    expect((await api.call("DELETE", "/plans/silver")).status).toBe(204);
    expect((await api.call("DELETE", "/plans/silver")).body.code).toBe("not_found");
  });

  test("keeps the unlimited plan as it is, and is not for tenants", async () => {
    const gold = { title: "Gold", endpoints: 2, features: [] };
    expect((await api.call("PUT", "/plans/unlimited", gold)).body.code).toBe("conflict");
    expect((await api.call("DELETE", "/plans/unlimited")).body.code).toBe("conflict");
    expect((await api.call("PUT", "/plans/Gold", gold)).status).toBe(422);
    const key = await api.newKey({ scopes: ["*"] });
    expect((await api.call("GET", "/plans", undefined, key)).body.code).toBe("forbidden");
  });
});

describe("a trial", () => {
  const end = () =>
    endTrials({
      db: api.connections.pool,
      clock: api.clock,
      changeConfig: createConfigChanges({
        connections: api.connections,
        logger: silentLogger(),
        onChanged: async () => {},
      }),
    });

  test("pauses the endpoints when it ends, and a later end sets them going again", async () => {
    const until = () => new Date(api.clock.now() + 7 * DAY_MS).toISOString();
    const { call, give } = await tenant({ plan: "pro", trial_ends_at: until() });
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push((await call("POST", "/endpoints", endpoint())).body.id);
    await call("POST", `/endpoints/${ids[1]}/pause`);
    await call("POST", `/endpoints/${ids[2]}/disable`);
    const states = () =>
      Promise.all(ids.map(async (id) => (await call("GET", `/endpoints/${id}`)).body.state));
    expect(await end()).toBe(0);
    await api.clock.advance(7 * DAY_MS);
    expect(await end()).toBe(1);
    expect(await end()).toBe(0);
    expect(await states()).toEqual(["paused", "paused", "disabled"]);
    for (const body of [
      await call("POST", `/endpoints/${ids[0]}/resume`),
      await call("POST", `/endpoints/${ids[2]}/enable`),
      await call("POST", "/endpoints", endpoint()),
    ]) {
      expect(body).toMatchObject({ status: 402, body: { code: "trial_ended", plan: "pro" } });
    }
    await give({ trial_ends_at: until() });
    expect(await states()).toEqual(["enabled", "paused", "disabled"]);
    await give({ trial_ends_at: null });
    expect(await states()).toEqual(["enabled", "paused", "disabled"]);
  });

  test.each(["0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"])(
    "that would end in no year that can be counted is refused: %s",
    async (trial_ends_at) => {
      const answer = await api.call("PATCH", `/workspaces/${api.workspaceId}`, { trial_ends_at });
      expect(answer.body).toMatchObject({
        ...{ status: 422, code: "invalid_request" },
        errors: [{ pointer: "/trial_ends_at", detail: "must be in the years 1970 to 9999" }],
      });
    },
  );

  test("that is set to an end in the past is over at once", async () => {
    const { call, give } = await tenant({ plan: "pro" });
    const { id } = (await call("POST", "/endpoints", endpoint())).body;
    await give({ trial_ends_at: new Date(api.clock.now() - 1).toISOString() });
    expect((await call("GET", `/endpoints/${id}`)).body).toMatchObject({
      state: "paused",
      state_reason: "trial_ended",
    });
  });
});
