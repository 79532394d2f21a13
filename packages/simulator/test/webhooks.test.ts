import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { hubSignatures } from "../src/index.ts";
import { escapedJson, isObject } from "../src/json.ts";
import {
  APP_SECRET,
  graph,
  itemsOf,
  listOf,
  NUMBER,
  play,
  START,
  send,
  startReceiver,
  stoppedClock,
  textTo,
  USER,
  VERIFY_TOKEN,
  WABA,
} from "./support/stage.ts";

function hmac(raw: string, secret = APP_SECRET): string {
  return `sha256=${createHmac("sha256", secret).update(raw).digest("hex")}`;
}

async function stage(options: Parameters<typeof play>[0] = {}, answer?: () => number | null) {
  const clock = stoppedClock();
  const { url: webhookUrl, received } = await startReceiver(answer);
  const simulator = await play({ clock, webhookUrl, ...options });
  return { clock, received, simulator, webhookUrl };
}

describe("a message that a user writes", () => {
  test("arrives in Meta's envelope, escaped, with both signatures over those bytes", async () => {
    const { received, simulator } = await stage();
    const name = "Jörg 😀";
    const { ids } = await simulator.emitMessage({ from: `+${USER}`, name, text: "a/b ä" });
    const [post] = received;
    expect(post?.body).toEqual({
      object: "whatsapp_business_account",
      entry: [
        {
          id: WABA,
          changes: [
            {
              value: {
                messaging_product: "whatsapp",
                metadata: { display_phone_number: "15550783881", phone_number_id: NUMBER },
                contacts: [{ profile: { name }, wa_id: USER }],
                messages: [
                  {
                    from: USER,
                    id: ids[0],
                    timestamp: String(START / 1000),
                    text: { body: "a/b ä" },
                    type: "text",
                  },
                ],
              },
              field: "messages",
            },
          ],
        },
      ],
    });
    expect(post?.raw).toContain(String.raw`J\u00f6rg \ud83d\ude00`);
    expect(post?.raw).toContain(String.raw`a\/b \u00e4`);
    expect(post?.headers).toMatchObject({
      "content-type": "application/json",
      "x-hub-signature-256": hmac(post?.raw ?? ""),
      "x-hub-signature": `sha1=${createHmac("sha1", APP_SECRET)
        .update(post?.raw ?? "")
        .digest("hex")}`,
    });
    const reserialised = JSON.stringify(JSON.parse(post?.raw ?? ""));
    expect(hmac(reserialised), "a re-serialised body does not verify").not.toBe(
      post?.headers["x-hub-signature-256"],
    );
  });

  test.each([
    ["wrong", "other", "other"],
    ["missing", "none", "none"],
    ["sha1_only", "none", "right"],
  ] as const)("can be signed %s", async (signature, sha256, sha1) => {
    const { received, simulator } = await stage();
    await simulator.emitMessage({ from: USER, text: "hi", signature });
    const [post] = received;
    const right = hubSignatures(APP_SECRET, Buffer.from(post?.raw ?? ""));
    const verdict = (name: keyof typeof right) => {
      const got = post?.headers[name];
      return got === undefined ? "none" : got === right[name] ? "right" : "other";
    };
    expect([verdict("x-hub-signature-256"), verdict("x-hub-signature")]).toEqual([sha256, sha1]);
  });

  test("can be signed with another secret, and written in plain UTF-8", async () => {
    const { received, simulator } = await stage();
    await simulator.emitMessage({ from: USER, text: "ä/", secret: "new", escape: false });
    expect(received[0]?.raw).toContain("ä/");
    expect(received[0]?.headers["x-hub-signature-256"]).toBe(hmac(received[0]?.raw ?? "", "new"));
  });

  test("of a user with a username carries a BSUID and no phone number anywhere", async () => {
    const { received, simulator } = await stage();
    const { ids } = await simulator.emitMessage({ user_id: "US.1349", name: "Ann", text: "hi" });
    expect(itemsOf(received, "contacts")).toEqual([
      { profile: { name: "Ann" }, user_id: "US.1349" },
    ]);
    expect(itemsOf(received, "messages")).toEqual([
      {
        from_user_id: "US.1349",
        id: ids[0],
        timestamp: String(START / 1000),
        text: { body: "hi" },
        type: "text",
      },
    ]);
  });

  test("of a user who hid the phone later carries it no more", async () => {
    const { received, simulator } = await stage();
    simulator.putUser({ phone: USER, user_id: "US.1", username: "ann", hides_phone: true });
    await simulator.emitMessage({ from: USER, text: "hi" });
    expect(received[0]?.raw).not.toContain(USER);
    expect(itemsOf(received, "contacts")).toMatchObject([
      { user_id: "US.1", profile: { username: "ann" } },
    ]);
  });

  test("can be anything that Meta might send: the raw item wins", async () => {
    const { received, simulator } = await stage();
    const item = {
      type: "reaction",
      reaction: { message_id: "wamid.x" },
      timestamp: 1_772_442_000,
      surprise: null,
    };
    await simulator.emitMessage({ from: USER, id: "wamid.in", item, contacts: [] });
    const [message] = itemsOf(received, "messages");
    expect(message).toEqual({ from: USER, id: "wamid.in", ...item });
    expect(itemsOf(received, "contacts")).toEqual([]);
  });

  test("can answer another message", async () => {
    const { received, simulator } = await stage();
    await simulator.emitMessage({ from: USER, text: "yes", reply_to: "wamid.x" });
    expect(itemsOf(received, "messages")[0]).toMatchObject({
      context: { from: "15550783881", id: "wamid.x" },
    });
  });

  test("comes twice with the same bytes, at once if wanted", async () => {
    const { received, simulator } = await stage();
    await simulator.emitMessage({ from: USER, text: "hi", repeat: 2 });
    await simulator.emitMessage({ from: USER, text: "hi again", repeat: 3, parallel: true });
    const [first, second, ...others] = received.map(({ raw }) => raw);
    expect(first).toBe(second);
    expect(new Set(others)).toEqual(new Set([others[0]]));
    expect(others).toHaveLength(3);
  });
});

describe("a batch", () => {
  const texts = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      kind: "message" as const,
      from: `1650555${String(index % 500).padStart(4, "0")}`,
      text: `text ${index}`,
    }));
  const bodies = (items: readonly unknown[]) =>
    items.map((item) => (isObject(item) && isObject(item["text"]) ? item["text"]["body"] : null));

  test("holds 1000 updates in one request, in their order", async () => {
    const { received, simulator } = await stage();
    const { ids } = await simulator.emitBatch({ items: texts(1_000) });
    expect(received).toHaveLength(1);
    const messages = itemsOf(received, "messages");
    expect(messages.map(({ id }) => id)).toEqual(ids);
    expect(bodies(messages)).toEqual(texts(1_000).map(({ text }) => text));
    expect(new Set(ids).size).toBe(1_000);
    expect(itemsOf(received, "contacts"), "each person once").toHaveLength(500);
  });

  test("of more than 1000 is refused unless it is spread", async () => {
    const { received, simulator } = await stage();
    await expect(simulator.emitBatch({ items: texts(1_001) })).rejects.toThrow(/at most 1000/);
    await simulator.emitBatch({ items: texts(1_001), per_post: 400 });
    expect(
      received.map(({ body }) => itemsOf([{ body }] as typeof received, "messages").length),
    ).toEqual([400, 400, 201]);
  });

  test("mixes numbers and accounts, messages and statuses", async () => {
    const numbers = [
      { phone_number_id: "1", waba_id: "A" },
      { phone_number_id: "2", waba_id: "A" },
      { phone_number_id: "3", waba_id: "B" },
    ];
    const { received, simulator } = await stage({ numbers });
    const message = { kind: "message" as const, from: USER, text: "x" };
    const items = [
      { ...message, phone_number_id: "1" },
      { ...message, phone_number_id: "3" },
      { ...message, phone_number_id: "1" },
      { ...message, phone_number_id: "2" },
      { kind: "status" as const, id: "wamid.s", status: "read" as const, phone_number_id: "1" },
    ];
    await simulator.emitBatch({ items });
    await simulator.emitBatch({ items, grouping: "apart" });
    const shape = received.map(({ body }) =>
      listOf(body["entry"]).map(({ id, changes }) => [
        id,
        listOf(changes).map(({ value }) => {
          const { metadata, messages, statuses } = isObject(value) ? value : {};
          const number = isObject(metadata) ? metadata["phone_number_id"] : null;
          return `${number}: ${listOf(messages).length}+${listOf(statuses).length}`;
        }),
      ]),
    );
    expect(shape).toEqual([
      [
        ["A", ["1: 2+0", "2: 1+0", "1: 0+1"]],
        ["B", ["3: 1+0"]],
      ],
      [
        ["A", ["1: 1+0"]],
        ["B", ["3: 1+0"]],
        ["A", ["1: 1+0"]],
        ["A", ["2: 1+0"]],
        ["A", ["1: 0+1"]],
      ],
    ]);
  });

  test("comes in reverse, or shuffled the same way for the same seed", async () => {
    const { received, simulator } = await stage();
    const items = texts(20);
    const inOrder = items.map(({ text }) => text);
    const orders = [];
    for (const options of [
      { order: "reverse" as const },
      { order: "shuffle" as const, seed: 7 },
      { order: "shuffle" as const, seed: 7 },
      { order: "shuffle" as const, seed: 8 },
    ]) {
      received.splice(0);
      await simulator.emitBatch({ items, ...options });
      orders.push(bodies(itemsOf(received, "messages")));
    }
    const [reversed, seven, sevenAgain, eight] = orders;
    expect(reversed).toEqual([...inOrder].reverse());
    expect(seven).toEqual(sevenAgain);
    expect(seven).not.toEqual(inOrder);
    expect(seven).not.toEqual(eight);
    expect(new Set(seven)).toEqual(new Set(inOrder));
  });

  test("of three megabytes arrives whole", async () => {
    const { received, simulator } = await stage();
    await simulator.emitMessage({ from: USER, text: "ä".repeat(500_000) });
    expect(received[0]?.raw.length).toBeGreaterThan(3_000_000);
  });
});

describe("statuses", () => {
  const options = { settings: { window: "off" as const } };

  test.each([
    ["sent,delivered,read", ["sent", "delivered", "read"]],
    [{ steps: "sent,delivered,read", skip_delivered: true }, ["sent", "read"]],
    [{ steps: "sent,read", duplicate: true }, ["sent", "sent", "read", "read"]],
    [{ steps: "sent,delivered", reverse: true }, ["delivered", "sent"]],
    ["off", []],
  ])("follow an accepted send by the script %j", async (statuses, expected) => {
    const { received, simulator } = await stage({ settings: { window: "off", statuses } });
    const message = { ...textTo(USER), biz_opaque_callback_data: "msg_1" };
    const { body } = await send(simulator, message);
    await simulator.idle();
    const items = itemsOf(received, "statuses");
    expect(items.map(({ status }) => status)).toEqual(expected);
    for (const item of items) {
      expect(item).toMatchObject({
        id: listOf(body["messages"])[0]?.["id"],
        recipient_id: USER,
        timestamp: String(START / 1000),
        biz_opaque_callback_data: "msg_1",
      });
    }
    expect(simulator.accepted().messages[0]?.statuses).toEqual(expected);
  });

  test("come before the answer to the send, when told so", async () => {
    const statuses = { steps: "sent", before_answer: true };
    const { received, simulator } = await stage({ settings: { window: "off", statuses } });
    await send(simulator, textTo(USER));
    expect(itemsOf(received, "statuses")).toHaveLength(1);
  });

  test("say what was charged on sent and on one of delivered and read only", async () => {
    const priced = async (steps: string) => {
      const { received, simulator } = await stage({ settings: { window: "off", statuses: steps } });
      await send(simulator, textTo(USER));
      await simulator.idle();
      return itemsOf(received, "statuses").map(({ pricing }) => pricing !== undefined);
    };
    expect(await priced("sent,delivered,read")).toEqual([true, true, false]);
    expect(await priced("sent,read")).toEqual([true, true]);
  });

  test.each([
    [null, "MARKETING", { billable: true, type: "regular", category: "marketing" }],
    [USER, "UTILITY", { billable: false, type: "free_customer_service", category: "utility" }],
    [null, "UTILITY", { billable: true, type: "regular", category: "utility" }],
  ] as const)("price a template: window %s, %s", async (from, category, pricing) => {
    const { received, simulator } = await stage({ settings: { statuses: "sent" } });
    simulator.putTemplate({ name: "t", category });
    if (from) simulator.setWindow({ from });
    const template = { name: "t", language: { code: "en_US" } };
    await send(simulator, { messaging_product: "whatsapp", to: USER, type: "template", template });
    await simulator.idle();
    expect(itemsOf(received, "statuses")[0]).toMatchObject({
      pricing: { ...pricing, pricing_model: "PMP" },
    });
  });

  test("of a BSUID name the recipient by it", async () => {
    const { received, simulator } = await stage({ settings: { window: "off", statuses: "sent" } });
    const { to: _, ...message } = textTo("");
    await send(simulator, { ...message, recipient: "US.1" });
    await simulator.idle();
    const [status] = itemsOf(received, "statuses");
    expect(status).toMatchObject({ recipient_user_id: "US.1" });
    expect(status).not.toHaveProperty("recipient_id");
  });

  test("never come for a message that went nowhere", async () => {
    const { received, simulator } = await stage({ settings: { window: "off", statuses: "sent" } });
    await send(simulator, textTo("US.13491208655302741918"));
    await simulator.idle();
    expect(received).toEqual([]);
  });

  test("of a reaction end with sent", async () => {
    const { received, simulator } = await stage({
      settings: { window: "off", statuses: "sent,delivered,read" },
    });
    const reaction = { message_id: "wamid.x", emoji: "👍" };
    await send(simulator, { messaging_product: "whatsapp", to: USER, type: "reaction", reaction });
    await simulator.idle();
    expect(itemsOf(received, "statuses").map(({ status }) => status)).toEqual(["sent"]);
  });

  test("come on command, for the last send or for a message of anybody's", async () => {
    const { received, simulator } = await stage(options);
    await expect(simulator.emitStatus({ id: "last", status: "read" })).rejects.toThrow(
      /no message/,
    );
    await send(simulator, { ...textTo(USER), biz_opaque_callback_data: "msg_1" });
    await simulator.emitStatus({ id: "last", status: "failed", code: 131049 });
    await simulator.emitStatus({
      id: "wamid.other",
      status: "read",
      recipient_id: "1",
      timestamp: 5,
    });
    expect(itemsOf(received, "statuses")).toMatchObject([
      { status: "failed", biz_opaque_callback_data: "msg_1", errors: [{ code: 131049 }] },
      { id: "wamid.other", status: "read", recipient_id: "1", timestamp: "5" },
    ]);
  });

  test("carry a conversation object for those who still expect one", async () => {
    const settings = { window: "off" as const, statuses: "sent", conversation_objects: true };
    const { received, simulator } = await stage({ settings });
    await send(simulator, textTo(USER));
    await simulator.idle();
    expect(itemsOf(received, "statuses")[0]).toMatchObject({
      conversation: { id: expect.any(String), origin: { type: "service" } },
    });
  });
});

describe("anything else", () => {
  test("an echo of the phone app arrives in its own field", async () => {
    const { received, simulator } = await stage();
    await simulator.emitEcho({ to: USER, text: "by hand" });
    const [entry] = listOf(received[0]?.body["entry"]);
    expect(listOf(entry?.["changes"])[0]).toMatchObject({
      field: "smb_message_echoes",
      value: { message_echoes: [{ from: "15550783881", to: USER, text: { body: "by hand" } }] },
    });
  });

  test("a field of any name arrives with the time in seconds", async () => {
    const { received, simulator } = await stage();
    await simulator.emitChange({ field: "unknown_field", value: { a: 1 } });
    expect(received[0]?.body["entry"]).toEqual([
      { id: WABA, time: START / 1000, changes: [{ value: { a: 1 }, field: "unknown_field" }] },
    ]);
  });

  test("bytes that are no JSON are signed and sent as they are", async () => {
    const { received, simulator } = await stage();
    await simulator.emitRaw({ body: "not json ä" });
    expect(received[0]?.raw).toBe("not json ä");
    expect(received[0]?.headers["x-hub-signature-256"]).toBe(hmac("not json ä"));
  });
});

describe("a webhook that is not answered 200", () => {
  test("is repeated with the same bytes when its time has come, until it is", async () => {
    const answers = [500, 302, 200];
    const { clock, received, simulator } = await stage({}, () => answers.shift() ?? 200);
    const { posts } = await simulator.emitMessage({ from: USER, text: "hi" });
    expect(posts).toMatchObject([{ state: "waiting", next_at: START + 5_000 }]);
    clock.move(4_999);
    expect((await simulator.tick()).posts).toEqual([]);
    clock.move(1);
    expect((await simulator.tick()).posts).toMatchObject([{ state: "waiting" }]);
    clock.move(30_000);
    expect((await simulator.tick()).posts).toMatchObject([
      { state: "delivered", attempts: [{ status: 500 }, { status: 302 }, { status: 200 }] },
    ]);
    clock.move(7 * 86_400_000);
    expect((await simulator.tick()).posts).toEqual([]);
    expect(new Set(received.map(({ raw }) => raw)).size).toBe(1);
    expect(received).toHaveLength(3);
  });

  test("is repeated at once on command, and given up after seven days", async () => {
    const { clock, simulator } = await stage({}, () => 500);
    await simulator.emitMessage({ from: USER, text: "hi" });
    expect((await simulator.retryNow()).posts).toMatchObject([{ attempts: [{}, {}] }]);
    clock.move(7 * 86_400_000 + 1);
    expect((await simulator.tick()).posts).toMatchObject([{ state: "given_up", next_at: null }]);
    expect((await simulator.retryNow()).posts).toEqual([]);
  });

  test("because nobody listens waits like any other", async () => {
    const simulator = await play({ webhookUrl: "http://127.0.0.1:9/in/meta" });
    const { posts } = await simulator.emitMessage({ from: USER, text: "hi" });
    expect(posts).toMatchObject([
      {
        state: "waiting",
        attempts: [{ status: null, error: expect.stringContaining("ECONNREFUSED") }],
      },
    ]);
  });

  test("for 20 seconds counts as refused", async () => {
    let wake = () => {};
    const slept: number[] = [];
    const clock = {
      now: () => START,
      sleep: (ms: number) => {
        slept.push(ms);
        return new Promise<void>((resolve) => {
          wake = resolve;
        });
      },
    };
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { received, simulator } = await stage({ clock }, () => {
      arrived();
      return null;
    });
    const emission = simulator.emitMessage({ from: USER, text: "hi" });
    await arrival;
    expect(slept).toEqual([20_000]);
    wake();
    const { posts } = await emission;
    expect(posts).toMatchObject([
      { state: "waiting", attempts: [{ status: null, error: "no answer within 20000 ms" }] },
    ]);
    await received[0]?.over;
  });
});

describe("a subscription", () => {
  test("is accepted when the receiver gives the bare challenge back", async () => {
    const { url, received } = await startReceiver();
    const simulator = await play();
    await expect(simulator.subscribe({ url })).resolves.toEqual({ verified: true, url });
    await simulator.emitMessage({ from: USER, text: "hi" });
    expect(received).toHaveLength(1);
  });

  test.each([
    [{ verify_token: "wrong" }, /couldn't be validated: HTTP status 403/],
    [{ url: "http://127.0.0.1:9/" }, /couldn't be validated: .*ECONNREFUSED/],
    [{ url: "nowhere" }, /not a URL/],
  ])("is refused with the reason: %j", async (change, reason) => {
    const { url } = await startReceiver();
    const simulator = await play();
    await expect(simulator.subscribe({ url, ...change })).rejects.toThrow(reason);
    await expect(simulator.emitMessage({ from: USER, text: "hi" })).rejects.toThrow(
      /Nobody is subscribed/,
    );
  });

  test("of one account or one number goes before the app's, the number's first", async () => {
    const numbers = [
      { phone_number_id: "1", waba_id: "A" },
      { phone_number_id: "2", waba_id: "A" },
      { phone_number_id: "3", waba_id: "B" },
    ];
    const { simulator, received: appWide } = await stage({ numbers });
    const account = await startReceiver();
    const number = await startReceiver();
    const override = (url: string) => ({ override_callback_uri: url, verify_token: VERIFY_TOKEN });
    await graph(simulator, "POST", "v26.0/A/subscribed_apps", override(account.url));
    await graph(simulator, "POST", "v26.0/2", { webhook_configuration: override(number.url) });
    const items = ["1", "2", "3"].map((phone_number_id) => ({
      kind: "message" as const,
      from: USER,
      text: phone_number_id,
      phone_number_id,
    }));
    await simulator.emitBatch({ items });
    const texts = [account.received, number.received, appWide].map((received) =>
      itemsOf(received, "messages").map(({ text }) => (isObject(text) ? text["body"] : null)),
    );
    expect(texts).toEqual([["1"], ["2"], ["3"]]);
    const listed = await graph(simulator, "GET", "v26.0/A/subscribed_apps");
    expect(listOf(listed.body["data"])).toMatchObject([{ override_callback_uri: account.url }]);
    const refused = await graph(simulator, "POST", "v26.0/A/subscribed_apps", {
      ...override(account.url),
      verify_token: "wrong",
    });
    expect(refused.code).toBe(2200);
  });

  test("ended by DELETE, brings nothing any more until POST", async () => {
    const { received, simulator } = await stage();
    const path = `v26.0/${WABA}/subscribed_apps`;
    expect((await graph(simulator, "DELETE", path)).body).toEqual({ success: true });
    expect((await graph(simulator, "GET", path)).body).toEqual({ data: [] });
    const emission = await simulator.emitMessage({ from: USER, text: "hi" });
    expect(emission).toMatchObject({ posts: [], unsubscribed: 1 });
    await graph(simulator, "POST", path);
    await simulator.emitMessage({ from: USER, text: "hi" });
    expect(received).toHaveLength(1);
  });
});

test("what is emitted is exactly the escaped JSON of what a receiver reads", async () => {
  const { received, simulator } = await stage();
  await simulator.emitMessage({ from: USER, text: "NUL \u0000 and half \ud83d" });
  expect(received[0]?.raw).toBe(escapedJson(received[0]?.body));
  expect(received[0]?.raw).toContain(String.raw`NUL \u0000 and half \ud83d`);
});
