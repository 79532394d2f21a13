import { describe, expect, test } from "vitest";
import type { Simulator } from "../src/index.ts";
import { hubSignatures } from "../src/index.ts";
import { isObject, type JsonObject } from "../src/json.ts";
import {
  APP_SECRET,
  graph,
  listOf,
  play,
  type Received,
  startReceiver,
  stoppedClock,
} from "./support/stage.ts";

const PAGE = "117172741761305";
const SHOP = "17841405822304914";
const ADA = "3383290475046708";
const DAY = 24 * 3_600_000;

/** Each update with the account it is of, in the order in which they came. */
function told(received: readonly Received[], list = "messaging"): JsonObject[] {
  return received.flatMap(({ body }) =>
    listOf(body["entry"]).flatMap((entry) => listOf(entry[list])),
  );
}

function messagesOf(received: readonly Received[]): JsonObject[] {
  return told(received).map(({ message }) => (isObject(message) ? message : {}));
}

const text = (body: string, more: JsonObject = {}) => ({
  recipient: { id: ADA },
  messaging_type: "RESPONSE",
  message: { text: body },
  ...more,
});

function sendTo(simulator: Simulator, body: unknown, path = `v26.0/${PAGE}/messages`) {
  return graph(simulator, "POST", path, body);
}

async function stage() {
  const { url: webhookUrl, received } = await startReceiver();
  const clock = stoppedClock();
  const simulator = await play({ webhookUrl, clock });
  return { simulator, received, clock };
}

describe("what people write to Pages and Instagram accounts", () => {
  test("comes signed, escaped and under the right object", async () => {
    const { simulator, received } = await stage();
    const first = await simulator.social.emitMessage({ from: ADA, text: "Grüße/😀" });
    await simulator.social.emitMessage({ from: ADA, to: SHOP, text: "ig" });
    expect(received.map(({ body }) => body["object"])).toEqual(["page", "instagram"]);
    expect(received[0]?.raw).toContain("Gr\\u00fc\\u00dfe\\/\\ud83d\\ude00");
    const right = hubSignatures(APP_SECRET, Buffer.from(received[0]?.raw ?? ""));
    expect(received[0]?.headers).toMatchObject({ ...right });
    expect(received[0]?.body["entry"]).toMatchObject([{ id: PAGE, time: Date.UTC(2026, 2, 2, 9) }]);
    expect(told(received)).toMatchObject([
      {
        sender: { id: ADA },
        recipient: { id: PAGE },
        timestamp: Date.UTC(2026, 2, 2, 9),
        message: { mid: first.ids[0], text: "Grüße/😀" },
      },
      { recipient: { id: SHOP }, message: { mid: expect.stringMatching(/^aWdf/), text: "ig" } },
    ]);
  });

  test("carries attachments, quick replies, answers to messages and stories, advertisements", async () => {
    const { simulator, received } = await stage();
    const attachments = [{ type: "image", payload: { url: "https://cdn.example/a" } }];
    const referral = { ref: "r", ad_id: "1", source: "ADS", type: "OPEN_THREAD" };
    const story = { id: "s1", url: "https://cdn.example/story" };
    const write = simulator.social.emitMessage;
    await write({ from: ADA, attachments });
    await write({ from: ADA, text: "Yes", quick_reply: "YES" });
    await write({ from: ADA, text: "this", reply_to: "m_1" });
    await write({ from: ADA, to: SHOP, text: "nice", story });
    await write({ from: ADA, to: SHOP, text: "hello", referral });
    await write({ from: ADA, to: SHOP, message: { attachments: [{ type: "ephemeral" }] } });
    expect(messagesOf(received)).toMatchObject([
      { attachments },
      { text: "Yes", quick_reply: { payload: "YES" } },
      { reply_to: { mid: "m_1" } },
      { reply_to: { story } },
      { referral },
      { attachments: [{ type: "ephemeral" }] },
    ]);
  });

  test("is postback, reaction, read, delivery, referral, edit or unsent as it is asked for", async () => {
    const { simulator, received } = await stage();
    const happen = simulator.social.emitEvent;
    await happen({ from: ADA, postback: { title: "Start", payload: "GO" } });
    await happen({ from: ADA, reaction: { mid: "m_1", emoji: "❤", reaction: "love" } });
    await happen({ from: ADA, reaction: { mid: "m_1", action: "unreact" } });
    await happen({ from: ADA, read: true });
    await happen({ from: ADA, to: SHOP, read: { mid: "aWdf" } });
    await happen({ from: ADA, delivery: { mids: ["m_1"], watermark: 5 } });
    await happen({ from: ADA, referral: { ref: "x", source: "SHORTLINK", type: "OPEN_THREAD" } });
    await happen({ from: ADA, edit: { mid: "m_1", text: "better" } });
    await happen({ from: ADA, to: SHOP, unsend: "aWdf" });
    await happen({ from: ADA, item: { "policy-enforcement": { action: "block", reason: "x" } } });
    const now = Date.UTC(2026, 2, 2, 9);
    expect(told(received)).toMatchObject([
      { postback: { title: "Start", payload: "GO", mid: expect.stringMatching(/^m_/) } },
      { reaction: { mid: "m_1", action: "react", emoji: "❤" } },
      { reaction: { mid: "m_1", action: "unreact" } },
      { read: { watermark: now } },
      { read: { mid: "aWdf" } },
      { delivery: { mids: ["m_1"], watermark: 5 } },
      { referral: { ref: "x" } },
      { message_edit: { mid: "m_1", text: "better", num_edit: 1 } },
      { message: { mid: "aWdf", is_deleted: true } },
      { "policy-enforcement": { action: "block" } },
    ]);
    await expect(happen({ from: ADA })).rejects.toThrow(/give one of "postback"/);
  });

  test("in public is a comment: of a Page's feed, of Instagram, live, a mention, and bare with its own login", async () => {
    const { simulator, received } = await stage();
    const comment = simulator.social.emitComment;
    const { ids } = await comment({ from: ADA, text: "how much?", post_id: "55", name: "Ada" });
    await comment({ from: ADA, to: SHOP, text: "wow", post_id: "66", parent_id: "9" });
    await comment({ from: ADA, to: SHOP, text: "hi", live: true });
    await comment({ from: ADA, to: SHOP, mention: true, post_id: "77" });
    expect(told(received, "changes")).toMatchObject([
      {
        field: "feed",
        value: {
          item: "comment",
          verb: "add",
          comment_id: ids[0],
          post_id: `${PAGE}_55`,
          from: { id: ADA, name: "Ada" },
          message: "how much?",
        },
      },
      { field: "comments", value: { text: "wow", media: { id: "66" }, parent_id: "9" } },
      { field: "live_comments", value: { text: "hi" } },
      { field: "mentions", value: { media_id: "77" } },
    ]);
    simulator.social.putAccount({ id: SHOP, login: "instagram" });
    await comment({ from: ADA, to: SHOP, text: "bare" });
    expect(listOf(received.at(-1)?.body["entry"])).toMatchObject([
      { id: SHOP, field: "comments", value: { text: "bare" } },
    ]);
  });

  test("while another application holds the conversation is standby", async () => {
    const { simulator, received } = await stage();
    await simulator.social.emitMessage({ from: ADA, text: "x", standby: true });
    expect(told(received)).toEqual([]);
    expect(told(received, "standby")).toMatchObject([{ message: { text: "x" } }]);
  });

  test("comes in batches of both objects, mixed, reversed, repeated and without a right signature", async () => {
    const { simulator, received } = await stage();
    const items = [1, 2, 3].flatMap((n) => [
      { kind: "message" as const, from: ADA, text: `page ${n}` },
      { kind: "message" as const, from: ADA, to: SHOP, text: `ig ${n}` },
    ]);
    const batch = { items, order: "reverse" as const, repeat: 2, signature: "wrong" as const };
    const { ids, posts } = await simulator.social.emitBatch(batch);
    expect(ids).toHaveLength(6);
    expect(posts).toHaveLength(4);
    expect(messagesOf(received.slice(0, 1)).map((each) => each["text"])).toEqual([
      "page 3",
      "page 2",
      "page 1",
    ]);
    expect(received[0]?.raw).toBe(received[1]?.raw);
    expect(received.every(({ body }) => listOf(body["entry"]).length === 1)).toBe(true);
  });
});

describe("the Send API of Pages and Instagram accounts", () => {
  test("takes a text inside the window and answers with its id", async () => {
    const { simulator } = await stage();
    await simulator.social.emitMessage({ from: ADA, text: "hi" });
    const { status, body } = await sendTo(
      simulator,
      text("hello", { message: { text: "hello", metadata: "msg_1" } }),
    );
    expect(status).toBe(200);
    expect(body).toEqual({ recipient_id: ADA, message_id: expect.stringMatching(/^m_/) });
    expect(simulator.social.accepted().messages).toMatchObject([
      {
        id: body["message_id"],
        account_id: PAGE,
        recipient_id: ADA,
        text: "hello",
        metadata: "msg_1",
      },
    ]);
  });

  test("knows `me` by the token and by whom it is for, and an Instagram account by its id", async () => {
    const { simulator } = await stage();
    await simulator.social.emitMessage({ from: ADA, to: SHOP, text: "hi" });
    expect((await sendTo(simulator, text("a"), "v26.0/me/messages")).status).toBe(200);
    expect((await sendTo(simulator, text("b"), `v26.0/${SHOP}/messages`)).status).toBe(200);
    expect(simulator.social.accepted().messages.map((each) => each.account_id)).toEqual([
      SHOP,
      SHOP,
    ]);
    simulator.social.putAccount({ id: SHOP, access_token: "IGother" });
    expect((await sendTo(simulator, text("c"), `v26.0/${SHOP}/messages`)).code).toBe(190);
    expect((await sendTo(simulator, text("c"), "v26.0/me/messages")).code).toBe(100);
  });

  test.each<[string, JsonObject, string]>([
    ["a text too long for Messenger", text("x".repeat(2_001)), PAGE],
    ["more bytes than Instagram takes", text("é".repeat(501)), SHOP],
    ["no text", text(""), PAGE],
    ["no recipient", { message: { text: "x" } }, PAGE],
    ["a retired tag", text("x", { tag: "POST_PURCHASE_UPDATE" }), PAGE],
    ["a message and an action", text("x", { sender_action: "typing_on" }), PAGE],
    ["an action that there is not", { recipient: { id: ADA }, sender_action: "dance" }, PAGE],
    [
      "an attachment without a URL",
      text("x", { message: { attachment: { type: "image", payload: {} } } }),
      PAGE,
    ],
    [
      "an attachment of no type",
      text("x", { message: { attachment: { type: "hologram", payload: {} } } }),
      SHOP,
    ],
    ["endless metadata", text("x", { message: { text: "x", metadata: "m".repeat(1_001) } }), PAGE],
  ])("refuses %s with 100", async (_, body, account) => {
    const { simulator } = await stage();
    await simulator.social.emitMessage({ from: ADA, to: account, text: "hi" });
    const answer = await sendTo(simulator, body, `v26.0/${account}/messages`);
    expect(answer).toMatchObject({ status: 400, code: 100 });
    expect(simulator.social.accepted().messages).toEqual([]);
  });

  test("refuses whom the account does not know and who cannot be reached", async () => {
    const { simulator } = await stage();
    expect((await sendTo(simulator, text("x"))).body["error"]).toMatchObject({
      code: 100,
      error_subcode: 2018001,
    });
    await simulator.social.emitMessage({ from: ADA, text: "hi" });
    simulator.social.putPerson({ id: ADA, is_reachable: false });
    expect((await sendTo(simulator, text("x"))).code).toBe(551);
  });

  test("closes after a day but for a person's answer within seven", async () => {
    const { simulator, clock } = await stage();
    for (const to of [PAGE, SHOP])
      await simulator.social.emitMessage({ from: ADA, to, text: "hi" });
    clock.move(DAY);
    expect((await sendTo(simulator, text("x"))).body["error"]).toMatchObject({
      code: 10,
      error_subcode: 2018278,
    });
    const instagram = await sendTo(simulator, text("x"), `v26.0/${SHOP}/messages`);
    expect(instagram.body["error"]).toMatchObject({ code: 10, error_subcode: 2534022 });
    const tagged = text("x", { messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" });
    expect((await sendTo(simulator, tagged)).status).toBe(200);
    simulator.social.putAccount({ id: PAGE, human_agent: false });
    expect((await sendTo(simulator, tagged)).code).toBe(10);
    const seen = { recipient: { id: ADA }, sender_action: "mark_seen" };
    expect((await sendTo(simulator, seen)).body).toEqual({ recipient_id: ADA });
    simulator.social.setWindow({ from: ADA });
    expect((await sendTo(simulator, text("x"))).status).toBe(200);
  });

  test("answers a comment in private once, within seven days, without opening the window", async () => {
    const { simulator, clock } = await stage();
    const { ids } = await simulator.social.emitComment({ from: ADA, text: "price?" });
    const reply = { recipient: { comment_id: ids[0] }, message: { text: "in private" } };
    expect((await sendTo(simulator, reply)).body).toMatchObject({ recipient_id: ADA });
    expect((await sendTo(simulator, reply)).code).toBe(10903);
    expect((await sendTo(simulator, text("more"))).code).toBe(10);
    const { ids: late } = await simulator.social.emitComment({ from: ADA, text: "price?" });
    clock.move(7 * DAY + 1);
    const lateReply = { ...reply, recipient: { comment_id: late[0] } };
    expect((await sendTo(simulator, lateReply)).code).toBe(10903);
  });

  test("keeps what is no message apart", async () => {
    const { simulator } = await stage();
    await simulator.social.emitMessage({ from: ADA, text: "hi" });
    const react = {
      recipient: { id: ADA },
      sender_action: "react",
      payload: { message_id: "m_1", reaction: "❤" },
    };
    expect((await sendTo(simulator, react)).status).toBe(200);
    expect((await sendTo(simulator, { ...react, payload: {} })).code).toBe(100);
    expect(simulator.social.actions().actions).toMatchObject([{ action: "react" }]);
    expect(simulator.social.accepted().messages).toEqual([]);
  });

  test("is limited by the second, has faults of its own, and dies with its token", async () => {
    const { simulator } = await stage();
    await simulator.social.emitMessage({ from: ADA, text: "hi" });
    simulator.social.configure({ rate_per_s: 1 });
    expect((await sendTo(simulator, text("1"))).status).toBe(200);
    expect((await sendTo(simulator, text("2"))).code).toBe(613);
    await simulator.moveClock({ advance_ms: 1_000 });
    simulator.addFaults({
      kind: "error",
      code: 10,
      subcode: 2018278,
      phone_number_id: PAGE,
      to: ADA,
    });
    expect((await sendTo(simulator, text("3"))).body["error"]).toMatchObject({
      error_subcode: 2018278,
    });
    simulator.addFaults({ kind: "drop" });
    await expect(sendTo(simulator, text("4"))).rejects.toThrow();
    expect(simulator.social.accepted().messages).toHaveLength(2);
    simulator.setToken({ token: "EAAtest", state: "expired" });
    expect((await sendTo(simulator, text("5"))).code).toBe(190);
  });
});

describe("what follows a message that was sent", () => {
  test("is its echo, its delivery and its reading", async () => {
    const { simulator, received } = await stage();
    await simulator.social.emitMessage({ from: ADA, text: "hi" });
    simulator.social.configure({ echoes: "after", deliveries: true, reads: true });
    const { body } = await sendTo(
      simulator,
      text("hello", { message: { text: "hello", metadata: "msg_1" } }),
    );
    await simulator.idle();
    const id = body["message_id"];
    expect(told(received).slice(1)).toMatchObject([
      {
        sender: { id: PAGE },
        recipient: { id: ADA },
        message: {
          mid: id,
          text: "hello",
          is_echo: true,
          metadata: "msg_1",
          app_id: 1517776481860111,
        },
      },
      { sender: { id: ADA }, delivery: { mids: [id] } },
      { sender: { id: ADA }, read: { watermark: expect.any(Number) } },
    ]);
  });

  test("on Instagram names no application and nothing that was given along", async () => {
    const { simulator, received } = await stage();
    await simulator.social.emitMessage({ from: ADA, to: SHOP, text: "hi" });
    simulator.social.configure({ echoes: "after", deliveries: true, reads: true });
    const { body } = await sendTo(simulator, text("hello"), "v26.0/me/messages");
    await simulator.idle();
    const id = body["message_id"];
    expect(told(received)[1]?.["message"]).toEqual({ mid: id, text: "hello", is_echo: true });
    expect(told(received)[2]).toMatchObject({ read: { mid: id } });
    expect(told(received)).toHaveLength(3);
  });

  test("can come before the answer, twice", async () => {
    const { simulator, received } = await stage();
    await simulator.social.emitMessage({ from: ADA, text: "hi" });
    simulator.social.configure({ echoes: "before", duplicate: true });
    const before = received.length;
    await sendTo(simulator, text("hello"));
    expect(messagesOf(received.slice(before)).map((each) => each["is_echo"])).toEqual([true, true]);
  });

  test("and what was typed in Meta's own inbox is an echo without our metadata", async () => {
    const { simulator, received } = await stage();
    await simulator.social.emitEcho({ to: ADA, text: "from the inbox", app_id: "26390203743090" });
    expect(told(received)).toMatchObject([
      {
        sender: { id: PAGE },
        recipient: { id: ADA },
        message: { text: "from the inbox", is_echo: true, app_id: 26390203743090 },
      },
    ]);
  });
});

describe("what the Graph API tells of people and accounts", () => {
  test("names of who has written, unless they keep them to themselves", async () => {
    const { simulator } = await stage();
    simulator.social.putPerson({
      id: ADA,
      first_name: "Ada",
      last_name: "Lovelace",
      username: "ada",
    });
    const ask = (fields: string) => graph(simulator, "GET", `v26.0/${ADA}?fields=${fields}`);
    expect((await ask("first_name,last_name")).body).toEqual({
      id: ADA,
      first_name: "Ada",
      last_name: "Lovelace",
    });
    expect((await ask("name,username")).body).toEqual({
      id: ADA,
      name: "Ada Lovelace",
      username: "ada",
    });
    simulator.social.putPerson({ id: ADA, has_profile: false });
    expect((await ask("name")).code).toBe(230);
    expect((await graph(simulator, "GET", "v26.0/999")).code).toBe(100);
  });

  test("accounts, their tokens and their subscriptions", async () => {
    const { simulator } = await stage();
    const page = await graph(
      simulator,
      "GET",
      `v26.0/${PAGE}?fields=name,instagram_business_account`,
    );
    expect(page.body).toEqual({
      id: PAGE,
      name: "Lucky Shrub",
      instagram_business_account: { id: SHOP },
    });
    const pages = await graph(simulator, "GET", "v26.0/me/accounts");
    expect(pages.body["data"]).toMatchObject([{ id: PAGE, access_token: expect.any(String) }]);
    const renewed = await graph(
      simulator,
      "GET",
      "refresh_access_token?grant_type=ig_refresh_token",
    );
    expect(renewed.body).toMatchObject({ expires_in: 5_184_000 });
    const apps = `v26.0/${PAGE}/subscribed_apps`;
    expect((await graph(simulator, "POST", apps)).code).toBe(100);
    await graph(simulator, "POST", `${apps}?subscribed_fields=messages,message_echoes`);
    expect((await graph(simulator, "GET", apps)).body["data"]).toMatchObject([
      { subscribed_fields: ["messages", "message_echoes"] },
    ]);
    await graph(simulator, "DELETE", apps);
    expect((await graph(simulator, "GET", apps)).body["data"]).toEqual([]);
  });

  test("everything is as at the start after a reset", async () => {
    const { simulator } = await stage();
    await simulator.social.emitMessage({ from: ADA, text: "hi" });
    simulator.social.putAccount({ id: "1", kind: "page" });
    simulator.reset();
    expect(simulator.social.accounts().accounts.map(({ id }) => id)).toEqual([PAGE, SHOP]);
    expect((await sendTo(simulator, text("x"))).body["error"]).toMatchObject({
      error_subcode: 2018001,
    });
  });
});
