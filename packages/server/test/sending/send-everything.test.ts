import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { sendRoutes } from "../../src/http/send/send.ts";
import type { Answer } from "../support/api/api.ts";
import { httpApp, jsonRequest, principalWith } from "../support/api/http.ts";
import {
  ADA,
  accepted,
  answer,
  lost,
  openPostOffice,
  type PostOffice,
  refusedBy,
  type Station,
} from "../support/messages/post-office.ts";
import { openShop, taken } from "../support/messages/shops.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let office: PostOffice;
let station: Station;
let ada: { conversationId: string; contactId: string };
let conversation: string;
beforeEach(async () => {
  office = await openPostOffice();
  station = await office.station();
  ada = await office.hear(station);
  conversation = publicId("cnv", ada.conversationId);
});
afterEach(() => office.end());

async function send(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const { outbox, deps } = station;
  const { db, clock, logger, linkMedia } = deps;
  const app = httpApp({
    principal: { ...principalWith(), workspaceId: office.workspaceId },
    routes: [sendRoutes({ db, outbox, clock, logger, linkMedia })],
  });
  const init = jsonRequest("POST", body);
  const response = await app.request("/v1/send", {
    ...init,
    headers: { ...init.headers, ...headers },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const sentBodies = () => office.requests.map(({ body }) => JSON.parse(body ?? "{}"));
const statuses = () =>
  office.rows<{ status: string; content: string }>(
    "select status, content from message where direction = 'outbound' order by id",
  );

describe("on WhatsApp", () => {
  test.each([
    [
      "a picture",
      { media: { type: "image", url: "https://a.example/b.png", caption: "Look" } },
      { type: "image", image: { link: "https://a.example/b.png", caption: "Look" } },
      { type: "image", media: { url: "https://a.example/b.png", caption: "Look" } },
    ],
    [
      "a file",
      { media: { type: "file", url: "https://a.example/b.pdf", filename: "b.pdf" } },
      { type: "document", document: { link: "https://a.example/b.pdf", filename: "b.pdf" } },
      { type: "document", media: { filename: "b.pdf" } },
    ],
    [
      "a template with a carrier's picture, verbatim",
      {
        template_name: "order_shipped",
        template_language: "en_US",
        template_components: [
          { type: "header", parameters: [{ type: "image", image: { link: "https://a.b/c" } }] },
          { type: "body", parameters: [{ type: "text", parameter_name: "first", text: "Ada" }] },
          { type: "button", sub_type: "COPY_CODE", index: "0", parameters: [] },
        ],
      },
      {
        template: {
          name: "order_shipped",
          language: { code: "en_US" },
          components: [
            { type: "header", parameters: [{ type: "image", image: { link: "https://a.b/c" } }] },
            { type: "body", parameters: [{ type: "text", parameter_name: "first", text: "Ada" }] },
            { type: "button", sub_type: "COPY_CODE", index: "0", parameters: [] },
          ],
        },
      },
      { type: "template", name: "order_shipped", language: "en_US" },
    ],
    [
      "buttons",
      { interactive: { kind: "buttons", body: "Come?", actions: [{ id: "y", title: "Yes" }] } },
      { interactive: { type: "button", body: { text: "Come?" } } },
      { type: "interactive", kind: "buttons", body: "Come?", actions: [{ id: "y", title: "Yes" }] },
    ],
    [
      "WhatsApp's own form",
      { interactive: { type: "cta_url", body: { text: "Go" }, action: { name: "cta_url" } } },
      { interactive: { type: "cta_url", body: { text: "Go" }, action: { name: "cta_url" } } },
      { type: "interactive", kind: "cta_url", body: "Go", actions: [{ name: "cta_url" }] },
    ],
  ])("%s goes out and is told of", async (_, what, asked, told) => {
    expect(await send({ conversation_id: conversation, ...what })).toMatchObject({
      status: 200,
      body: { status: "sent", provider_message_id: "wamid.1" },
    });
    expect(sentBodies()[0]).toMatchObject(asked);
    const [event] = await office.events("message.sent");
    expect(event?.body.data.message.content).toMatchObject(told);
  });

  test("a reaction is put on a message and taken away again", async () => {
    const [inbound] = await office.rows<{ id: string; provider_id: string }>(
      "select id, provider_id from message",
    );
    const message_id = publicId("msg", inbound?.id ?? "");
    for (const emoji of ["👍", null]) {
      const reaction = { message_id, emoji };
      expect(await send({ conversation_id: conversation, reaction })).toMatchObject({
        status: 200,
      });
    }
    expect(sentBodies()).toMatchObject([
      { type: "reaction", reaction: { message_id: inbound?.provider_id, emoji: "👍" } },
      { type: "reaction", reaction: { message_id: inbound?.provider_id, emoji: "" } },
    ]);
    const [put, gone] = await office.events("message.sent");
    expect(put?.body.data.message.content).toEqual({
      type: "reaction",
      emoji: "👍",
      action: "add",
      target_message_id: message_id,
    });
    expect(gone?.body.data.message.content).toMatchObject({ action: "remove", emoji: null });
  });

  test("typing and having read are shown for the last message, and leave no trace", async () => {
    office.script(() => answer(200, { success: true }));
    const [inbound] = await office.rows<{ provider_id: string }>("select provider_id from message");
    expect(await send({ conversation_id: conversation, typing: "on" })).toMatchObject({
      status: 200,
      body: { status: "sent", message_id: null, conversation_id: conversation },
    });
    expect(await send({ conversation_id: conversation, action: "mark_read" })).toMatchObject({
      status: 200,
    });
    const read = { status: "read", message_id: inbound?.provider_id };
    expect(sentBodies()).toEqual([
      { messaging_product: "whatsapp", ...read, typing_indicator: { type: "text" } },
      { messaging_product: "whatsapp", ...read },
    ]);
    expect(await statuses()).toEqual([]);
  });

  test("a sign that the provider refuses is refused with its words", async () => {
    office.script(() => refusedBy(131009));
    expect(await send({ conversation_id: conversation, typing: "on" })).toMatchObject({
      status: 422,
      body: { code: "provider_refused", provider: { code: "131009" } },
    });
    office.script(() => lost);
    expect(await send({ conversation_id: conversation, typing: "on" })).toMatchObject({
      status: 422,
      body: { reason: "provider_unreachable", retryable: true },
    });
  });
});

describe("a conversation", () => {
  const endings = () => office.events("conversation.closed", "conversation.reopened");

  test("is resolved by a person or by software, once", async () => {
    await office.clock.advance(90_000);
    const answered = await send({ conversation_id: conversation, action: "resolve" });
    expect(answered).toMatchObject({
      status: 200,
      body: { status: "done", conversation_id: conversation, message_id: null, duplicate: false },
    });
    await send({ conversation_id: conversation, action: "resolve", actor: "agent" });
    const [closed, ...others] = await endings();
    expect(others).toEqual([]);
    expect(closed).toMatchObject({
      type: "conversation.closed",
      body: {
        conversation: { status: "closed" },
        data: { closed_by: "api", reason: null, duration: 90 },
      },
    });
    expect(await office.rows("select status, closed_at is null as open from conversation")).toEqual(
      [{ status: "closed", open: false }],
    );
    expect(office.requests).toEqual([]);
  });

  test("is opened again, and a customer's word opens it too", async () => {
    await send({ conversation_id: conversation, action: "resolve", actor: "agent" });
    await send({ conversation_id: conversation, action: "reopen" });
    await send({ conversation_id: conversation, action: "resolve" });
    await office.hear(station);
    const told = (await endings()).map(({ type, body }) => [type, body.data.closed_by]);
    expect(told).toEqual([
      ["conversation.closed", "agent"],
      ["conversation.reopened", undefined],
      ["conversation.closed", "api"],
      ["conversation.reopened", undefined],
    ]);
  });

  test("is resolved once under a key, and the answer is given again", async () => {
    const body = { conversation_id: conversation, action: "resolve", idempotency_key: "k" };
    await send(body);
    await send({ conversation_id: conversation, action: "reopen" });
    const again = await send(body);
    expect(again).toMatchObject({ status: 200, body: { status: "done", duplicate: true } });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await office.rows("select status from conversation")).toEqual([{ status: "open" }]);
    expect(await send({ ...body, action: "reopen" })).toMatchObject({
      status: 422,
      body: { code: "idempotency_key_reused" },
    });
  });
});

describe("on Messenger and Instagram", () => {
  test.each(["messenger", "instagram"] as const)(
    "%s takes a text, and says what its windows are",
    async (kind) => {
      const shop = await openShop(office, kind, { ago: 2 * HOUR_MS });
      office.script(() => taken("m_1"));
      const answered = await send({ conversation_id: shop.conversation, text: "Hi" });
      const heardAt = office.clock.now() - 2 * HOUR_MS;
      expect(answered).toMatchObject({
        status: 200,
        body: {
          platform: kind,
          provider_message_id: "m_1",
          window: {
            free_form_until: new Date(heardAt + DAY_MS).toISOString(),
            human_agent_until: new Date(heardAt + 7 * DAY_MS).toISOString(),
          },
        },
      });
      const [event] = await office.events("message.sent");
      expect(event?.body.conversation.window).toEqual(answered.body.window);
    },
  );

  test("a customer is found by the platform's id, and a stranger needs the platform named", async () => {
    const shop = await openShop(office, "messenger");
    office.script(() => taken("m_1"));
    expect(await send({ platform_user_id: shop.customer, text: "Hi" })).toMatchObject({
      body: { conversation_id: shop.conversation },
    });
    const stranger = { platform_user_id: "2400000000000009", text: "Hi" };
    expect(await send(stranger)).toMatchObject({
      status: 422,
      body: { code: "recipient_unknown" },
    });
    office.script(() => taken("m_2", "2400000000000009"));
    expect(await send({ ...stranger, platform: "messenger" })).toMatchObject({
      status: 200,
      body: { platform: "messenger" },
    });
    expect(sentBodies()[1].recipient).toEqual({ id: "2400000000000009" });
  });

  test.each([
    ["agent", 2 * DAY_MS, { messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" }],
    ["agent", HOUR_MS, { messaging_type: "RESPONSE" }],
    ["bot", 2 * DAY_MS, { messaging_type: "RESPONSE" }],
  ])("what %s writes %i ms after the customer is sent as %j", async (actor, ago, expected) => {
    const shop = await openShop(office, "messenger", { ago });
    office.script(() => taken("m_1"));
    await send({ conversation_id: shop.conversation, text: "Hi", actor });
    expect(sentBodies()[0]).toMatchObject(expected);
    expect("tag" in sentBodies()[0]).toBe("tag" in expected);
  });

  test("a comment is answered in private, and who wrote it is known from then on", async () => {
    const shop = await openShop(office, "instagram");
    office.script(() => taken("m_1", "1789000000000001"));
    const answered = await send({ comment_id: "178_55", text: "We wrote you" });
    expect(answered).toMatchObject({ status: 200, body: { platform: "instagram" } });
    expect(sentBodies()[0].recipient).toEqual({ comment_id: "178_55" });
    const later = await send({ platform_user_id: "1789000000000001", text: "Hello again" });
    expect(later.body.conversation_id).toBe(answered.body.conversation_id);
    expect(later.body.conversation_id).not.toBe(shop.conversation);
    expect(sentBodies()[1].recipient).toEqual({ id: "1789000000000001" });
  });

  test("typing, its end and having read are shown", async () => {
    const shop = await openShop(office, "messenger");
    office.script(() => answer(200, { recipient_id: shop.customer }));
    for (const sign of [{ typing: "on" }, { typing: "off" }, { action: "mark_read" }]) {
      expect(await send({ conversation_id: shop.conversation, ...sign })).toMatchObject({
        status: 200,
      });
    }
    expect(sentBodies().map(({ sender_action }) => sender_action)).toEqual([
      "typing_on",
      "typing_off",
      "mark_seen",
    ]);
  });

  test("a reaction has no id of its own and is sent all the same", async () => {
    const shop = await openShop(office, "messenger");
    office.script(() => answer(200, { recipient_id: shop.customer }));
    const reaction = { message_id: "m_from-before-our-time", emoji: "❤️" };
    expect(await send({ conversation_id: shop.conversation, reaction })).toMatchObject({
      status: 200,
      body: { status: "sent", provider_message_id: null },
    });
  });

  test("a refusal for the window says so in the provider's words and ours", async () => {
    const shop = await openShop(office, "instagram", { ago: 3 * DAY_MS });
    const error = { message: "outside of allowed window", code: 10, error_subcode: 2534022 };
    office.script(() => answer(400, { error }));
    expect(await send({ conversation_id: shop.conversation, text: "Hi" })).toMatchObject({
      status: 422,
      body: {
        code: "provider_refused",
        reason: "window_closed",
        provider: { code: "10/2534022", message: "outside of allowed window" },
        retryable: false,
      },
    });
  });
});

describe("a message for later", () => {
  const inTwoHours = () => new Date(office.clock.now() + 2 * HOUR_MS).toISOString();

  test("is queued, leaves at its hour, and stands in nobody's way until then", async () => {
    const later = await send({
      conversation_id: conversation,
      text: "Later",
      send_at: inTwoHours(),
    });
    expect(later).toMatchObject({ status: 202, body: { status: "queued" } });
    expect(await send({ conversation_id: conversation, text: "Now" })).toMatchObject({
      status: 200,
    });
    await office.clock.advance(2 * HOUR_MS - 1_000);
    await station.outbox.runOnce();
    expect(office.texts()).toEqual(["Now"]);
    await office.clock.advance(1_000);
    await station.outbox.runOnce();
    expect(office.texts()).toEqual(["Now", "Later"]);
  });

  test("of somebody who has opted out meanwhile does not leave", async () => {
    await send({ conversation_id: conversation, text: "Later", send_at: inTwoHours() });
    await optOut();
    await office.clock.advance(2 * HOUR_MS);
    await station.outbox.runOnce();
    expect(office.requests).toEqual([]);
    const [failed] = await office.events("message.failed");
    expect(failed?.body.data.error).toMatchObject({ code: "opted_out", retryable: false });
  });
});

async function optOut(): Promise<void> {
  await office.rows(
    `insert into consent (workspace_id, channel_id, contact_id, topic, state, changed_at)
     values ($1, $2, $3, '', 'opted_out', now())`,
    [office.workspaceId, office.channelId, ada.contactId],
  );
}

describe("somebody who wants no messages", () => {
  test("gets none, and whoever sends is told why", async () => {
    await optOut();
    expect(await send({ conversation_id: conversation, text: "Hi" })).toMatchObject({
      status: 422,
      body: { code: "opted_out" },
    });
    expect(await send({ conversation_id: conversation, text: "Hi", dry_run: true })).toMatchObject({
      status: 200,
      body: { policy: { allowed: false, rule: "opted_out" } },
    });
    expect(office.requests).toEqual([]);
  });
});

describe("what is tried instead", () => {
  const template = { template_name: "come_back", template_language: "en" };

  test("goes out when the provider refuses the first, under one key, and the answer is its own", async () => {
    office.script(({ body }) =>
      JSON.parse(body ?? "").type === "text" ? refusedBy(131047) : accepted("wamid.2"),
    );
    await office.rows("update conversation set last_inbound_at = null");
    const body = {
      conversation_id: conversation,
      text: "Hi",
      fallback: [template],
      ticket_ref: "T-1",
      idempotency_key: "k",
    };
    const first = await send(body);
    expect(first).toMatchObject({
      status: 200,
      body: { status: "sent", provider_message_id: "wamid.2" },
    });
    expect(await statuses()).toMatchObject([{ status: "failed" }, { status: "sent" }]);
    expect(await send(body)).toMatchObject({
      status: 200,
      body: { id: first.body.id, duplicate: true },
    });
    expect(office.requests).toHaveLength(2);
    expect((await office.events("message.failed", "message.sent")).map(({ type }) => type)).toEqual(
      ["message.failed", "message.sent"],
    );
    const [sent] = await office.events("message.sent");
    expect(sent?.body.data.message).toMatchObject({ id: first.body.id, ticket_ref: "T-1" });
  });

  test("is tried in turn until none is left, and then the last refusal is the answer", async () => {
    office.script(() => refusedBy(131026));
    const fallback = [{ text: "Two" }, { text: "Three" }];
    expect(await send({ conversation_id: conversation, text: "One", fallback })).toMatchObject({
      status: 422,
      body: { code: "provider_refused" },
    });
    expect(office.texts()).toEqual(["One", "Two", "Three"]);
  });

  test("goes by SMS to the number that is known", async () => {
    const shop = await openShop(office, "sms", { externalId: "+15550001", customer: `+${ADA}` });
    const fallback = [{ platform: "sms" }];
    const body = { conversation_id: conversation, text: "Hi", fallback };
    office.script(({ url }) =>
      url.includes("Messages.json")
        ? answer(201, { sid: "SM1", status: "queued" })
        : refusedBy(131026),
    );
    expect(await send(body)).toMatchObject({
      status: 200,
      body: { platform: "sms", conversation_id: shop.conversation, provider_message_id: "SM1" },
    });
  });

  test("is tried at once where the first cannot reach anybody", async () => {
    const fallback = [{ conversation_id: conversation }];
    const body = { platform: "messenger", platform_user_id: "1", text: "Hi", fallback };
    expect(await send(body)).toMatchObject({ status: 200, body: { platform: "whatsapp" } });
  });

  test("goes out when the provider gives up on the first later", async () => {
    const body = { conversation_id: conversation, text: "Hi", fallback: [template] };
    const first = await send(body, { "idempotency-key": "k" });
    expect(first).toMatchObject({ status: 200, body: { provider_message_id: "wamid.1" } });
    await office.tell(station, {
      statuses: [
        {
          ...{ id: "wamid.1", status: "failed", timestamp: "1", recipient_id: ADA },
          errors: [{ code: 131049 }],
        },
      ],
    });
    await station.outbox.sweepOnce();
    await station.outbox.runOnce();
    expect(sentBodies().map(({ type }) => type)).toEqual(["text", "template"]);
    await station.outbox.sweepOnce();
    expect(await statuses()).toMatchObject([{ status: "failed" }, { status: "sent" }]);
  });

  test("is never tried while nobody knows whether the first has left", async () => {
    office.script(() => lost);
    const body = { conversation_id: conversation, text: "Hi", fallback: [template] };
    expect(await send(body)).toMatchObject({ status: 202, body: { status: "sending" } });
    await office.clock.advance(16 * 60_000);
    await station.outbox.sweepOnce();
    await station.outbox.runOnce();
    expect(office.requests).toHaveLength(1);
    expect(await statuses()).toMatchObject([{ status: "unconfirmed" }]);
  });

  test("goes out once, however many processes hear of the failure", async () => {
    office.script(({ body }) =>
      JSON.parse(body ?? "").type === "text" ? refusedBy(131026) : accepted("wamid.2"),
    );
    const other = await office.station();
    const body = { conversation_id: conversation, text: "Hi", fallback: [template] };
    await Promise.all([send(body), other.outbox.sweepOnce(), station.outbox.sweepOnce()]);
    await Promise.all([other.outbox.sweepOnce(), station.outbox.sweepOnce()]);
    await other.outbox.runOnce();
    expect(sentBodies().map(({ type }) => type)).toEqual(["text", "template"]);
  });
});

describe("a dry run", () => {
  test.each([
    ["an open window", {}, 0, { allowed: true, rule: "window_open", next_allowed_at: null }],
    ["a window that has closed", {}, 2 * DAY_MS, { allowed: false, rule: "window_closed" }],
    ["a person's longer window", { actor: "agent" }, 2 * DAY_MS, { rule: "human_agent" }],
    ["a person too late", { actor: "agent" }, 8 * DAY_MS, { rule: "window_closed" }],
  ])("says what is to be expected: %s", async (_, more, ago, policy) => {
    const shop = await openShop(office, "messenger", { ago });
    const body = { conversation_id: shop.conversation, text: "Hi", dry_run: true, ...more };
    expect(await send(body)).toMatchObject({
      status: 200,
      body: { status: "dry_run", policy, message_id: null },
    });
    expect(office.requests).toEqual([]);
  });

  test("knows that templates go out at any time, and looks at the hour that was named", async () => {
    const send_at = new Date(office.clock.now() + 2 * DAY_MS).toISOString();
    const text = await send({ conversation_id: conversation, text: "Hi", send_at, dry_run: true });
    expect(text.body.policy).toMatchObject({ allowed: false, rule: "window_closed" });
    const template = { template_name: "come_back", template_language: "en" };
    const later = { conversation_id: conversation, ...template, send_at, dry_run: true };
    expect((await send(later)).body.policy).toMatchObject({ allowed: true, rule: "template" });
  });

  test("says when a paused channel goes on", async () => {
    const until = new Date(office.clock.now() + HOUR_MS);
    await office.rows("update channel set state = 'paused', paused_until = $1", [until]);
    const run = await send({ conversation_id: conversation, text: "Hi", dry_run: true });
    expect(run.body.policy).toEqual({
      allowed: false,
      rule: "channel_paused",
      next_allowed_at: until.toISOString(),
    });
  });
});

describe("Instagram, whose answer was lost", () => {
  test("holds back what follows to that person, and nobody else's", async () => {
    const shop = await openShop(office, "instagram");
    const other = await openShop(office, "instagram", { externalId: "101", customer: "17000002" });
    office.script(() => lost);
    await send({ conversation_id: shop.conversation, text: "First" });
    office.script(() => taken("m_2"));
    const second = await send(
      { conversation_id: shop.conversation, text: "Second" },
      { prefer: "respond-async" },
    );
    expect(second.status).toBe(202);
    await station.outbox.runOnce();
    expect(office.requests).toHaveLength(1);
    expect(await send({ conversation_id: other.conversation, text: "Third" })).toMatchObject({
      status: 200,
    });
    await office.clock.advance(15 * 60_000);
    await station.outbox.sweepOnce();
    await station.outbox.runOnce();
    expect(sentBodies().map(({ message }) => message.text)).toEqual(["First", "Third", "Second"]);
    expect((await statuses()).map(({ status }) => status)).toEqual(["unconfirmed", "sent", "sent"]);
  });

  test("Messenger holds nothing back: its echo names the message", async () => {
    const shop = await openShop(office, "messenger");
    office.script(() => lost);
    await send({ conversation_id: shop.conversation, text: "First" });
    office.script(() => taken("m_2"));
    expect(await send({ conversation_id: shop.conversation, text: "Second" })).toMatchObject({
      status: 200,
    });
  });
});

describe("a process that only takes requests", () => {
  test("keeps the message, and another one sends it", async () => {
    const front = await office.station({ outbox: { sends: false } });
    const id = await office.post(front, office.unit(ada));
    front.outbox.begin(id);
    expect(await front.outbox.runOnce()).toBe(0);
    expect(office.requests).toEqual([]);
    const waiting = front.outbox.send(id, 10_000);
    await station.outbox.runOnce();
    await office.clock.advance(250);
    expect(await waiting).toMatchObject({ status: "sent" });
    expect(office.requests).toHaveLength(1);
  });
});
