import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseId } from "../../src/core/ids.ts";
import { secretPlace } from "../../src/storage/endpoints/endpoints.ts";
import { createTestApi } from "../support/api/api.ts";

let api: Awaited<ReturnType<typeof createTestApi>>;
beforeAll(async () => {
  api = await createTestApi({
    checkUrl: async (url) =>
      url.startsWith("https://")
        ? { ok: true }
        : { ok: false, rule: "https_only", detail: "only https://, or CURLEW_ALLOW_TARGETS" },
  });
});
afterAll(() => api.close());

const base = { name: "CRM", url: "https://example.com/hooks" };
const post = (more: object = {}, key?: string) =>
  api.call("POST", "/endpoints", { ...base, ...more }, key);
const newEndpoint = async (more: object = {}, key?: string) => {
  const answer = await post(more, key);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
};
const newAccount = async () => (await api.call("POST", "/accounts", { name: "a" })).body.id;
let numbers = 1;
const newChannel = async (more: object = {}, key?: string) => {
  const body = { kind: "whatsapp", name: "c", external_id: String(numbers++), ...more };
  return (await api.call("POST", "/channels", body, key)).body.id as string;
};
const query = async (text: string, ...values: unknown[]) =>
  (await api.connections.pool.query(text, values)).rows;

describe("a new endpoint", () => {
  test("may precede the first event of a type, and is told what looks like a slip of another", async () => {
    const events = ["order.placed", "mesage.received", "conversaton.*"];
    const made = await newEndpoint({ events });
    expect(made.events).toEqual(events);
    const slip = (n: number, text: string, meant: string) => ({
      pointer: `/events/${n}`,
      detail: `did you mean ${meant}? ${text} is none of Curlew's types, and nobody has described it`,
    });
    const slips = [
      slip(1, "mesage.received", "message.received"),
      slip(2, "conversaton.*", "conversation.*"),
    ];
    expect(made.warnings).toEqual(slips);
    await api.call("PUT", "/event-types/order.shipped", {});
    const path = `/endpoints/${made.id}`;
    const changed = await api.call("PATCH", path, { events: ["order.packed", ...events] });
    expect(changed.body.warnings.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      ...["/events/2", "/events/3"],
      ...["/events/0", "/events/1"],
    ]);
    expect(changed.body.warnings[2].detail).toBe(
      "order.packed is not among the types that this workspace has described; it comes when somebody publishes it",
    );
    const right = await api.call("PATCH", path, { events: ["order.shipped", "message.*", "*"] });
    expect(right.body).not.toHaveProperty("warnings");
    expect((await api.call("PATCH", path, { name: "Other" })).body).not.toHaveProperty("warnings");
    await api.call("DELETE", "/event-types/order.shipped");
  });

  test("is not warned of the names that its dialect has", async () => {
    const made = await newEndpoint({ dialect: "chatgenius", events: ["sms.message_received"] });
    expect(made).not.toHaveProperty("warnings");
  });

  test("gets everything, as its dialect has it, when nothing else is said", async () => {
    const made = await newEndpoint();
    expect(made).toEqual({
      ...base,
      id: expect.stringMatching(/^ep_/),
      serial: expect.any(Number),
      account_id: null,
      description: null,
      dialect: "curlew",
      dialect_options: { ed25519: false },
      shadow_dialect: null,
      hold_key: null,
      events: ["*"],
      channels: [],
      account_ids: [],
      campaign_ids: [],
      custom_fields: [],
      retry_schedule: [5, 300, 1800, 7200, 18_000, 36_000, 36_000],
      timeout_ms: 15_000,
      ordering: "parallel",
      rate_limit: null,
      headers: {},
      filter: null,
      has_auth: false,
      auth: null,
      metadata: {},
      secrets: [
        {
          id: expect.stringMatching(/^sec_/),
          stage: "signing",
          created_at: made.created_at,
          expires_at: null,
          still_needed: null,
        },
      ],
      state: "enabled",
      state_reason: null,
      verified_at: null,
      created_at: expect.any(String),
      updated_at: made.created_at,
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
  });

  test("shows its secret once, and keeps it sealed", async () => {
    const { secret, ...made } = await newEndpoint();
    expect((await api.call("GET", `/endpoints/${made.id}`)).body).toEqual(made);
    const [row] = await query(
      "select * from endpoint_secret where endpoint_id = $1",
      parseId("ep", made.id),
    );
    expect(row).toMatchObject({ stage: "signing" });
    expect(api.vault.open(row.sealed, secretPlace(row.id))).toBe(secret);
    expect(JSON.stringify(api.logger.lines)).not.toContain(secret);
  });

  test("signs with the secret that it was given", async () => {
    const secret = `whsec_${Buffer.alloc(24, 9).toString("base64")}`;
    expect((await newEndpoint({ secret })).secret).toBe(secret);
  });

  test("keeps what it was told", async () => {
    const account = await newAccount();
    const channel = await newChannel();
    const told = {
      description: "To the CRM",
      events: ["message.*", "order.shipped", "delivery.dead_lettered"],
      account_ids: [account],
      campaign_ids: ["spring"],
      custom_fields: ["mobile"],
      retry_schedule: [1, 60, 604_800],
      timeout_ms: 60_000,
      ordering: "conversation",
      rate_limit: 10,
      filter: { "data.order.total": { range: { gte: 100 } }, "data.order.status": ["paid"] },
      metadata: { team: "sales" },
    };
    const made = await newEndpoint({
      ...told,
      channels: ["whatsapp", channel, "whatsapp"],
      headers: { "X-Tenant": "42" },
      auth: { type: "bearer", token: "canary-token" },
      enabled: false,
    });
    expect(made).toMatchObject({
      ...told,
      channels: ["whatsapp", channel],
      headers: { "x-tenant": "***" },
      has_auth: true,
      auth: { type: "bearer" },
      state: "disabled",
    });
    const rows = await query("select * from endpoint where id = $1", parseId("ep", made.id));
    expect(rows[0]).toMatchObject({ disabled_by: "user" });
    expect(JSON.stringify([made, rows])).not.toContain("canary");
  });
});

describe("an endpoint of another dialect", () => {
  test("begins as its dialect does", async () => {
    expect(await newEndpoint({ dialect: "chatgenius" })).toMatchObject({
      state: "disabled",
      retry_schedule: [30, 60, 300, 900, 3600, 14_400],
      timeout_ms: 15_000,
      dialect_options: {
        ...{ signature_format: "sha256=hex", history_messages: 0, extended_events: false },
      },
      secret: expect.stringMatching(/^whsec_/),
    });
    expect(await newEndpoint({ dialect: "chatmefy", enabled: true })).toMatchObject({
      state: "enabled",
      timeout_ms: 30_000,
    });
    // Nobody answers there: it is not verified.
    expect(await newEndpoint({ dialect: "dmtolead", enabled: true })).toMatchObject({
      state: "disabled",
      state_reason: expect.stringMatching(/^Verification failed\. /),
      dialect_options: { strict_200: false, extended_events: false },
    });
    expect(await newEndpoint({ dialect: "genesy" })).toMatchObject({
      state: "enabled",
      secret: null,
      secrets: [],
    });
  });

  test("signs with what its receivers already hold", async () => {
    const secret = "held-since-2023";
    expect((await newEndpoint({ dialect: "chatmefy", secret })).secret).toBe(secret);
    expect((await newEndpoint({ dialect: "genesy", secret })).secret).toBe(secret);
  });

  test("is asked for events by its own names, and shows them", async () => {
    const events = ["reel_shared", "lead.created", "message.received", "order.*", "*"];
    const made = await newEndpoint({ dialect: "chatgenius", events: events.slice(0, 4) });
    expect(made.events).toEqual([
      "reel_shared",
      "lead_captured",
      "sms.message_received",
      "whatsapp.message_received",
      "post_shared",
      "message_received",
      "order.*",
    ]);
    const changed = await api.call("PATCH", `/endpoints/${made.id}`, { events: ["escalation"] });
    expect(changed.body.events).toEqual(["escalation"]);
    const refused = await api.call("PATCH", `/endpoints/${made.id}`, { events: ["reel_share"] });
    expect(refused.body.errors[0]).toEqual({
      pointer: "/events/0",
      detail: '"reel_share" is no event type; did you mean reel_shared?',
    });
    const genesy = await post({ dialect: "genesy", events: ["MESSAGE_REPLYED"] });
    expect(genesy.body.errors[0].detail).toContain("did you mean MESSAGE_REPLIED?");
  });

  test("is not asked for events by the names of another", async () => {
    for (const dialect of ["curlew", "genesy"]) {
      const { body } = await post({ dialect, events: ["sms.message_received"] });
      expect(body.errors[0]).toEqual({
        pointer: "/events/0",
        detail:
          '"sms.message_received" is what chatgenius calls it; did you mean message.received?',
      });
    }
  });

  test("shows its secret again only where its dialect promises that", async () => {
    const made = await newEndpoint({ dialect: "chatgenius" });
    const shown = await api.call("POST", `/endpoints/${made.id}/reveal-secret`);
    expect(shown).toMatchObject({ status: 200, body: { secret: made.secret } });
    expect(shown.headers.get("cache-control")).toBe("no-store");
    const rotated = await api.call("POST", `/endpoints/${made.id}/rotate-secret`, {});
    expect((await api.call("POST", `/endpoints/${made.id}/reveal-secret`)).body).toEqual({
      secret: rotated.body.secret,
    });
    for (const dialect of ["curlew", "dmtolead", "genesy"]) {
      const { id } = await newEndpoint({ dialect });
      expect((await api.call("POST", `/endpoints/${id}/reveal-secret`)).status).toBe(409);
    }
    const reader = await api.call("POST", "/api-keys", { name: "r", scopes: ["endpoints:read"] });
    const path = `/endpoints/${made.id}/reveal-secret`;
    expect((await api.call("POST", path, undefined, reader.body.key)).status).toBe(403);
  });

  test("keeps its options, and goes back to the dialect's where they are left out", async () => {
    const made = await newEndpoint({
      dialect: "chatgenius",
      dialect_options: { signature_format: "base64" },
    });
    const kept = { signature_format: "base64", history_messages: 0, extended_events: false };
    expect(made.dialect_options).toEqual(kept);
    const path = `/endpoints/${made.id}`;
    expect((await api.call("PATCH", path, { name: "n" })).body.dialect_options).toEqual(kept);
    const dialect_options = { extended_events: true };
    expect((await api.call("PATCH", path, { dialect_options })).body.dialect_options).toEqual({
      signature_format: "sha256=hex",
      history_messages: 0,
      extended_events: true,
    });
    const wrong = await api.call("PATCH", path, { dialect_options: { strict_200: true } });
    expect(wrong.status).toBe(422);
    expect(wrong.body.errors[0]).toMatchObject({ pointer: "/dialect_options/strict_200" });
  });
});

describe("an endpoint that signs with Ed25519 too", () => {
  test("shows the public keys of its secrets, and never what signs", async () => {
    const made = await newEndpoint({ dialect_options: { ed25519: true } });
    const path = `/endpoints/${made.id}/public-keys`;
    const { body } = await api.call("GET", path);
    expect(body.data).toEqual([
      {
        secret_id: made.secrets[0].id,
        public_key: expect.stringMatching(/^whpk_[A-Za-z0-9+/]{43}=$/),
        stage: "signing",
        expires_at: null,
      },
    ]);
    await api.call("POST", `/endpoints/${made.id}/rotate-secret`, {});
    const keys: { public_key: string; stage: string }[] = (await api.call("GET", path)).body.data;
    expect(keys.map(({ stage }) => stage)).toEqual(["signing", "retiring"]);
    expect(new Set(keys.map(({ public_key }) => public_key)).size).toBe(2);
    expect(keys[1]?.public_key).toBe(body.data[0].public_key);
  });

  test("is a native one", async () => {
    const made = await newEndpoint({ dialect: "chatmefy" });
    expect((await api.call("GET", `/endpoints/${made.id}/public-keys`)).body).toEqual({ data: [] });
  });
});

describe("an endpoint is refused with a pointer", () => {
  test.each([
    [
      "a slip in an event type",
      { events: ["order.*", "message.recieved"] },
      "unknown_event_type",
      "/events/1",
    ],
    ["no event type at all", { events: [] }, "invalid_request", "/events"],
    ["another dialect", { dialect: "esperanto" }, "invalid_request", "/dialect"],
    [
      "an option that its dialect does not have",
      { dialect_options: { loud: true } },
      "invalid_request",
      "/dialect_options/loud",
    ],
    [
      "an option that cannot be",
      { dialect: "dmtolead", dialect_options: { strict_200: "yes" } },
      "invalid_request",
      "/dialect_options/strict_200",
    ],
    [
      "a shadow that nobody speaks",
      { shadow_dialect: "esperanto" },
      "invalid_request",
      "/shadow_dialect",
    ],
    ["a secret that cannot sign", { secret: "hunter2" }, "invalid_request", "/secret"],
    ["an unknown kind of channel", { channels: ["fax"] }, "invalid_request", "/channels/0"],
    [
      "a channel that is not there",
      { channels: ["sms", "ch_01h455vb4pex5vsknk084sn02q"] },
      "invalid_request",
      "/channels/1",
    ],
    [
      "an account that is not there",
      { account_ids: ["acc_01h455vb4pex5vsknk084sn02q"] },
      "invalid_request",
      "/account_ids/0",
    ],
    ["no wait", { retry_schedule: [0] }, "invalid_request", "/retry_schedule/0"],
    ["too long a wait", { retry_schedule: [5, 604_801] }, "invalid_request", "/retry_schedule/1"],
    ["too many waits", { retry_schedule: Array(21).fill(1) }, "invalid_request", "/retry_schedule"],
    ["no waits", { retry_schedule: [] }, "invalid_request", "/retry_schedule"],
    ["too long a timeout", { timeout_ms: 60_001 }, "invalid_request", "/timeout_ms"],
    [
      "a header of ours",
      { headers: { "Webhook-Id": "x" } },
      "invalid_request",
      "/headers/Webhook-Id",
    ],
    ["a header twice", { headers: { "x-a": "1", "X-A": "2" } }, "invalid_request", "/headers/X-A"],
    [
      "too many headers",
      { headers: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`x-${i}`, "1"])) },
      "invalid_request",
      "/headers",
    ],
    ["metadata that is no text", { metadata: { a: 1 } }, "invalid_request", "/metadata/a"],
    ["an empty filter", { filter: {} }, "invalid_request", "/filter"],
    [
      "a filter on a field that no body has",
      { filter: { "order.total": 1 } },
      "invalid_request",
      "/filter/order.total",
    ],
    [
      "a filter with an operator that is none",
      { filter: { "data.a": { matches: "x" } } },
      "invalid_request",
      "/filter/data.a/matches",
    ],
    [
      "a filter with a range that never holds",
      { filter: { "data.a": { range: { gte: 1, lt: "9" } } } },
      "invalid_request",
      "/filter/data.a/range",
    ],
    [
      "too large a filter",
      { filter: { "data.a": "x".repeat(5000) } },
      "invalid_request",
      "/filter",
    ],
    ["another order", { ordering: "random" }, "invalid_request", "/ordering"],
    ["an unknown field", { retries: 3 }, "invalid_request", "/retries"],
    ["a state", { state: "enabled" }, "invalid_request", "/state"],
  ])("for %s", async (_, more, code, pointer) => {
    expect((await post(more)).body).toMatchObject({ status: 422, code, errors: [{ pointer }] });
  });

  test("that names what was probably meant", async () => {
    const { body } = await post({ events: ["message.recieved"] });
    expect(body.detail).toContain("did you mean message.received?");
  });

  test("for an address that may not be reached, with the rule and the setting", async () => {
    expect((await post({ url: "http://10.0.0.1/" })).body).toMatchObject({
      status: 422,
      code: "address_refused",
      rule: "https_only",
      setting: "CURLEW_ALLOW_TARGETS",
      errors: [{ pointer: "/url" }],
    });
    const { id } = await newEndpoint();
    const patched = await api.call("PATCH", `/endpoints/${id}`, { url: "ftp://x" });
    expect(patched.body.code).toBe("address_refused");
  });
});

describe("an endpoint that is there", () => {
  test.each([
    ["dialect", "stripe", "never changes: make another endpoint with POST /v1/endpoints"],
    ["secret", "whsec_x", "POST /v1/endpoints/{id}/rotate-secret makes a new one"],
    ["secret", null, "POST /v1/endpoints/{id}/rotate-secret makes a new one"],
    ["enabled", false, "POST /v1/endpoints/{id}/enable, /disable, /pause or /resume"],
    ["state", "paused", "POST /v1/endpoints/{id}/enable, /disable, /pause or /resume"],
    ["evnts", ["*"], "is not known here; did you mean events?"],
  ])(
    "is not changed in its %s (%j), and it is said what to do instead",
    async (name, value, way) => {
      const { id } = await newEndpoint();
      const { body } = await api.call("PATCH", `/endpoints/${id}`, { [name]: value });
      expect(body).toMatchObject({
        ...{ status: 422, code: "invalid_request", detail: expect.stringContaining(way) },
        errors: [{ pointer: `/${name}`, detail: expect.stringContaining(way) }],
      });
    },
  );

  test("is changed in what is named and nothing else", async () => {
    const { secret: _, ...made } = await newEndpoint({ metadata: { a: "1" }, rate_limit: 5 });
    const patch = (body: object) => api.call("PATCH", `/endpoints/${made.id}`, body);
    await api.clock.advance(1000);
    const changed = await patch({ events: ["lead.created"], channels: ["sms"], rate_limit: null });
    expect(changed.body).toEqual({
      ...made,
      events: ["lead.created"],
      channels: ["sms"],
      rate_limit: null,
      updated_at: expect.any(String),
    });
    expect(Date.parse(changed.body.updated_at) - Date.parse(made.updated_at)).toBe(1000);
    expect((await patch({ channels: [] })).body.channels).toEqual([]);
    expect((await patch({ retry_schedule: [7] })).body.retry_schedule).toEqual([7]);
    expect((await patch({ retry_schedule: null })).body.retry_schedule).toHaveLength(7);
    expect((await patch({ dialect: "curlew" })).body.errors[0].pointer).toBe("/dialect");
    expect((await patch({ secret: "x" })).body.errors[0].pointer).toBe("/secret");
  });

  test("is switched off and on, and held back", async () => {
    const { id } = await newEndpoint();
    const act = async (action: string) => {
      const { body } = await api.call("POST", `/endpoints/${id}/${action}`);
      return body.state ?? body.code;
    };
    expect(await act("pause")).toBe("paused");
    expect(await act("pause")).toBe("paused");
    expect(await act("resume")).toBe("enabled");
    expect(await act("disable")).toBe("disabled");
    expect(await act("pause")).toBe("conflict");
    expect(await act("resume")).toBe("conflict");
    const [row] = await query("select disabled_by from endpoint where id = $1", parseId("ep", id));
    expect(row.disabled_by).toBe("user");
    expect(await act("enable")).toBe("enabled");
    const seen = await api.call("GET", "/endpoints?state=disabled&limit=100");
    expect(seen.body.data.map((each: { id: string }) => each.id)).not.toContain(id);
  });

  test("leaves a tombstone and no secret when it is deleted", async () => {
    const { id } = await newEndpoint();
    const uuid = parseId("ep", id);
    expect((await api.call("DELETE", `/endpoints/${id}`)).status).toBe(204);
    expect((await api.call("GET", `/endpoints/${id}`)).body.code).toBe("not_found");
    expect((await api.call("POST", `/endpoints/${id}/enable`)).body.code).toBe("not_found");
    expect(await query("select 1 from endpoint where id = $1", uuid)).toHaveLength(1);
    expect(await query("select 1 from endpoint_secret where endpoint_id = $1", uuid)).toEqual([]);
  });

  test("is remembered as it stood under each version of the configuration", async () => {
    const { id, serial } = await newEndpoint({ events: ["lead.*"] });
    await api.call("PATCH", `/endpoints/${id}`, { events: ["order.*"] });
    await api.call("POST", `/endpoints/${id}/pause`);
    await api.call("DELETE", `/endpoints/${id}`);
    const rows = await query(
      "select config_version, snapshot from endpoint_version where endpoint = $1 order by 1",
      serial,
    );
    const snapshots = rows.map(({ snapshot }) => JSON.parse(snapshot));
    expect(snapshots.map(({ state }) => state)).toEqual([
      "enabled",
      "enabled",
      "paused",
      "deleted",
    ]);
    expect(snapshots.map(({ events }) => events[0])).toEqual([
      "lead.*",
      "order.*",
      "order.*",
      "order.*",
    ]);
    const [workspace] = await query(
      "select config_version from workspace where id = $1",
      api.workspace.id,
    );
    expect(rows.at(-1).config_version).toBe(workspace.config_version);
  });
});

describe("every change", () => {
  test("raises the version of the workspace and of the instance, and is told to all", async () => {
    const told: string[] = [];
    let heard = () => {};
    const hearing = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const listener = await api.connections.listen(
      "curlew_config",
      (payload) => {
        told.push(payload);
        heard();
      },
      () => {},
    );
    const versions = async () => {
      const [row] = await query(
        `select w.config_version as workspace, i.config_version as instance
          from workspace w, instance i where w.id = $1`,
        api.workspace.id,
      );
      return row;
    };
    const before = await versions();
    await newEndpoint();
    const after = await versions();
    expect(after.workspace).toBe(before.workspace + 1);
    expect(after.instance).toBe(before.instance + 1);
    await hearing;
    expect(told).toEqual([api.workspace.id]);
    await listener.close();
  });

  test("that is refused changes nothing", async () => {
    const versions = () => query("select config_version from instance");
    const before = await versions();
    await post({ channels: ["ch_01h455vb4pex5vsknk084sn02q"] });
    await api.call("DELETE", "/endpoints/ep_01h455vb4pex5vsknk084sn02q");
    expect(await versions()).toEqual(before);
  });

  test("made by many at once is made, one after the other", async () => {
    const { id } = await newEndpoint();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        api.call("PATCH", `/endpoints/${id}`, { rate_limit: i + 1 }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  });
});

describe("a key that is confined to an account", () => {
  test("makes endpoints that get that account's events alone, and say so to everybody", async () => {
    const account = await newAccount();
    const key = await api.newKey({ scopes: ["*"], account_id: account });
    const { id } = await newEndpoint({}, key);
    const [row] = await query(
      "select owner_account_id from endpoint where id = $1",
      parseId("ep", id),
    );
    expect(row.owner_account_id).toBe(parseId("acc", account));
    expect((await api.call("GET", `/endpoints/${id}`)).body.account_id).toBe(account);
    expect((await newEndpoint()).account_id).toBeNull();
  });

  test("names its own account and channels and no others", async () => {
    const account = await newAccount();
    const key = await api.newKey({ scopes: ["*"], account_id: account });
    const own = await newChannel({}, key);
    const foreign = await newChannel();
    const other = await newAccount();
    await newEndpoint({ channels: [own], account_ids: [account] }, key);
    expect((await post({ channels: [foreign] }, key)).body.errors[0].pointer).toBe("/channels/0");
    expect((await post({ account_ids: [other] }, key)).body.errors[0].pointer).toBe(
      "/account_ids/0",
    );
  });

  test("sees its own endpoints and no others", async () => {
    const account = await newAccount();
    const key = await api.newKey({ scopes: ["*"], account_id: account });
    const { id: foreign } = await newEndpoint();
    const { id: own } = await newEndpoint({}, key);
    const seen = await api.call("GET", "/endpoints", undefined, key);
    expect(seen.body.data.map((each: { id: string }) => each.id)).toEqual([own]);
    for (const [method, path] of [
      ["GET", ""],
      ["DELETE", ""],
      ["PATCH", ""],
      ["POST", "/disable"],
    ] as const) {
      const body = method === "PATCH" ? {} : undefined;
      const answer = await api.call(method, `/endpoints/${foreign}${path}`, body, key);
      expect(answer.body.code, method).toBe("not_found");
    }
    expect((await api.call("GET", `/endpoints/${own}`)).status).toBe(200);
  });
});

test("those that need somebody are listed by themselves", async () => {
  const scopes = ["endpoints:read", "endpoints:write"];
  const key = await api.newKey({ scopes, account_id: await newAccount() });
  const make = async (name: string) => newEndpoint({ name }, key);
  const [failing, paused, off] = [
    await make("failing"),
    await make("paused"),
    await make("switched off"),
    await make("well"),
  ];
  await api.call("POST", `/endpoints/${paused.id}/pause`, undefined, key);
  await api.call("POST", `/endpoints/${off.id}/disable`, undefined, key);
  await query(
    "insert into endpoint_health (endpoint, state, changed_at) values ($1, 'failing', now())",
    failing.serial,
  );
  const listed = async (filter: string) => {
    const { body } = await api.call("GET", `/endpoints?troubled=${filter}`, undefined, key);
    return body.data.map(({ name }: { name: string }) => name);
  };
  expect(await listed("true")).toEqual(["paused", "failing"]);
  expect(await listed("false")).toHaveLength(4);
  await query("update endpoint set disabled_by = 'failures' where serial = $1", off.serial);
  expect(await listed("true")).toEqual(["switched off", "paused", "failing"]);
});

test("endpoints of one workspace do not exist in another", async () => {
  const other = (await api.call("POST", "/workspaces", { name: "Other" })).body.id;
  const { id } = await newEndpoint();
  const answer = await api.call("GET", `/endpoints/${id}`, undefined, undefined, {
    "curlew-workspace": other,
  });
  expect(answer.body.code).toBe("not_found");
});

test("every event type is listed with what it says", async () => {
  const key = await api.newKey({ scopes: ["messages:send"] });
  const { body } = await api.call("GET", "/event-types", undefined, key);
  expect(body.data).toContainEqual({
    type: "message.received",
    description: "A customer wrote to one of your channels.",
    operational: false,
    is_own: false,
  });
  const detail = await api.call("GET", "/event-types/message.received", undefined, key);
  expect(detail.body.example).toMatchObject({ type: "message.received", data: { message: {} } });
  expect(detail.body.schema.properties.message.type).toBe("object");
});
