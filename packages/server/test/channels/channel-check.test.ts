import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import type { ProviderRequest } from "../../src/core/outside/provider-http.ts";
import { channelCheckRoutes } from "../../src/http/channels/check.ts";
import { httpApp, principalWith } from "../support/api/http.ts";
import {
  answer,
  openPostOffice,
  type PostOffice,
  refusedBy,
  type Script,
  type Station,
  unreachable,
} from "../support/messages/post-office.ts";
import { openShop } from "../support/messages/shops.ts";

let office: PostOffice;
let station: Station;
beforeEach(async () => {
  office = await openPostOffice();
  station = await office.station();
  await office.rows("update channel set waba_id = '102'");
});
afterEach(() => office.end());

async function check(channel: string = publicId("ch", office.channelId)) {
  const { db, http, places, openCredentials, logger } = station.deps;
  const app = httpApp({
    principal: { ...principalWith(), workspaceId: office.workspaceId },
    routes: [channelCheckRoutes({ db, http, places, openCredentials, logger })],
  });
  const response = await app.request(`/v1/channels/${channel}/check`, { method: "POST" });
  // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
  return { status: response.status, body: (await response.json()) as any };
}

const HEALTHY = { quality_rating: "GREEN", status: "CONNECTED", account_mode: "LIVE" };
const APPS = { data: [{ whatsapp_business_api_data: { id: "1" } }] };

function meta(number: object, apps: object): Script {
  return ({ url }: ProviderRequest) =>
    answer(200, url.endsWith("/subscribed_apps") ? apps : { id: "1", ...number });
}

describe("a check of a WhatsApp channel", () => {
  test("finds nothing wrong where nothing is, and only asks", async () => {
    office.script(meta(HEALTHY, APPS));
    const { status, body } = await check();
    expect(status).toBe(200);
    expect(body.ok).toBe(true);
    expect(
      body.checks.map((each: { check: string; state: string }) => [each.check, each.state]),
    ).toEqual([
      ["state", "ok"],
      ["token", "ok"],
      ["permission", "ok"],
      ["quality", "ok"],
      ["subscription", "ok"],
    ]);
    expect(new Set(office.requests.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });

  test("asks about no more than the account, whatever its id is said to be", async () => {
    await office.rows("update channel set waba_id = '../me/accounts?limit=9#'");
    office.script(meta(HEALTHY, APPS));
    await check();
    const { pathname, search } = new URL(office.requests.at(-1)?.url ?? "");
    expect(pathname).toMatch(/^\/v\d+\.\d+\/[^/]+\/subscribed_apps$/);
    expect(search).toBe("");
  });

  test.each<[string, Script, string, string]>([
    ["a token that has expired", () => refusedBy(190, 401), "token", "failed"],
    ["a permission that is missing", () => refusedBy(200, 403), "permission", "failed"],
    ["nobody there", () => unreachable, "token", "unknown"],
    [
      "a number of low quality",
      meta({ ...HEALTHY, quality_rating: "RED" }, APPS),
      "quality",
      "failed",
    ],
    [
      "a number that is flagged",
      meta({ ...HEALTHY, quality_rating: "YELLOW" }, APPS),
      "quality",
      "warning",
    ],
    [
      "a number that is not registered",
      meta({ ...HEALTHY, status: "DISCONNECTED" }, APPS),
      "number",
      "failed",
    ],
    ["test mode", meta({ ...HEALTHY, account_mode: "SANDBOX" }, APPS), "app_mode", "warning"],
    ["an app that is not subscribed", meta(HEALTHY, { data: [] }), "subscription", "failed"],
  ])("says which: %s", async (_, script, name, state) => {
    office.script(script);
    const { body } = await check();
    const found = body.checks.find((each: { check: string }) => each.check === name);
    expect(found).toMatchObject({ state, detail: expect.any(String), advice: expect.any(String) });
    expect(body.ok).toBe(state !== "failed");
  });

  test("says why the channel is paused, and what it lacks", async () => {
    await office.rows(
      "update channel set state = 'paused', state_reason = 'Session has expired.', credentials = null, waba_id = null",
    );
    const { body } = await check();
    expect(body.checks).toMatchObject([
      { check: "state", state: "failed", detail: "The channel is paused. Session has expired." },
      { check: "token", state: "failed", advice: "Give it access_token." },
    ]);
    expect(office.requests).toEqual([]);
  });
});

describe("a check of the other channels", () => {
  test("names the webhook fields that a Page does not tell", async () => {
    const shop = await openShop(office, "messenger");
    office.script(meta({}, { data: [{ id: "1", subscribed_fields: ["messages"] }] }));
    const { body } = await check(shop.channel);
    expect(body.ok).toBe(false);
    expect(body.checks.at(-1)).toMatchObject({
      check: "webhook_fields",
      state: "failed",
      detail: "Missing: messaging_postbacks.",
    });
  });

  test("asks Instagram's own host for an account of Instagram's login", async () => {
    const shop = await openShop(office, "instagram");
    await office.rows("update channel set login = 'instagram' where id = $1", [shop.channelId]);
    const fields = [
      "messages",
      "messaging_postbacks",
      "message_reactions",
      "messaging_seen",
      "comments",
    ];
    office.script(meta({}, { data: [{ subscribed_fields: fields }] }));
    expect((await check(shop.channel)).body.ok).toBe(true);
    expect(office.requests[0]?.url).toContain("/v26.0/100?");
  });

  test("knows Twilio's number and where its messages go", async () => {
    const shop = await openShop(office, "sms", { externalId: "+15550001", customer: "+15550002" });
    const numbers = (sms_url: string) => answer(200, { incoming_phone_numbers: [{ sms_url }] });
    office.script(() => numbers("https://curlew.example/in/twilio"));
    expect((await check(shop.channel)).body).toMatchObject({ ok: true });
    office.script(() => numbers("https://demo.twilio.com/welcome"));
    expect((await check(shop.channel)).body.checks.at(-1)).toMatchObject({
      check: "subscription",
      state: "warning",
      detail: expect.stringContaining("https://demo.twilio.com/welcome"),
      advice: expect.stringContaining("https://curlew.example/in/twilio"),
    });
    office.script(() => answer(200, { incoming_phone_numbers: [] }));
    expect((await check(shop.channel)).body.checks.at(-1)).toMatchObject({ check: "number" });
    office.script(() => answer(401, { code: 20003 }));
    expect((await check(shop.channel)).body.checks.at(-1)).toMatchObject({
      check: "token",
      state: "failed",
    });
  });

  test.each([
    [[{ campaign_status: "VERIFIED" }], "ok"],
    [[{ campaign_status: "IN_PROGRESS" }], "warning"],
    [[{ campaign_status: "FAILED" }], "failed"],
    [[], "failed"],
  ])(
    "asks whether the messages of a number of the United States pass: %j",
    async (compliance, state) => {
      const shop = await openShop(office, "sms", { externalId: "+12025550123" });
      await office.rows("update channel set messaging_service_sid = 'MG1' where id = $1", [
        shop.channelId,
      ]);
      office.script(({ url }) =>
        url.includes("/Compliance/Usa2p")
          ? answer(200, { compliance })
          : answer(200, { incoming_phone_numbers: [{ sms_url: "" }] }),
      );
      const { body } = await check(shop.channel);
      expect(body.checks.at(-1)).toMatchObject({ check: "a2p_registration", state });
      expect(office.requests.at(-1)?.url).toContain("/v1/Services/MG1/Compliance/Usa2p");
    },
  );

  test("cannot say so of such a number without its messaging service", async () => {
    const shop = await openShop(office, "sms", { externalId: "+12025550123" });
    const sms_url = "https://curlew.example/in/twilio";
    office.script(() => answer(200, { incoming_phone_numbers: [{ sms_url }] }));
    expect((await check(shop.channel)).body.checks.at(-1)).toMatchObject({
      check: "a2p_registration",
      state: "warning",
      advice: "Give the channel its messaging_service_sid.",
    });
  });

  test("of a channel that is not there is not found", async () => {
    expect((await check(publicId("ch", office.ids.next()))).status).toBe(404);
  });
});
