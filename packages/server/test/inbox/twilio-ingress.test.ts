import twilio from "twilio";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Acceptor } from "../../src/core/events/recording.ts";
import { publicId } from "../../src/core/ids.ts";
import type { InboundOutcome, InboundRequest } from "../../src/core/messages/inbound.ts";
import { createHttpApp } from "../../src/http/app.ts";
import { ingressRoutes } from "../../src/http/ingress/ingress.ts";
import { createTwilioChannels } from "../../src/http/ingress/twilio-channels.ts";
import { inboxSpec } from "../../src/inbox/inbox.ts";
import { createVault } from "../../src/runtime/secrets/vault.ts";
import { credentialsPlace } from "../../src/storage/channels/channels.ts";
import { principalWith, recordingLogger } from "../support/api/http.ts";
import { type InboxWorld, openInboxWorld } from "../support/messages/inbox-world.ts";
import { acceptorOf } from "../support/messages/recording.ts";

const PUBLIC = "https://curlew.example/base";
const NUMBER = "+15558675310";
const OTHER = "+15558675399";
const ADA = "+14017122661";
const TOKEN = "auth-token-of-the-number";
const SID = "SM00000000000000000000000000000001";

const vault = createVault([new Uint8Array(32).fill(7)]);
let world: InboxWorld;
let channelId: string;
let otherChannelId: string;
let counted: Map<string, number>;
let logger: ReturnType<typeof recordingLogger>;

beforeAll(async () => {
  world = await openInboxWorld();
  channelId = await connect(NUMBER, TOKEN, "MG1");
  otherChannelId = await connect(OTHER, `${TOKEN}-new, ${TOKEN}-old`, null);
});
beforeEach(() => {
  counted = new Map();
  logger = recordingLogger();
});
afterEach(async () => {
  await world.rows(
    "truncate event, message, provider_ref, unroutable, outbox, conversation, identity, contact cascade",
  );
});
afterAll(() => world.end());

async function connect(number: string, token: string, serviceSid: string | null): Promise<string> {
  const id = world.ids.next();
  const credentials = JSON.stringify({ account_sid: "AC1", auth_token: token });
  await world.rows(
    `insert into channel (id, workspace_id, kind, name, external_id, messaging_service_sid, credentials, created_at, updated_at)
     select $1, id, 'sms', 'Number', $2, $3, $4, now(), now() from workspace limit 1`,
    [id, number, serviceSid, vault.seal(credentials, credentialsPlace(id))],
  );
  return id;
}

function open(
  more: { publicUrl?: string | null; inbox?: Acceptor<InboundRequest, InboundOutcome> } = {},
) {
  const { connections } = world.database;
  const note = (name: string, items: number) => {
    if (items > 0) counted.set(name, (counted.get(name) ?? 0) + items);
  };
  const routes = ingressRoutes({
    meta: { appSecrets: [], verifyToken: null },
    channelSecrets: async () => null,
    twilioChannels: createTwilioChannels({ db: connections.pool, vault }),
    publicUrl: more.publicUrl === undefined ? PUBLIC : more.publicUrl,
    inbox:
      more.inbox ?? acceptorOf({ connections, clock: world.clock, ids: world.ids }, inboxSpec()),
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

type Params = Record<string, string>;

const written = (more: Params = {}): Params => ({
  MessageSid: SID,
  SmsSid: SID,
  AccountSid: "AC1",
  From: ADA,
  To: NUMBER,
  Body: "Grüße 😀",
  NumMedia: "0",
  NumSegments: "1",
  SmsStatus: "received",
  ApiVersion: "2010-04-01",
  ...more,
});

/** Signed by Twilio's own library. */
function signed(url: string, params: Params, token = TOKEN): RequestInit {
  return {
    method: "POST",
    body: new URLSearchParams(params).toString(),
    headers: {
      "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
      "x-twilio-signature": twilio.getExpectedTwilioSignature(token, url, params),
    },
  };
}

const rowsIn = async (table: string) =>
  (await world.rows<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n;

describe("what Twilio posts", () => {
  test("is answered with empty TwiML when it is in the database", async () => {
    const response = await open().request("/in/twilio", signed(`${PUBLIC}/in/twilio`, written()));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/xml");
    expect(await response.text()).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
    );
    const { data, contact, channel } = await world.last();
    expect((await world.types()).at(-1)).toBe("message.received");
    expect(channel).toMatchObject({ kind: "sms", external_id: NUMBER });
    expect(contact.identities).toMatchObject([{ id: ADA }]);
    expect(data.message.content).toEqual({
      type: "text",
      text: "Grüße 😀",
      encoding: "UCS-2",
      segments: 1,
    });
    expect(Object.fromEntries(counted)).toEqual({ "sms accepted": 1 });
  });

  test("twice is told once, also when both come at the same time", async () => {
    const app = open();
    const post = () => app.request("/in/twilio", signed(`${PUBLIC}/in/twilio`, written()));
    const answers = await Promise.all([post(), post(), post()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await rowsIn("message")).toBe(1);
    expect(counted.get("sms duplicate")).toBe(2);
  });

  test.each([
    ["the port of its scheme", "https://curlew.example:443/base/in/twilio"],
    ["no port at all", "https://curlew.example/base/in/twilio"],
  ])("signed with %s is taken", async (_, url) => {
    const response = await open().request("/in/twilio", signed(url, written()));
    expect(response.status).toBe(200);
  });

  test("with a query in its address is judged with it", async () => {
    const url = `${PUBLIC}/in/twilio?from=it's&x=%20y`;
    const init = signed(url, written());
    expect((await open().request("/in/twilio?from=it's&x=%20y", init)).status).toBe(200);
    expect((await open().request("/in/twilio?from=its", init)).status).toBe(401);
  });

  test("by GET is judged by its address, in which everything stands", async () => {
    const path = `/in/twilio?${new URLSearchParams(written())}`;
    const header = twilio.getExpectedTwilioSignature(TOKEN, PUBLIC + path, {});
    const get = (at: string) => open().request(at, { headers: { "x-twilio-signature": header } });
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/xml");
    expect((await world.last()).data.message.content).toMatchObject({ text: "Grüße 😀" });
    expect((await get(path.replace("NumMedia=0", "NumMedia=1"))).status).toBe(401);
    expect((await get("/in/twilio")).status).toBe(403);
    expect(await rowsIn("message")).toBe(1);
    const own = `/in/channels/${publicId("ch", channelId)}?${new URLSearchParams(written({ MessageSid: "SM2" }))}`;
    const signature = twilio.getExpectedTwilioSignature(TOKEN, PUBLIC + own, {});
    const headers = { "x-twilio-signature": signature };
    expect((await open().request(own, { headers })).status).toBe(200);
    expect(await rowsIn("message")).toBe(2);
  });

  test("as JSON is judged by the hash of its bytes", async () => {
    const body = JSON.stringify(written());
    const hash = twilio.getExpectedBodyHash(body);
    const path = `/in/twilio?bodySHA256=${hash}`;
    const header = twilio.getExpectedTwilioSignature(TOKEN, PUBLIC + path, {});
    const headers = { "content-type": "application/json", "x-twilio-signature": header };
    const post = (text: string) => open().request(path, { method: "POST", body: text, headers });
    expect((await post(body)).status).toBe(200);
    expect((await post(body.replace("Grüße", "Grüsse"))).status).toBe(401);
    expect(await rowsIn("message")).toBe(1);
  });

  test("is judged by the address that the request names where no public one is known", async () => {
    const app = open({ publicUrl: null });
    const init = signed("https://tunnel.example/in/twilio", written());
    const response = await app.request("/in/twilio", {
      ...init,
      headers: { ...(init.headers as Record<string, string>), host: "tunnel.example" },
    });
    expect(response.status).toBe(200);
  });

  test.each([
    ["with another token", signed(`${PUBLIC}/in/twilio`, written(), "another")],
    ["for another address", signed("https://other.example/in/twilio", written())],
    [
      "with other parameters",
      { ...signed(`${PUBLIC}/in/twilio`, written()), body: "To=%2B15558675310" },
    ],
  ])("signed %s is refused and stored nowhere", async (_, init) => {
    const response = await open().request("/in/twilio", init);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: "signature_refused" });
    for (const table of ["message", "unroutable", "event", "contact", "provider_ref"]) {
      expect(await rowsIn(table), table).toBe(0);
    }
    expect(Object.fromEntries(counted)).toEqual({ "sms failed": 1 });
    expect(JSON.stringify(logger.lines)).not.toContain("Grüße");
  });

  test("for a number that nobody has connected is refused and counted", async () => {
    const params = written({ To: "+15550000000" });
    for (const init of [
      signed(`${PUBLIC}/in/twilio`, params),
      { method: "POST", body: "" },
      { method: "POST", body: "a=1&".repeat(2_000) },
      { method: "POST", body: "{", headers: { "content-type": "application/json" } },
      { method: "POST", body: new URLSearchParams({ To: "\0" }).toString() },
    ]) {
      const response = await open().request("/in/twilio", init);
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ code: "channel_unknown" });
    }
    expect(Object.fromEntries(counted)).toEqual({ "sms unknown_channel": 5 });
    expect(await rowsIn("unroutable")).toBe(0);
  });

  test("either of two auth tokens will do while they are changed", async () => {
    for (const [n, token] of [`${TOKEN}-new`, `${TOKEN}-old`].entries()) {
      const params = written({ To: OTHER, MessageSid: `SM${n}` });
      const response = await open().request(
        "/in/twilio",
        signed(`${PUBLIC}/in/twilio`, params, token),
      );
      expect(response.status).toBe(200);
    }
    expect(await rowsIn("message")).toBe(2);
  });

  test("for another number of a channel's messaging service comes in by that channel", async () => {
    const params = written({ To: "+15550001111", MessagingServiceSid: "MG1" });
    const response = await open().request("/in/twilio", signed(`${PUBLIC}/in/twilio`, params));
    expect(response.status).toBe(200);
    expect((await world.last()).channel).toMatchObject({ external_id: NUMBER });
  });

  test("by WhatsApp comes in by the channel of the same number", async () => {
    const params = written({
      From: `whatsapp:${ADA}`,
      To: `whatsapp:${NUMBER}`,
      ProfileName: "Ada",
    });
    const response = await open().request("/in/twilio", signed(`${PUBLIC}/in/twilio`, params));
    expect(response.status).toBe(200);
    const { channel, contact } = await world.last();
    expect(channel).toMatchObject({ external_id: NUMBER });
    expect(contact).toMatchObject({ name: "Ada", identities: [{ id: `whatsapp:${ADA}` }] });
  });

  test("to a channel's own address is that channel's alone", async () => {
    const path = `/in/channels/${publicId("ch", otherChannelId)}`;
    const params = written({ To: NUMBER });
    const wrong = await open().request(path, signed(PUBLIC + path, params, TOKEN));
    expect(wrong.status).toBe(401);
    const right = await open().request(path, signed(PUBLIC + path, params, `${TOKEN}-new`));
    expect(right.status).toBe(200);
    expect(right.headers.get("content-type")).toBe("text/xml");
    expect((await world.last()).channel).toMatchObject({ external_id: OTHER });
    const nobodys = `/in/channels/${publicId("ch", world.ids.next())}`;
    expect((await open().request(nobodys, signed(PUBLIC + nobodys, params))).status).toBe(403);
  });

  test("that cannot be read is kept where somebody sees it", async () => {
    const params = { To: NUMBER, From: ADA, Body: "no id" };
    const response = await open().request("/in/twilio", signed(`${PUBLIC}/in/twilio`, params));
    expect(response.status).toBe(200);
    expect(await rowsIn("unroutable")).toBe(1);
    expect(counted.get("unroutable")).toBe(1);
  });

  test("that meets a fault of ours is kept in one piece", async () => {
    const accepted: InboundRequest[] = [];
    const app = open({
      inbox: {
        accept: async (request) => {
          accepted.push(request);
          if (accepted.length === 1) throw new Error("a fault");
          const nothing = { messages: 0, unsupported: 0, duplicates: 0, statuses: 0 };
          return { ...nothing, facts: 0, waiting: 0, unroutable: 1 };
        },
      },
    });
    const response = await app.request("/in/twilio", signed(`${PUBLIC}/in/twilio`, written()));
    expect(response.status).toBe(200);
    expect(accepted[1]?.items).toMatchObject([{ kind: "unreadable", reason: "internal_error" }]);
    expect(accepted[1]?.items[0]?.raw).toContain("Grüße");
  });
});

describe("what Twilio says of messages of ours", () => {
  async function outbound(status = "sent", providerId: string | null = "SMout") {
    const id = world.ids.next();
    const contact = { Body: "first", MessageSid: `SM${id}` };
    await open().request("/in/twilio", signed(`${PUBLIC}/in/twilio`, written(contact)));
    await world.rows(
      `insert into message (id, workspace_id, channel_id, conversation_id, contact_id, direction, actor, status, content,
         provider_id, created_at)
       select $1, workspace_id, channel_id, conversation_id, contact_id, 'outbound', 'bot', $2, '{"type":"text","text":"x"}',
         $3, created_at from message limit 1`,
      [id, status, providerId],
    );
    if (providerId !== null) {
      await world.rows(
        `insert into provider_ref (channel_id, kind, provider_id, message_id) values ($1, 'message', $2, $3)`,
        [channelId, providerId, id],
      );
    }
    return id;
  }

  const statusOf = async (id: string) =>
    (
      await world.rows<{ status: string; providerId: string | null }>(
        `select status, provider_id as "providerId" from message where id = $1`,
        [id],
      )
    )[0];

  const tell = (params: Params, query = "") => {
    const path = `/in/twilio/status${query}`;
    const all = { MessageSid: "SMout", From: NUMBER, To: ADA, AccountSid: "AC1", ...params };
    return open().request(path, signed(PUBLIC + path, all));
  };

  test("moves them forward and never back", async () => {
    const id = await outbound();
    for (const [MessageStatus, expected] of [
      ["delivered", "delivered"],
      ["sent", "delivered"],
      ["delivered", "delivered"],
      ["undelivered", "delivered"],
    ] as const) {
      expect((await tell({ MessageStatus })).status).toBe(200);
      expect((await statusOf(id))?.status).toBe(expected);
    }
  });

  test("is a status too where only the older parameter says so", async () => {
    const id = await outbound();
    const messages = await rowsIn("message");
    expect((await tell({ SmsStatus: "delivered", SmsSid: "SMout" })).status).toBe(200);
    expect((await statusOf(id))?.status).toBe("delivered");
    expect(await rowsIn("message")).toBe(messages);
  });

  test("carries an error in the words of the API", async () => {
    const id = await outbound();
    await tell({ MessageStatus: "undelivered", ErrorCode: "30007" });
    expect((await statusOf(id))?.status).toBe("failed");
    const { data } = await world.last();
    expect((await world.types()).at(-1)).toBe("message.failed");
    expect(data.error).toMatchObject({ code: "message_filtered", provider_code: "30007" });
  });

  test("reconciles a message whose answer was lost by our own id in the address", async () => {
    const id = await outbound("unconfirmed", null);
    await tell({ MessageStatus: "queued" }, `?message=${publicId("msg", id)}`);
    expect(await statusOf(id)).toEqual({ status: "sent", providerId: "SMout" });
    expect((await world.types()).at(-1)).toBe("message.sent");
  });

  test("is found by our own id where another number of the service sent it", async () => {
    const id = await outbound("unconfirmed", null);
    const query = `?message=${publicId("msg", id)}`;
    const answer = await tell({ MessageStatus: "sent", From: "+15550002222" }, query);
    expect(answer.status).toBe(200);
    expect((await statusOf(id))?.status).toBe("sent");
  });

  test("of a message that nobody knows waits for it, of a number that nobody has is refused", async () => {
    expect((await tell({ MessageStatus: "sent", MessageSid: "SMstrange" })).status).toBe(200);
    expect(await rowsIn("waiting_item")).toBe(1);
    expect((await tell({ MessageStatus: "sent", From: "+15550002222" })).status).toBe(403);
  });
});
