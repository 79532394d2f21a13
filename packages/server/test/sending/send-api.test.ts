import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import type { Principal } from "../../src/core/workspaces/principal.ts";
import { sendRoutes } from "../../src/http/send/send.ts";
import type { Answer } from "../support/api/api.ts";
import { httpApp, jsonRequest, principalWith } from "../support/api/http.ts";
import {
  ADA,
  accepted,
  BEN,
  held,
  lost,
  openPostOffice,
  type PostOffice,
  refusedBy,
  type Station,
} from "../support/messages/post-office.ts";

const DAY_MS = 86_400_000;

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

async function send(
  body: unknown,
  headers: Record<string, string> = {},
  more: { principal?: Partial<Principal>; at?: Station } = {},
): Promise<Answer> {
  const { outbox, deps } = more.at ?? station;
  const { db, clock, logger, linkMedia } = deps;
  const app = httpApp({
    principal: { ...principalWith(), workspaceId: office.workspaceId, ...more.principal },
    routes: [sendRoutes({ db, outbox, clock, logger, linkMedia })],
  });
  const init = jsonRequest("POST", body);
  const response = await app.request("/v1/send", {
    ...init,
    headers: { ...init.headers, ...headers },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function newChannel(more: { accountId?: string | null; isDefault?: boolean } = {}) {
  const id = office.ids.next();
  await office.rows(
    `insert into channel (id, workspace_id, account_id, kind, name, external_id, credentials, is_default, created_at, updated_at)
     select $1, workspace_id, $2, kind, 'Another', $3, credentials, $4, created_at, updated_at from channel limit 1`,
    [
      id,
      more.accountId ?? null,
      `9${id.replaceAll(/\D/g, "").slice(0, 20)}`,
      more.isDefault ?? false,
    ],
  );
  return id;
}

describe("sending a text", () => {
  test("answers with the provider's id when the provider has it", async () => {
    const answer = await send({ conversation_id: conversation, text: "Your order is ready." });
    expect(answer.status).toBe(200);
    const [message] = await office.rows<{ id: string }>(
      "select id from message where direction = 'outbound'",
    );
    const id = publicId("msg", message?.id ?? "");
    expect(answer.body).toEqual({
      id,
      status: "sent",
      platform: "whatsapp",
      conversation_id: conversation,
      message_id: id,
      provider_message_id: "wamid.1",
      window: {
        free_form_until: new Date(office.clock.now() + DAY_MS).toISOString(),
        human_agent_until: null,
      },
      duplicate: false,
    });
    expect(office.texts()).toEqual(["Your order is ready."]);
  });

  test.each([
    ["conversation_id", () => ({ conversation_id: conversation })],
    [
      "conversation_id by its serial",
      async () => ({ conversation_id: await serialOf("conversation") }),
    ],
    [
      "conversation_id as Chatmefy's bodies print it",
      () => ({ conversation_id: conversation.replace("cnv_", "conv_") }),
    ],
    ["platform_user_id", () => ({ platform_user_id: ADA })],
    ["platform_user_id and platform", () => ({ platform_user_id: ADA, platform: "whatsapp" })],
    ["to_phone and platform", () => ({ to_phone: `+${ADA}`, platform: "whatsapp" })],
    ["to_phone and channel_id", () => ({ to_phone: `+${ADA}`, channel_id: channel() })],
    [
      "all of them",
      () => ({
        conversation_id: conversation,
        platform_user_id: ADA,
        to_phone: `+${ADA}`,
        channel_id: channel(),
      }),
    ],
  ])("reaches the customer by %s", async (_, recipient) => {
    const answer = await send({ ...(await recipient()), text: "Hi" });
    expect(answer.body).toMatchObject({ status: "sent", conversation_id: conversation });
    expect(JSON.parse(office.requests[0]?.body ?? "").to).toBe(`+${ADA}`);
  });

  test("reaches a customer without a number by the business-scoped id", async () => {
    const bsuid = "US.13491208655302741918";
    await office.hear(station, undefined, { from: undefined, from_user_id: bsuid });
    for (const recipient of [{ wa_user_id: bsuid }, { platform_user_id: bsuid }]) {
      expect(await send({ ...recipient, text: "Hi" })).toMatchObject({ status: 200 });
    }
    const bodies = office.requests.map(({ body }) => JSON.parse(body ?? ""));
    expect(bodies).toMatchObject([{ recipient: bsuid }, { recipient: bsuid }]);
    expect(bodies[0]).not.toHaveProperty("to");
  });

  test("reaches who goes by another form of the number, and exactly whom it names where two do", async () => {
    const [long, short] = ["5511987654321", "551187654321"];
    const body = { to_phone: `+${long}`, platform: "whatsapp", text: "Oi" };
    const older = await office.hear(station, short);
    expect((await send(body)).body.conversation_id).toBe(publicId("cnv", older.conversationId));
    expect(JSON.parse(office.requests[0]?.body ?? "").to).toBe(`+${short}`);
    const exact = await office.hear(station, long);
    expect((await send(body)).body.conversation_id).toBe(publicId("cnv", exact.conversationId));
    expect(JSON.parse(office.requests[1]?.body ?? "").to).toBe(`+${long}`);
  });

  test("knows Messenger as facebook too", async () => {
    const asked = { platform_user_id: ADA, text: "Hi" };
    const of = async (platform: string) => (await send({ ...asked, platform })).body.code;
    expect(await of("facebook")).toBe(await of("messenger"));
    expect(await of("facebook")).not.toBe("invalid_request");
    expect(await of("fb")).toBe("invalid_request");
  });

  test("is asked for by clients that write out what they do not give", async () => {
    const nothing = [
      "media",
      "template_name",
      "reply_to",
      "actor",
      "send_at",
      "fallback",
      "dry_run",
    ];
    const body = {
      conversation_id: conversation,
      text: "Hi",
      ...Object.fromEntries([...nothing, "from", "idempotency_key"].map((name) => [name, null])),
    };
    expect(await send(body)).toMatchObject({ status: 200, body: { status: "sent" } });
    const [event] = await office.events("message.sent");
    expect(event?.body.data.message).toMatchObject({ actor: { type: "bot" }, ticket_ref: null });
  });

  test("keeps the actor, the ticket and the metadata", async () => {
    await send({
      conversation_id: conversation,
      text: "Hi",
      actor: "agent",
      ticket_ref: "T-17",
      metadata: { order: 7 },
    });
    const [event] = await office.events("message.sent");
    expect(event?.body.data.message).toMatchObject({
      actor: { type: "agent" },
      ticket_ref: "T-17",
      metadata: { order: 7 },
    });
  });

  test("answers a message by our id, its serial or the provider's id", async () => {
    const [inbound] = await office.rows<{ id: string; serial: number; provider_id: string }>(
      "select id, serial, provider_id from message",
    );
    if (!inbound) throw new Error("there is no message");
    for (const reply_to of [
      publicId("msg", inbound.id),
      inbound.serial,
      String(inbound.serial),
      inbound.provider_id,
      "wamid.from-before-our-time",
    ]) {
      expect(await send({ conversation_id: conversation, text: "Hi", reply_to })).toMatchObject({
        status: 200,
      });
    }
    const contexts = office.requests.map(({ body }) => JSON.parse(body ?? "").context.message_id);
    expect(contexts).toEqual([...Array(4).fill(inbound.provider_id), "wamid.from-before-our-time"]);
  });

  test("that is only tried out sends and keeps nothing", async () => {
    const answer = await send(
      { conversation_id: conversation, text: "Hi", dry_run: true },
      { "idempotency-key": "k" },
    );
    expect(answer).toMatchObject({
      status: 200,
      body: { id: null, message_id: null, status: "dry_run", conversation_id: conversation },
    });
    expect(office.requests).toEqual([]);
    expect(await office.rows("select 1 from message where direction = 'outbound'")).toEqual([]);
    expect(await office.rows("select 1 from idempotency")).toEqual([]);
  });
});

describe("an answer that takes its time", () => {
  test("is 202 sending after ten seconds", async () => {
    const provider = held();
    office.script(provider.script);
    const answering = send({ conversation_id: conversation, text: "Hi" });
    await provider.arrived;
    await office.clock.advance(10_000);
    expect(await answering).toMatchObject({
      status: 202,
      body: { status: "sending", provider_message_id: null },
    });
    provider.give(accepted("wamid.1"));
  });

  test("is 202 at once for who does not wait, and the message leaves", async () => {
    const provider = held();
    office.script(provider.script);
    const answer = await send(
      { conversation_id: conversation, text: "Hi" },
      { prefer: "respond-async" },
    );
    expect(answer).toMatchObject({ status: 202, body: { status: "queued" } });
    expect(answer.headers.get("preference-applied")).toBe("respond-async");
    await provider.arrived;
    provider.give(accepted("wamid.1"));
  });

  test("is 202 sending at once when it is lost", async () => {
    office.script(() => lost);
    expect(await send({ conversation_id: conversation, text: "Hi" })).toMatchObject({
      status: 202,
      body: { status: "sending" },
    });
  });

  test("is 202 queued at once while the channel is paused", async () => {
    await office.rows("update channel set state = 'paused'");
    expect(await send({ conversation_id: conversation, text: "Hi" })).toMatchObject({
      status: 202,
      body: { status: "queued" },
    });
    expect(office.requests).toEqual([]);
  });
});

describe("a refusal of the provider", () => {
  test("is 422 with the provider's code and details", async () => {
    office.script(() => refusedBy(131026, 400, "Message Undeliverable."));
    const answer = await send({ conversation_id: conversation, text: "Hi" });
    expect(answer.status).toBe(422);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.body).toMatchObject({
      code: "provider_refused",
      conversation_id: conversation,
      message_id: expect.stringMatching(/^msg_/),
      provider: { code: "131026", message: "(#131026) No", details: "Message Undeliverable." },
      reason: "recipient_unreachable",
      retryable: false,
      advice: expect.any(String),
    });
    expect(await office.events("message.failed")).toHaveLength(1);
  });
});

describe("the 24 hours", () => {
  test("are over by what is known here: the provider decides, and the answer says what is known", async () => {
    await office.clock.advance(DAY_MS + 60_000);
    const until = new Date(office.clock.now() - 60_000).toISOString();
    expect(await send({ conversation_id: conversation, text: "Hi" })).toMatchObject({
      status: 200,
      body: { status: "sent", window: { free_form_until: until } },
    });
    office.script(() => refusedBy(131047));
    expect(await send({ conversation_id: conversation, text: "Hello?" })).toMatchObject({
      status: 422,
      body: { code: "provider_refused", reason: "window_closed", provider: { code: "131047" } },
    });
  });

  test("have not begun for a number that never wrote: a conversation begins, and the provider decides", async () => {
    const before = (await office.events("conversation.created")).length;
    const answer = await send({ to_phone: `+${BEN}`, platform: "whatsapp", text: "Hi" });
    expect(answer).toMatchObject({
      status: 200,
      body: { status: "sent", window: { free_form_until: null } },
    });
    expect(await office.events("conversation.created")).toHaveLength(before + 1);
    expect(await office.rows("select 1 from identity where value = $1", [BEN])).toHaveLength(1);
  });
});

describe("a request that cannot be", () => {
  const text = "Hi";
  test.each([
    ["no recipient", { text }, "recipient_missing", undefined],
    ["no text", { to_phone: `+${ADA}` }, "invalid_request", "/text"],
    ["an empty text", { to_phone: `+${ADA}`, text: " \n" }, "invalid_request", "/text"],
    [
      "a number that is not E.164",
      { to_phone: "(650) 555-1234", text },
      "invalid_request",
      "/to_phone",
    ],
    [
      "a number that cannot be",
      { to_phone: "+165055", platform: "whatsapp", text },
      "invalid_request",
      "/to_phone",
    ],
    ["a number alone", { to_phone: `+${ADA}`, text }, "channel_missing", undefined],
    [
      "a platform that is not connected",
      { platform_user_id: "1", platform: "messenger", text },
      "channel_missing",
      undefined,
    ],
    [
      "an unknown conversation",
      { conversation_id: "cnv_01hzzzzzzzzzzzzzzzzzzzzzzz", text },
      "recipient_unknown",
      "/conversation_id",
    ],
    [
      "an unknown business-scoped id",
      { wa_user_id: "US.1", text },
      "recipient_unknown",
      "/wa_user_id",
    ],
    [
      "an unknown platform id",
      { platform_user_id: "somebody", text },
      "recipient_unknown",
      "/platform_user_id",
    ],
    [
      "an unknown channel",
      { to_phone: `+${ADA}`, channel_id: "ch_01hzzzzzzzzzzzzzzzzzzzzzzz", text },
      "invalid_request",
      "/channel_id",
    ],
    ["a list", [{ to_phone: `+${ADA}`, text }], "invalid_request", ""],
    ["a sender", { from: "+15550001", text }, "invalid_request", "/from"],
    ["a sender's number", { from_phone: "+15550001", text }, "invalid_request", "/from_phone"],
    ["an unknown field", { to_phone: `+${ADA}`, txt: "Hi", text }, "invalid_request", "/txt"],
    [
      "a long ticket",
      { to_phone: `+${ADA}`, text, ticket_ref: "x".repeat(65) },
      "invalid_request",
      "/ticket_ref",
    ],
    [
      "malformed media",
      { to_phone: `+${ADA}`, media: { type: "image" } },
      "invalid_request",
      "/media/url",
    ],
    [
      "two things at once",
      { to_phone: `+${ADA}`, text, action: "resolve" },
      "invalid_request",
      "/action",
    ],
    [
      "a template without its language",
      { to_phone: `+${ADA}`, template_name: "hello" },
      "invalid_request",
      "/template_language",
    ],
    [
      "a template's parameters without a template",
      { to_phone: `+${ADA}`, text, template_components: [] },
      "invalid_request",
      "/template_components",
    ],
    [
      "a comment on a channel that has none",
      { comment_id: "1_2", text },
      "channel_missing",
      undefined,
    ],
    [
      "a comment on WhatsApp",
      { comment_id: "1_2", platform: "whatsapp", text },
      "unsupported_action",
      "/comment_id",
    ],
    [
      "a time that is past",
      { to_phone: `+${ADA}`, text, send_at: "2020-01-01T00:00:00Z" },
      "invalid_request",
      "/send_at",
    ],
    [
      "a time too far ahead",
      { to_phone: `+${ADA}`, text, send_at: "2099-01-01T00:00:00Z" },
      "invalid_request",
      "/send_at",
    ],
    [
      "software in a person's name",
      { platform_user_id: ADA, text, tag: "HUMAN_AGENT" },
      "invalid_request",
      "/tag",
    ],
    [
      "a retired tag",
      { platform_user_id: ADA, text, actor: "agent", tag: "ACCOUNT_UPDATE" },
      "invalid_request",
      "/tag",
    ],
    [
      "a tag on WhatsApp",
      { platform_user_id: ADA, text, actor: "agent", tag: "HUMAN_AGENT" },
      "unsupported_action",
      "/tag",
    ],
    [
      "a button without an id",
      {
        platform_user_id: ADA,
        interactive: { kind: "buttons", body: "?", actions: [{ title: "A" }] },
      },
      "invalid_request",
      "/interactive/actions/0/id",
    ],
    [
      "too many buttons for WhatsApp",
      {
        platform_user_id: ADA,
        interactive: {
          kind: "buttons",
          body: "?",
          actions: ["a", "b", "c", "d"].map((id) => ({ id, title: id })),
        },
      },
      "invalid_request",
      "/interactive/actions",
    ],
    [
      "a reaction to nothing",
      { platform_user_id: ADA, reaction: { message_id: "x", emoji: null } },
      "invalid_request",
      "/reaction/message_id",
    ],
    [
      "an end of typing on WhatsApp",
      { platform_user_id: ADA, typing: "off" },
      "unsupported_action",
      "/typing",
    ],
    [
      "nonsense as what is tried instead",
      { platform_user_id: ADA, text, fallback: [{ media: { type: "image", url: "ftp://a" } }] },
      "invalid_request",
      "/fallback/0/media/url",
    ],
    [
      "what no channel takes as what is tried instead",
      { platform_user_id: ADA, text, fallback: [{ text: "x".repeat(4097) }] },
      "text_too_long",
      "/fallback/0/text",
    ],
  ])("is refused in words: %s", async (_, body, code, pointer) => {
    const answer = await send(body);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code });
    if (pointer !== undefined) expect(answer.body.errors).toMatchObject([{ pointer }]);
    expect(answer.body.detail.length).toBeGreaterThan(10);
    expect(office.requests).toEqual([]);
  });

  test("says how to reach WhatsApp when a number alone means SMS", async () => {
    const answer = await send({ to_phone: `+${ADA}`, text });
    expect(answer.body.detail).toContain('"platform": "whatsapp"');
  });

  test.each([
    ["text of 4,096 characters, however many units each has", "👋".repeat(4096), 200],
    ["text of 4,097", "x".repeat(4097), 422],
  ])("%s", async (_, long, status) => {
    const answer = await send({ conversation_id: conversation, text: long });
    expect(answer.status).toBe(status);
    if (status === 422) expect(answer.body.code).toBe("text_too_long");
  });

  test.each([
    ["another number", () => ({ conversation_id: conversation, to_phone: `+${BEN}` })],
    ["another platform", () => ({ conversation_id: conversation, platform: "sms" })],
    [
      "another person of the platform",
      () => ({ conversation_id: conversation, platform_user_id: BEN }),
    ],
    ["two people", () => ({ platform_user_id: ADA, to_phone: `+${BEN}`, platform: "whatsapp" })],
    [
      "two strangers",
      () => ({ platform_user_id: "16505550000", to_phone: `+${BEN}`, platform: "whatsapp" }),
    ],
    [
      "a channel of another kind",
      () => ({ to_phone: `+${ADA}`, channel_id: channel(), platform: "sms" }),
    ],
  ])("is refused where its recipients do not agree: %s", async (_, recipients) => {
    expect(await send({ ...recipients(), text })).toMatchObject({
      status: 422,
      body: { code: "recipient_conflict" },
    });
  });

  test("answers nothing that is not of the conversation, or has not left", async () => {
    await office.hear(station, BEN);
    const [other] = await office.rows<{ id: string; provider_id: string }>(
      "select id, provider_id from message order by id desc limit 1",
    );
    const queued = await office.post(station, office.unit(ada));
    for (const reply_to of [
      publicId("msg", other?.id ?? ""),
      other?.provider_id,
      "no-such-id",
      publicId("msg", queued),
    ]) {
      const answer = await send({ conversation_id: conversation, text, reply_to });
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: "/reply_to" }] } });
    }
  });
});

describe("several channels", () => {
  test("leave no doubt where the conversation is", async () => {
    await newChannel();
    const body = { platform_user_id: ADA, text: "Hi" };
    expect(await send(body)).toMatchObject({
      status: 200,
      body: { conversation_id: conversation },
    });
  });

  test("are ambiguous for a customer whom two know, unless one is the default", async () => {
    const other = await newChannel();
    await office.rows("update conversation set channel_id = $1", [other]);
    await office.rows("update identity set channel_id = $1", [other]);
    await office.hear(station, ADA);
    const body = { to_phone: `+${ADA}`, platform: "whatsapp", text: "Hi" };
    const answer = await send(body);
    expect(answer).toMatchObject({ status: 422, body: { code: "ambiguous_channel" } });
    expect(new Set(answer.body.candidates)).toEqual(new Set([publicId("ch", other), channel()]));
    await office.rows("update channel set is_default = true where id = $1", [other]);
    expect(await send(body)).toMatchObject({
      status: 200,
      body: { conversation_id: conversation },
    });
    const named = await send({ ...body, channel_id: channel() });
    expect(named.status).toBe(200);
    expect(named.body.conversation_id).not.toBe(conversation);
  });
});

describe("a key that is confined to an account", () => {
  test("sends by its own channels and knows of no others", async () => {
    const principal = { accountId: office.accountId };
    const body = { conversation_id: conversation, text: "Hi" };
    expect(await send(body, {}, { principal })).toMatchObject({ status: 200 });
    const foreign = { accountId: office.ids.next() };
    for (const recipient of [
      { conversation_id: conversation },
      { platform_user_id: ADA },
      { to_phone: `+${ADA}`, platform: "whatsapp" },
      { to_phone: `+${ADA}`, channel_id: channel() },
    ]) {
      const answer = await send({ ...recipient, text: "Hi" }, {}, { principal: foreign });
      expect(answer.status).toBe(422);
      expect(answer.body.code).toMatch(/^(recipient_unknown|channel_missing|invalid_request)$/);
    }
    expect(office.requests).toHaveLength(1);
  });

  test("does not meet the idempotency keys of other accounts", async () => {
    const body = { conversation_id: conversation, text: "Hi", idempotency_key: "k" };
    await send(body);
    const mine = await send(body, {}, { principal: { accountId: office.accountId } });
    expect(mine).toMatchObject({ status: 200, body: { duplicate: false } });
  });

  test("needs the scope to send", async () => {
    const principal = { scopes: principalWith("messages:read").scopes };
    const body = { conversation_id: conversation, text: "Hi" };
    expect(await send(body, {}, { principal })).toMatchObject({ status: 403 });
  });

  test("of another workspace finds nothing", async () => {
    const principal = { workspaceId: office.ids.next() };
    const body = { conversation_id: conversation, text: "Hi" };
    expect(await send(body, {}, { principal })).toMatchObject({ status: 422 });
  });
});

function channel(): string {
  return publicId("ch", office.channelId);
}

async function serialOf(table: "conversation"): Promise<number> {
  const [row] = await office.rows<{ serial: number }>(`select serial from ${table}`);
  return row?.serial ?? 0;
}

describe("a workspace", () => {
  test("whose trial is over sends nothing, and whose plan lacks the channel is told so", async () => {
    const body = { conversation_id: conversation, text: "Hello" };
    await office.rows("update workspace set plan = 'starter'");
    expect(await send(body)).toMatchObject({
      status: 403,
      body: { code: "plan_feature", plan: "starter", feature: "whatsapp" },
    });
    await office.rows("update workspace set plan = 'pro', trial_ends_at = $1", [
      new Date(office.clock.now()),
    ]);
    expect(await send(body)).toMatchObject({ status: 402, body: { code: "trial_ended" } });
    await office.rows("update workspace set trial_ends_at = null");
    expect((await send(body)).status).toBe(200);
    expect(office.requests).toHaveLength(1);
  });
});
