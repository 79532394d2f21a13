import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../../simulator/src/index.ts";
import { parseId } from "../../src/core/ids.ts";
import { Secret } from "../../src/core/secret.ts";
import { channelOnboardingRoutes } from "../../src/http/channels/onboarding.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { createIds } from "../../src/runtime/ids.ts";
import {
  createProviderClient,
  type ProviderClient,
} from "../../src/runtime/network/provider-client.ts";
import { createTimerWheel, type TimerWheel } from "../../src/runtime/timer-wheel.ts";
import { createTestApi } from "../support/api/api.ts";
import { httpApp, jsonRequest, principalWith } from "../support/api/http.ts";
import { placesAt } from "../support/messages/post-office.ts";

const NUMBER = "106540352242922";
const PAGE = "117172741761305";
const INSTA = "17841405822304914";

let api: Awaited<ReturnType<typeof createTestApi>>;
let simulator: Simulator;
let wheel: TimerWheel;
let http: ProviderClient;
let wabaId: string;
let ids: ReturnType<typeof createIds>;
beforeEach(async () => {
  const clock = systemClock();
  wheel = createTimerWheel({ clock });
  wheel.start();
  http = createProviderClient({ clock, wheel });
  api = await createTestApi();
  ids = createIds(api.clock);
  simulator = await startSimulator({ appSecret: "app-secret" });
  wabaId = simulator.numbers().numbers[0]?.waba_id ?? "";
});
afterEach(async () => {
  await http.close();
  wheel.stop();
  await simulator.close();
  await api.close();
});

async function connect(what: "whatsapp" | "page", body: object, over: { app?: null } = {}) {
  const { rows } = await api.connections.pool.query<{ id: string }>(
    "select id from workspace order by id",
  );
  const app = httpApp({
    principal: { ...principalWith(), workspaceId: rows[0]?.id ?? "" },
    routes: [
      channelOnboardingRoutes({
        ...{
          db: api.connections.pool,
          vault: api.vault,
          clock: api.clock,
          newId: () => ids.next(),
        },
        changeConfig: (_, work) => api.connections.transaction((tx) => work(tx, 0)),
        ...{ http, places: placesAt(simulator.url) },
        async announce() {},
        app:
          over.app === null ? null : { id: "1517776481860111", secret: new Secret("app-secret") },
      }),
    ],
  });
  const response = await app.request(`/v1/channels/connect/${what}`, jsonRequest("POST", body));
  // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
  return { status: response.status, body: (await response.json()) as any };
}

async function connectElsewhere(kind: string, externalId: string) {
  const { body } = await api.call("POST", "/workspaces", { name: "Elsewhere" });
  const channel = { kind, name: "Theirs", external_id: externalId };
  const inside = { "curlew-workspace": body.id };
  expect((await api.call("POST", "/channels", channel, undefined, inside)).status).toBe(201);
}

const signup = (more: object = {}) => ({
  ...{ code: "a-code", waba_id: wabaId, phone_number_id: NUMBER, name: "Shop" },
  ...more,
});
const asked = () =>
  simulator.requests().requests.map(({ method, path, status }) => `${method} ${path} ${status}`);
const tokenOf = async (channel: string) => {
  const { rows } = await api.connections.pool.query<{ credentials: string }>(
    "select credentials from channel where id = $1",
    [parseId("ch", channel)],
  );
  return rows[0]?.credentials;
};

describe("a number that has gone through Embedded Signup", () => {
  test("is connected by its code: token, subscription, registration", async () => {
    const { status, body } = await connect("whatsapp", signup({ pin: "123456" }));
    expect([status, body]).toMatchObject([
      200,
      {
        kind: "whatsapp",
        name: "Shop",
        external_id: NUMBER,
        waba_id: wabaId,
        has_access_token: true,
      },
    ]);
    expect(asked()).toEqual([
      "GET /oauth/access_token 200",
      `POST /${wabaId}/subscribed_apps 200`,
      `POST /${NUMBER}/register 200`,
    ]);
    expect(JSON.stringify(simulator.requests())).not.toContain("app-secret");
  });

  /** Of which channels it is to be told that they go on. */
  const restored = async () => {
    const { rows } = await api.connections.pool.query(
      `select channel_id from channel_notice where notice::json ->> 'kind' = 'restored'`,
    );
    return rows.map((row) => row.channel_id);
  };

  test("gets its new token when it goes through again, and goes on if it had paused", async () => {
    const { body } = await connect("whatsapp", signup());
    const before = await tokenOf(body.id);
    await api.connections.pool.query("update channel set state = 'paused'");
    const again = await connect("whatsapp", signup({ code: "another" }));
    expect(again.body).toMatchObject({ id: body.id, state: "connected" });
    expect(await tokenOf(body.id)).not.toBe(before);
    expect(await restored()).toEqual([parseId("ch", body.id)]);
  });

  test("whose code Meta refuses is not connected, and the reason is told", async () => {
    simulator.addFaults({ kind: "error", code: 100, on: "management", details: "expired" });
    const { status, body } = await connect("whatsapp", signup());
    expect([status, body]).toMatchObject([
      422,
      { code: "provider_refused", step: "token", provider: { code: "100" } },
    ]);
    expect((await api.call("GET", "/channels")).body.data).toEqual([]);
    expect(JSON.stringify(body)).not.toContain("app-secret");
  });

  test("that another workspace has here already is not subscribed to: its messages would go there", async () => {
    await connectElsewhere("whatsapp", NUMBER);
    const { status, body } = await connect("whatsapp", signup({ pin: "123456" }));
    expect([status, body.code]).toEqual([409, "channel_taken"]);
    expect(asked()).toEqual([]);
  });

  test("needs an app that the operator has named", async () => {
    const { status, body } = await connect("whatsapp", signup(), { app: null });
    expect([status, body.code]).toEqual([422, "unsupported_action"]);
    expect(asked()).toEqual([]);
  });
});

describe("a Page that somebody has given leave for", () => {
  const leave = { user_access_token: "short-lived", page_id: PAGE };

  test("is connected with a token of its own, and its Instagram account with it", async () => {
    const { status, body } = await connect("page", { ...leave, instagram: true });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.data).toMatchObject([
      { kind: "messenger", external_id: PAGE, name: "Lucky Shrub", has_access_token: true },
      { kind: "instagram", external_id: INSTA, login: "facebook" },
    ]);
    expect(asked()).toEqual([
      "GET /oauth/access_token 200",
      "GET /me/accounts 200",
      `POST /${PAGE}/subscribed_apps 200`,
    ]);
    expect(simulator.social.accounts().accounts[0]?.subscribed_fields).toContain("messages");
  });

  test.each([
    ["messenger", PAGE],
    ["instagram", INSTA],
  ])("that another workspace has here as %s is not subscribed to", async (kind, externalId) => {
    await connectElsewhere(kind, externalId);
    const { status, body } = await connect("page", { ...leave, instagram: true });
    expect([status, body.code]).toEqual([409, "channel_taken"]);
    expect(asked()).toEqual(["GET /oauth/access_token 200", "GET /me/accounts 200"]);
    expect((await api.call("GET", "/channels")).body.data).toEqual([]);
  });

  test("is not connected where they have given none", async () => {
    const { status, body } = await connect("page", { ...leave, page_id: "404" });
    expect([status, body.errors[0].pointer]).toEqual([422, "/page_id"]);
    expect((await api.call("GET", "/channels")).body.data).toEqual([]);
  });
});
