import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Acceptor } from "../../src/core/events/recording.ts";
import { publicId } from "../../src/core/ids.ts";
import type { InboundOutcome, InboundRequest } from "../../src/core/messages/inbound.ts";
import { Secret } from "../../src/core/secret.ts";
import { createHttpApp } from "../../src/http/app.ts";
import { createChannelSecrets } from "../../src/http/ingress/channel-secrets.ts";
import { type IngressDeps, ingressRoutes } from "../../src/http/ingress/ingress.ts";
import { createTwilioChannels } from "../../src/http/ingress/twilio-channels.ts";
import { inboxSpec } from "../../src/inbox/inbox.ts";
import { createVault } from "../../src/runtime/secrets/vault.ts";
import { credentialsPlace } from "../../src/storage/channels/channels.ts";
import { principalWith, recordingLogger } from "../support/api/http.ts";
import {
  type InboxWorld,
  metaBody,
  OTHER_SHOP,
  openInboxWorld,
  SHOP,
} from "../support/messages/inbox-world.ts";
import { acceptorOf } from "../support/messages/recording.ts";

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
});
afterEach(async () => {
  await world.rows(
    "truncate event, message, provider_ref, unroutable, outbox, conversation, identity, contact cascade",
  );
});
afterAll(() => world.end());

const vault = createVault([new Uint8Array(32).fill(7)]);
let logger: ReturnType<typeof recordingLogger>;
let counted: Map<string, number>;
beforeEach(() => {
  logger = recordingLogger();
  counted = new Map();
});

const APP = {
  appSecrets: [new Secret("new secret"), new Secret("old secret")],
  verifyToken: new Secret("meatyhamhock"),
};

function open(inbox?: Acceptor<InboundRequest, InboundOutcome>, meta: IngressDeps["meta"] = APP) {
  const { connections } = world.database;
  const note = (name: string, items: number) => {
    if (items > 0) counted.set(name, (counted.get(name) ?? 0) + items);
  };
  const { verifyToken } = APP;
  const routes = ingressRoutes({
    meta,
    channelSecrets: createChannelSecrets({ db: connections.pool, vault, verifyToken }),
    twilioChannels: createTwilioChannels({ db: connections.pool, vault }),
    publicUrl: null,
    inbox: inbox ?? acceptorOf({ connections, clock: world.clock, ids: world.ids }, inboxSpec()),
    metrics: {
      inbound: (channel, outcome, items = 1) => note(`${channel} ${outcome}`, items),
      unroutable: (items = 1) => note("unroutable", items),
    },
    logger,
  });
  return createHttpApp({
    logger,
    clock: { monotonic: () => 0 },
    newId: () => world.ids.next(),
    ready: async () => ({ ready: true, checks: {} }),
    metrics: { contentType: "text/plain", text: async () => "", http: () => {} },
    version: "0.0.0",
    authenticate: async () => principalWith(),
    dashboardDir: null,
    routes: [{ path: "/", app: routes }],
  });
}

function signed(body: string | Uint8Array, secret = "old secret"): RequestInit {
  const digest = createHmac("sha256", secret).update(body).digest("hex");
  return {
    method: "POST",
    body,
    headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${digest}` },
  };
}

const rowsIn = async (table: string) =>
  (await world.rows<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n;

describe("what Meta posts", () => {
  test("is answered when it is in the database, with either of two secrets", async () => {
    const app = open();
    for (const [n, secret] of ["old secret", "new secret"].entries()) {
      const body = metaBody({ [SHOP]: { messages: [world.text(`wamid.${n}`)] } });
      const response = await app.request("/in/meta", signed(body, secret));
      expect(response.status).toBe(200);
      expect(await response.text()).toBe("EVENT_RECEIVED");
      expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
      expect(await rowsIn("message")).toBe(n + 1);
    }
    expect(Object.fromEntries(counted)).toEqual({ "whatsapp accepted": 2 });
  });

  test("with escaped letters and slashes is judged by its bytes", async () => {
    const body = metaBody({ [SHOP]: { messages: [world.text("wamid.1", "EMOJI")] } })
      .replaceAll("/", "\\/")
      .replace("EMOJI", "gr\\u00fc\\u00dfe \\ud83d\\udc4b");
    expect((await open().request("/in/meta", signed(body))).status).toBe(200);
    const { data } = await world.last();
    expect(data.message.content).toEqual({ type: "text", text: "grüße 👋" });
  });

  test.each([
    ["another secret", (body: string) => signed(body, "somebody's")],
    ["no signature", (body: string) => ({ method: "POST", body })],
    ["the signature of another body", (body: string) => ({ ...signed(`${body} `), body })],
  ])("with %s is refused and stored nowhere", async (_, request) => {
    const body = metaBody({ [SHOP]: { messages: [world.text("wamid.1")] } });
    const response = await open().request("/in/meta", request(body));
    expect(response.status).toBe(401);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({ code: "signature_refused" });
    for (const table of ["message", "unroutable", "event", "contact", "provider_ref"]) {
      expect(await rowsIn(table), table).toBe(0);
    }
    expect(Object.fromEntries(counted)).toEqual({ "meta failed": 1 });
    expect(JSON.stringify(logger.lines)).not.toContain("wamid.1");
  });

  test("is refused with what is missing where no app secret is set", async () => {
    const app = open(undefined, { appSecrets: [], verifyToken: null });
    const body = metaBody({ [SHOP]: { messages: [world.text("wamid.1")] } });
    expect(await (await app.request("/in/meta", signed(body))).json()).toMatchObject({
      ...{ code: "signature_refused", detail: expect.stringContaining("CURLEW_META_APP_SECRET") },
    });
    expect(JSON.stringify(logger.lines)).toContain("CURLEW_META_APP_SECRET");
  });

  test.each([
    ["no JSON", "<html>\u0000"],
    ["nothing", ""],
    ["another product's", '{"object":"page","entry":[{"id":"1"}]}'],
    ["a number", "7"],
  ])("that is %s is kept and answered 200", async (_, body) => {
    expect((await open().request("/in/meta", signed(body))).status).toBe(200);
    expect(await rowsIn("unroutable")).toBe(1);
    expect(Object.fromEntries(counted)).toEqual({ "meta unroutable": 1, unroutable: 1 });
  });

  test.each([
    ["a like of a post", { field: "feed", value: { item: "like", verb: "add", post_id: "1_1" } }],
    ["a post of the Page", { field: "feed", value: { item: "status", verb: "add", message: "!" } }],
    ["a new picture", { field: "picture", value: { verb: "edited" } }],
    ["other hours", { field: "hours" }],
  ])("that tells of %s is counted and kept nowhere", async (_, change) => {
    const body = JSON.stringify({ object: "page", entry: [{ id: "1", changes: [change] }] });
    expect((await open().request("/in/meta", signed(body))).status).toBe(200);
    expect(await rowsIn("unroutable")).toBe(0);
    expect(Object.fromEntries(counted)).toEqual({ "messenger ignored": 1 });
  });

  test("that brings a like between what cannot be read loses nothing of that", async () => {
    const like = { field: "feed", value: { item: "like", verb: "add", post_id: "1_1" } };
    const changes = [{ field: "feed", value: {} }, like, { field: "leadgen", value: {} }];
    const body = JSON.stringify({ object: "page", entry: [{ id: "1", changes }] });
    expect((await open().request("/in/meta", signed(body))).status).toBe(200);
    expect(await world.rows("select reason from unroutable")).toEqual([
      { reason: "unknown_field" },
      { reason: "unknown_field" },
    ]);
    expect(counted.get("messenger ignored")).toBe(1);
  });

  test("of 3 MB is taken, and of more than 4 MB refused", async () => {
    const text = "x".repeat(3_000);
    const messages = Array.from({ length: 1_000 }, (_, n) => world.text(`wamid.${n}`, text));
    const body = metaBody({ [SHOP]: { messages } });
    expect(body.length).toBeGreaterThan(3_000_000);
    expect((await open().request("/in/meta", signed(body))).status).toBe(200);
    expect(await rowsIn("message")).toBe(1_000);
    const large = signed(`"${"x".repeat(4 * 1024 * 1024)}"`);
    const response = await open().request("/in/meta", large);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "body_too_large" });
  });

  test("is kept whole when it could not be taken, so that Meta need not bring it again", async () => {
    const { connections } = world.database;
    const real = acceptorOf({ connections, clock: world.clock, ids: world.ids }, inboxSpec());
    const body = metaBody({ [SHOP]: { messages: [world.text("wamid.1")] } });
    let calls = 0;
    const response = await open({
      accept: (unit) => (calls++ === 0 ? Promise.reject(new Error("poison")) : real.accept(unit)),
    }).request("/in/meta", signed(body));
    expect(response.status).toBe(200);
    expect(await world.rows("select reason, payload from unroutable")).toEqual([
      { reason: "internal_error", payload: body },
    ]);
  });

  test("is not answered 200 while the database cannot keep it", async () => {
    const response = await open({ accept: () => Promise.reject(new Error("gone")) }).request(
      "/in/meta",
      signed(metaBody({})),
    );
    expect(response.status).toBe(500);
  });
});

describe("the handshake", () => {
  const ask = (path: string, token = "meatyhamhock", challenge = "1158201444") =>
    open().request(
      `${path}?${new URLSearchParams({
        "hub.mode": "subscribe",
        "hub.verify_token": token,
        "hub.challenge": challenge,
      })}`,
    );

  test("is answered with the bare challenge", async () => {
    const response = await ask("/in/meta");
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("1158201444");
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
  });

  test.each([
    ["a wrong token", () => ask("/in/meta", "meaty")],
    ["a challenge that is a script", () => ask("/in/meta", "meatyhamhock", "<script>")],
    ["no parameters", () => open().request("/in/meta")],
  ])("with %s is refused", async (_, request) => {
    const response = await request();
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "verify_token_refused" });
  });
});

test("the handshake is refused with what is missing where no verify token is set", async () => {
  const app = open(undefined, { appSecrets: [], verifyToken: null });
  const query = "hub.mode=subscribe&hub.verify_token=meatyhamhock&hub.challenge=1";
  expect(await (await app.request(`/in/meta?${query}`)).json()).toMatchObject({
    ...{
      code: "verify_token_refused",
      detail: expect.stringContaining("CURLEW_META_VERIFY_TOKEN"),
    },
  });
});

describe("a channel with its own app", () => {
  async function giveSecret(externalId: string, credentials: object | null): Promise<string> {
    const id = world.channels[externalId]?.id ?? "";
    const sealed = credentials && vault.seal(JSON.stringify(credentials), credentialsPlace(id));
    await world.rows("update channel set credentials = $2 where id = $1", [id, sealed]);
    return `/in/channels/${publicId("ch", id)}`;
  }

  test("takes what its own secret has signed, and only for its own number", async () => {
    const path = await giveSecret(SHOP, { app_secret: "its own", access_token: "t" });
    const body = metaBody({
      [SHOP]: { messages: [world.text("wamid.1")] },
      [OTHER_SHOP]: { messages: [world.text("wamid.2")] },
    });
    expect((await open().request(path, signed(body, "its own"))).status).toBe(200);
    expect(await rowsIn("message")).toBe(1);
    expect(await world.rows("select reason from unroutable")).toEqual([
      { reason: "other_channel" },
    ]);
    expect((await open().request(path, signed(body, "old secret"))).status).toBe(401);
    expect((await open().request("/in/meta", signed(body, "its own"))).status).toBe(401);
  });

  test("that brings no secret, is gone or never was refuses all alike", async () => {
    const none = await giveSecret(SHOP, { access_token: "t" });
    const bare = await giveSecret(OTHER_SHOP, null);
    const never = `/in/channels/${publicId("ch", world.ids.next())}`;
    const body = metaBody({ [SHOP]: { messages: [world.text("wamid.1")] } });
    const answers = [];
    for (const path of [none, bare, never, "/in/channels/nonsense"]) {
      for (const secret of ["old secret", ""]) {
        const response = await open().request(path, signed(body, secret));
        const { request_id: _, ...problem } = (await response.json()) as Record<string, unknown>;
        answers.push(JSON.stringify(problem));
      }
      const get = `${path}?hub.mode=subscribe&hub.verify_token=meatyhamhock&hub.challenge=1`;
      expect((await open().request(get)).status).toBe(403);
    }
    expect(new Set(answers).size).toBe(1);
    expect(JSON.parse(answers[0] ?? "")).toMatchObject({ code: "signature_refused" });
    expect(await rowsIn("message")).toBe(0);
  });

  test("answers the handshake with the instance's token", async () => {
    const path = await giveSecret(SHOP, { app_secret: "its own" });
    const get = `${path}?hub.mode=subscribe&hub.verify_token=meatyhamhock&hub.challenge=99`;
    expect(await (await open().request(get)).text()).toBe("99");
  });
});
