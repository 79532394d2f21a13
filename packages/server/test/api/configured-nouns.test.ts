import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseId } from "../../src/core/ids.ts";
import { credentialsPlace } from "../../src/storage/channels/channels.ts";
import { createTestApi } from "../support/api/api.ts";

let api: Awaited<ReturnType<typeof createTestApi>>;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const SERVICE = `MG${"2e".repeat(16)}`;

let numbers = 100_000;
const number = () => String(numbers++);
const whatsapp = (more: object = {}) => ({
  kind: "whatsapp",
  name: "Shop",
  external_id: number(),
  ...more,
});
const newAccount = async (name = "Client") =>
  (await api.call("POST", "/accounts", { name })).body.id as string;
const newChannel = async (more: object = {}, key?: string) =>
  (await api.call("POST", "/channels", whatsapp(more), key)).body.id as string;

describe("an account", () => {
  test("is made, shown, changed, listed and deleted", async () => {
    const made = await api.call("POST", "/accounts", { name: "Ann's", external_id: "crm-7" });
    expect(made).toMatchObject({
      status: 201,
      body: { name: "Ann's", external_id: "crm-7", settings: {}, serial: expect.any(Number) },
    });
    const path = `/accounts/${made.body.id}`;
    expect((await api.call("GET", path)).body).toEqual(made.body);
    const changed = await api.call("PATCH", path, { name: "Ann", external_id: null });
    expect(changed.body).toEqual({ ...made.body, name: "Ann", external_id: null });
    expect((await api.call("GET", "/accounts")).body.data[0]).toEqual(changed.body);
    expect((await api.call("DELETE", path)).status).toBe(204);
    expect((await api.call("GET", path)).body.code).toBe("not_found");
    expect((await api.call("DELETE", path)).body.code).toBe("not_found");
  });

  test("is not deleted while channels or endpoints hang on it", async () => {
    const id = await newAccount();
    const channel = await newChannel({ account_id: id });
    const refused = await api.call("DELETE", `/accounts/${id}`);
    expect(refused.body).toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("1 channels"),
    });
    await api.call("DELETE", `/channels/${channel}`);
    expect((await api.call("DELETE", `/accounts/${id}`)).status).toBe(204);
  });

  test("pages lead from the newest to the oldest and on", async () => {
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.unshift(await newAccount(`page ${i}`));
    const first = await api.call("GET", "/accounts?limit=2");
    const next = `/accounts?limit=2&cursor=${first.body.next_cursor}`;
    const second = await api.call("GET", next);
    const ids = [...first.body.data, ...second.body.data].map(({ id }) => id);
    expect(ids).toEqual(made.slice(0, 4));
    expect((await api.call("GET", "/accounts?cursor=bm90LWFuLWlk")).body.errors).toEqual([
      { pointer: "cursor", detail: "is not a cursor that a page gave" },
    ]);
  });
});

describe("settings", () => {
  test("of the workspace have defaults, and go back to them by null", async () => {
    const defaults = { ai_enabled: true, external_reply_mode: false, inbound_body_purge: false };
    expect((await api.call("GET", "/settings")).body).toEqual(defaults);
    const changed = await api.call("PATCH", "/settings", { external_reply_mode: true });
    expect(changed.body).toEqual({ ...defaults, external_reply_mode: true });
    const back = await api.call("PATCH", "/settings", { external_reply_mode: null });
    expect(back.body).toEqual(defaults);
  });

  test("refuse to purge where AI answers, and name every place", async () => {
    const purge = { inbound_body_purge: true };
    const { workspaceId } = api;
    const refused = await api.call("PATCH", "/settings", purge);
    expect([refused.status, refused.body]).toMatchObject([
      409,
      {
        code: "purge_conflict",
        conflicts: [{ level: "workspace", id: workspaceId, setting: "ai_enabled" }],
      },
    ]);
    const account = { name: "Talkative", settings: { ai_enabled: true } };
    const { id: accountId } = (await api.call("POST", "/accounts", account)).body;
    const talks = whatsapp({
      name: "Talks",
      external_id: "777001",
      settings: { ai_enabled: true },
    });
    const { id: channelId } = (await api.call("POST", "/channels", talks)).body;
    const page = {
      kind: "messenger",
      name: "Page",
      external_id: "777002",
      settings: { ai_enabled: true },
    };
    expect((await api.call("POST", "/channels", page)).status).toBe(201);
    const both = await api.call("PATCH", "/settings", { ...purge, ai_enabled: false });
    expect(both.body.conflicts).toEqual([
      { level: "account", id: accountId, name: "Talkative", setting: "ai_enabled" },
      { level: "channel", id: channelId, name: "Talks", setting: "ai_enabled" },
    ]);
    expect((await api.call("GET", "/settings")).body.inbound_body_purge).toBe(false);
    // Nobody answers by themselves anywhere: AI being on is no obstacle then.
    const outside = { ...purge, external_reply_mode: true };
    expect((await api.call("PATCH", "/settings", outside)).body).toMatchObject(outside);
    for (const change of [{ external_reply_mode: false }, { external_reply_mode: null }]) {
      expect((await api.call("PATCH", "/settings", change)).status).toBe(409);
      const own = await api.call("PATCH", `/channels/${channelId}`, { settings: change });
      if (change.external_reply_mode === false) expect(own.body.code).toBe("purge_conflict");
      else expect(own.status).toBe(200);
    }
    const off = { ai_enabled: null };
    await api.call("PATCH", `/channels/${channelId}`, { settings: off });
    await api.call("PATCH", `/accounts/${accountId}`, { settings: off });
    const quiet = { ai_enabled: false, external_reply_mode: null };
    expect((await api.call("PATCH", "/settings", quiet)).body).toMatchObject(purge);
    const chatty = { settings: { ai_enabled: true } };
    const again = await api.call("PATCH", `/accounts/${accountId}`, chatty);
    expect(again.body.code).toBe("purge_conflict");
    const another = await api.call("POST", "/accounts", { name: "x", ...chatty });
    expect(another.body.code).toBe("purge_conflict");
    const channel = await api.call(
      "POST",
      "/channels",
      whatsapp({ external_id: "777003", ...chatty }),
    );
    expect(channel.body.code).toBe("purge_conflict");
    expect((await api.call("PATCH", "/settings", { ai_enabled: true })).status).toBe(409);
    expect(
      (await api.call("PATCH", "/settings", { inbound_body_purge: null, ai_enabled: null })).status,
    ).toBe(200);
  });

  test("purge no channel but those of sms and whatsapp", async () => {
    const settings = { inbound_body_purge: true, ai_enabled: false };
    const page = { kind: "messenger", name: "Page", external_id: "777004" };
    expect((await api.call("POST", "/channels", { ...page, settings })).body).toMatchObject({
      code: "unsupported_action",
      errors: [{ pointer: "/settings/inbound_body_purge" }],
    });
    const { id } = (await api.call("POST", "/channels", page)).body;
    expect((await api.call("PATCH", `/channels/${id}`, { settings })).status).toBe(422);
    const shop = whatsapp({ external_id: "777005", settings });
    expect((await api.call("POST", "/channels", shop)).body.settings).toEqual(settings);
  });

  test("of its account are what a confined key sees, and it cannot change the workspace's", async () => {
    const id = await newAccount();
    await api.call("PATCH", `/accounts/${id}`, { settings: { ai_enabled: false } });
    const key = await api.newKey({ scopes: ["*"], account_id: id });
    expect((await api.call("GET", "/settings", undefined, key)).body.ai_enabled).toBe(false);
    const change = await api.call("PATCH", "/settings", { ai_enabled: true }, key);
    expect(change.body.code).toBe("forbidden");
  });
});

describe("a channel", () => {
  test("is connected with its credentials, which are sealed and never shown", async () => {
    const credentials = { access_token: "EAAG-canary-token", app_secret: "canary-secret" };
    const made = await api.call("POST", "/channels", whatsapp({ credentials, waba_id: "77" }));
    expect(made).toMatchObject({
      status: 201,
      body: {
        kind: "whatsapp",
        waba_id: "77",
        has_access_token: true,
        has_app_secret: true,
        has_auth_token: false,
        is_default: false,
        state: "connected",
        settings: {},
      },
    });
    const { rows } = await api.connections.pool.query(
      "select id, credentials from channel where id = $1",
      [parseId("ch", made.body.id)],
    );
    expect(JSON.parse(api.vault.open(rows[0].credentials, credentialsPlace(rows[0].id)))).toEqual(
      credentials,
    );
    expect(JSON.stringify([made.body, rows, api.logger.lines])).not.toContain("canary");
  });

  test.each([
    ["messenger", {}, null],
    ["instagram", {}, "facebook"],
    ["instagram", { login: "instagram" }, "instagram"],
  ])("of the kind %s is connected with %j", async (kind, own, login) => {
    const body = { kind, name: "Page", external_id: number(), ...own };
    const made = await api.call("POST", "/channels", body);
    expect(made).toMatchObject({ status: 201, body: { kind, login, waba_id: null } });
    expect((await api.call("GET", `/channels/${made.body.id}`)).body).toEqual(made.body);
    expect((await api.call("POST", "/channels", { ...body, waba_id: "7" })).body).toMatchObject({
      status: 422,
    });
    expect((await api.call("POST", "/channels", { ...body, external_id: "@shop" })).status).toBe(
      422,
    );
  });

  test("that is paused or refused is listed among those that need somebody", async () => {
    const scopes = ["channels:read", "channels:write"];
    const key = await api.newKey({ scopes, account_id: await newAccount("In trouble") });
    const [paused] = [await newChannel({ name: "Paused" }, key), await newChannel({}, key)];
    const listed = async () => {
      const { body } = await api.call("GET", "/channels?troubled=true", undefined, key);
      return body.data.map(({ id }: { id: string }) => id);
    };
    expect(await listed()).toEqual([]);
    await api.connections.pool.query("update channel set state = 'paused' where id = $1", [
      parseId("ch", paused),
    ]);
    expect(await listed()).toEqual([paused]);
  });

  test("of Instagram changes whose login gave its token; no other kind has one", async () => {
    const body = { kind: "instagram", name: "IG", external_id: number() };
    const { id } = (await api.call("POST", "/channels", body)).body;
    expect((await api.call("PATCH", `/channels/${id}`, { login: "instagram" })).body.login).toBe(
      "instagram",
    );
    expect((await api.call("PATCH", `/channels/${id}`, { name: "x" })).body.login).toBe(
      "instagram",
    );
    const other = await newChannel();
    expect((await api.call("PATCH", `/channels/${other}`, { login: "facebook" })).status).toBe(422);
  });

  /** Of which channels it is to be told that they go on. */
  const restored = async () => {
    const { rows } = await api.connections.pool.query(
      `select channel_id from channel_notice where notice::json ->> 'kind' = 'restored'`,
    );
    return rows.map((row) => row.channel_id);
  };

  test("that had paused goes on with new credentials, and that is told", async () => {
    const id = await newChannel({ credentials: { access_token: "one" } });
    const patch = () =>
      api.call("PATCH", `/channels/${id}`, { credentials: { access_token: "two" } });
    await patch();
    expect(await restored()).toEqual([]);
    await api.connections.pool.query(
      "update channel set state = 'paused', state_reason = 'Expired.'",
    );
    expect((await patch()).body).toMatchObject({ state: "connected", state_reason: null });
    expect(await restored()).toEqual([parseId("ch", id)]);
  });

  test("keeps the credentials that a change leaves out", async () => {
    const id = await newChannel({ credentials: { access_token: "one", app_secret: "two" } });
    const stored = async () => {
      const { rows } = await api.connections.pool.query(
        "select id, credentials from channel where id = $1",
        [parseId("ch", id)],
      );
      const sealed = rows[0].credentials;
      return sealed && JSON.parse(api.vault.open(sealed, credentialsPlace(rows[0].id)));
    };
    const patch = (body: object) => api.call("PATCH", `/channels/${id}`, body);
    expect((await patch({ name: "New" })).body.name).toBe("New");
    expect(await stored()).toEqual({ access_token: "one", app_secret: "two" });
    await patch({ credentials: { access_token: "three" } });
    expect(await stored()).toEqual({ access_token: "three", app_secret: "two" });
    expect((await patch({ credentials: { app_secret: null } })).body.has_app_secret).toBe(false);
    expect(await stored()).toEqual({ access_token: "three" });
    await patch({ credentials: { access_token: null } });
    expect(await stored()).toBeNull();
  });

  test("that was paused goes on with new credentials", async () => {
    const id = await newChannel();
    await api.connections.pool.query(
      "update channel set state = 'paused', state_reason = 'token expired' where id = $1",
      [parseId("ch", id)],
    );
    const renamed = await api.call("PATCH", `/channels/${id}`, { name: "x" });
    expect(renamed.body).toMatchObject({ state: "paused", state_reason: "token expired" });
    const body = { credentials: { access_token: "new" } };
    expect((await api.call("PATCH", `/channels/${id}`, body)).body).toMatchObject({
      state: "connected",
      state_reason: null,
    });
  });

  test("is connected once, in whatever workspace, until it is deleted", async () => {
    const other = (await api.call("POST", "/workspaces", { name: "Other" })).body.id;
    const channel = whatsapp();
    const { body } = await api.call("POST", "/channels", channel);
    const again = await api.call("POST", "/channels", channel);
    expect(again).toMatchObject({ status: 409, body: { code: "channel_taken" } });
    const elsewhere = await api.call("POST", "/channels", channel, undefined, {
      "curlew-workspace": other,
    });
    expect(elsewhere.body.detail).toBe(again.body.detail);
    expect((await api.call("DELETE", `/channels/${body.id}`)).status).toBe(204);
    expect((await api.call("GET", `/channels/${body.id}`)).body.code).toBe("not_found");
    expect((await api.call("POST", "/channels", channel)).status).toBe(201);
    const { rows } = await api.connections.pool.query(
      "select credentials from channel where id = $1",
      [parseId("ch", body.id)],
    );
    expect(rows[0].credentials).toBeNull();
  });

  test("is the default of its account and kind in place of the one before", async () => {
    const account_id = await newAccount();
    const isDefault = async (id: string) =>
      (await api.call("GET", `/channels/${id}`)).body.is_default;
    const first = await newChannel({ account_id, is_default: true });
    const elsewhere = await newChannel({ is_default: true });
    const second = await newChannel({ account_id });
    await api.call("PATCH", `/channels/${second}`, { is_default: true });
    expect(await isDefault(first)).toBe(false);
    expect(await isDefault(second)).toBe(true);
    expect(await isDefault(elsewhere), "that of another account stays").toBe(true);
  });

  test("is connected by whatever id Meta may give, and told where it looks like none", async () => {
    const odd = { kind: "instagram", name: "Shop", external_id: "IG-account.1" };
    const { status, body } = await api.call("POST", "/channels", odd);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      external_id: "IG-account.1",
      warnings: [{ pointer: "/external_id", detail: expect.stringContaining("digits only") }],
    });
    expect((await api.call("GET", `/channels/${body.id}`)).body).not.toHaveProperty("warnings");
    expect((await api.call("POST", "/channels", whatsapp())).body).not.toHaveProperty("warnings");
  });

  test("of a Twilio number has the account's credentials and may send by a messaging service", async () => {
    const sms = {
      kind: "sms",
      name: "Number",
      external_id: "+15558675310",
      credentials: { account_sid: `AC${"1f".repeat(16)}`, auth_token: "hush-hush" },
      messaging_service_sid: SERVICE,
    };
    const { status, body } = await api.call("POST", "/channels", sms);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: "sms",
      external_id: "+15558675310",
      messaging_service_sid: SERVICE,
      has_account_sid: true,
      has_auth_token: true,
      has_access_token: false,
    });
    expect(JSON.stringify(body)).not.toContain("hush");
  });

  test.each([
    ["another kind", { kind: "linkedin", external_id: "1" }, "unsupported_action", "/kind"],
    [
      "what stands in a guide for an id",
      { kind: "whatsapp", external_id: "<phone_number_id>" },
      "invalid_request",
      "/external_id",
    ],
    [
      "a Twilio number that is not in E.164",
      { kind: "sms", external_id: "15558675310" },
      "invalid_request",
      "/external_id",
    ],
    [
      "Meta's fields at Twilio",
      { kind: "sms", external_id: "+15558675310", waba_id: "1" },
      "invalid_request",
      "/waba_id",
    ],
    [
      "the guide's dots for a Twilio account",
      { kind: "sms", external_id: "+15558675310", credentials: { account_sid: "AC…" } },
      "invalid_request",
      "/credentials/account_sid",
    ],
    [
      "the guide's dots for a messaging service",
      { kind: "sms", external_id: "+15558675310", messaging_service_sid: "MG…" },
      "invalid_request",
      "/messaging_service_sid",
    ],
    ["no kind at all", { kind: "fax" }, "invalid_request", "/kind"],
    ["an address that is none", { external_id: "+49 151" }, "invalid_request", "/external_id"],
    ["a name", { kind: "instagram", external_id: "@shop" }, "invalid_request", "/external_id"],
    ["a link", { external_id: "https://wa.me/1" }, "invalid_request", "/external_id"],
    [
      "Twilio's credentials",
      { credentials: { auth_token: "x" } },
      "invalid_request",
      "/credentials/auth_token",
    ],
    [
      "Twilio's fields",
      { messaging_service_sid: SERVICE },
      "invalid_request",
      "/messaging_service_sid",
    ],
    [
      "an unknown account",
      { account_id: "acc_01h455vb4pex5vsknk084sn02q" },
      "invalid_request",
      "/account_id",
    ],
    ["an unknown setting", { settings: { ai: true } }, "invalid_request", "/settings/ai"],
  ])("with %s is refused", async (_, more, code, pointer) => {
    expect((await api.call("POST", "/channels", whatsapp(more))).body).toMatchObject({
      code,
      errors: [{ pointer }],
    });
  });

  test("of another account does not exist for a confined key", async () => {
    const mine = await newAccount();
    const theirs = await newChannel({ account_id: await newAccount() });
    const key = await api.newKey({ scopes: ["*"], account_id: mine });
    const own = await newChannel({}, key);
    expect((await api.call("GET", `/channels/${own}`)).body.account_id).toBe(mine);
    const seen = await api.call("GET", "/channels", undefined, key);
    expect(seen.body.data.map(({ id }: { id: string }) => id)).toEqual([own]);
    for (const method of ["GET", "DELETE", "PATCH"]) {
      const body = method === "PATCH" ? { name: "x" } : undefined;
      const answer = await api.call(method, `/channels/${theirs}`, body, key);
      expect(answer.body.code).toBe("not_found");
    }
    const beyond = whatsapp({ account_id: await newAccount() });
    expect((await api.call("POST", "/channels", beyond, key)).body.errors[0].pointer).toBe(
      "/account_id",
    );
  });
});

test.each([
  ["accounts", { name: "x" }],
  ["channels", { kind: "whatsapp", name: "x", external_id: "1" }],
  ["endpoints", { name: "x", url: "https://example.com" }],
  ["api-keys", { name: "x", scopes: ["events:read"] }],
])("/%s is open to its own scopes alone", async (path, body) => {
  const noun = path.replace("-", "_");
  const others = await api.newKey({ scopes: ["events:read", "messages:send", `${noun}:write`] });
  expect((await api.call("GET", `/${path}`, undefined, others)).body).toMatchObject({
    code: "forbidden",
    detail: expect.stringContaining(`${noun}:read`),
  });
  const reader = await api.newKey({ scopes: [`${noun}:read`] });
  expect((await api.call("GET", `/${path}`, undefined, reader)).status).toBe(200);
  expect((await api.call("POST", `/${path}`, body, reader)).body).toMatchObject({
    code: "forbidden",
    detail: expect.stringContaining(`${noun}:write`),
  });
});
