import { expect, onTestFinished, test, vi } from "vitest";
import { type Simulator, startSimulator } from "../../../../simulator/src/index.ts";
import { createHome } from "../../support/processes/server-home.ts";
import { type ServerProcess, startServer } from "../../support/processes/server-process.ts";
import { type Receipt, type Receiver, startReceiver } from "../../support/receiver.ts";
import { APP_SECRET, PHONE_NUMBER_ID } from "../load.ts";

vi.setConfig({ testTimeout: 90_000 });

const VERIFY_TOKEN = "a-verify-token";
const PAGE = "117172741761305";
const SHOP = "17841405822304914";
const SMS_NUMBER = "+15558675310";
const SHEENA = "16505551234";
/** Messenger's and Instagram's own names for her: nobody has the same at two accounts. */
const ADA = "3383290475046708";
const ADA_ON_INSTAGRAM = "9427431067364251";
const DAY_MS = 24 * 3_600_000;

interface Stage {
  simulator: Simulator;
  server: ServerProcess;
  receiver: Receiver;
}

/** A business on all four channels, and its own backend that wants every event. */
async function openBusiness(): Promise<Stage> {
  const home = await createHome();
  const simulator = await startSimulator({ appSecret: APP_SECRET, verifyToken: VERIFY_TOKEN });
  onTestFinished(() => simulator.close());
  const server = await startServer(home.place, {
    CURLEW_META_APP_SECRET: APP_SECRET,
    CURLEW_META_VERIFY_TOKEN: VERIFY_TOKEN,
    CURLEW_META_GRAPH_URL: simulator.url,
    CURLEW_TWILIO_API_URL: simulator.url,
  });
  const access_token = "EAAtest";
  for (const channel of [
    { kind: "whatsapp", external_id: PHONE_NUMBER_ID, credentials: { access_token } },
    { kind: "messenger", external_id: PAGE, credentials: { access_token } },
    { kind: "instagram", external_id: SHOP, credentials: { access_token } },
    {
      kind: "sms",
      external_id: SMS_NUMBER,
      credentials: {
        account_sid: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        auth_token: "simulated-auth-token",
      },
    },
  ]) {
    const { status, body } = await server.call("POST", "/channels", { name: "Shop", ...channel });
    expect(status, JSON.stringify(body)).toBe(201);
  }
  const receiver = await startReceiver();
  const { url, secret } = receiver;
  await server.call("POST", "/endpoints", { name: "Backend", url, secret });
  await simulator.subscribe({ url: `${server.url}/in/meta` });
  simulator.twilio.putNumber({ phone_number: SMS_NUMBER, sms_url: `${server.url}/in/twilio` });
  return { simulator, server, receiver };
}

const received = (text: string) => (receipt: Receipt) =>
  receipt.body.type === "message.received" && receipt.body.data.message.content.text === text;

test("CRM sync: what people write on all four channels arrives in one shape, with their names", async () => {
  const { simulator, receiver } = await openBusiness();
  simulator.social.putPerson({ id: ADA, first_name: "Ada", last_name: "Lovelace" });
  await Promise.all([
    simulator.emitMessage({ from: SHEENA, name: "Sheena", text: "by WhatsApp" }),
    simulator.social.emitMessage({ from: ADA, text: "by Messenger" }),
    simulator.social.emitMessage({ from: ADA_ON_INSTAGRAM, to: SHOP, text: "by Instagram" }),
    simulator.twilio.emitMessage({ from: "+14017122661", body: "by SMS" }),
  ]);
  for (const [text, kind] of [
    ["by WhatsApp", "whatsapp"],
    ["by Messenger", "messenger"],
    ["by Instagram", "instagram"],
    ["by SMS", "sms"],
  ] as const) {
    const { body } = await receiver.next(text, received(text));
    expect(body).toMatchObject({
      channel: { kind },
      conversation: { id: expect.stringMatching(/^cnv_/), status: "open" },
      contact: { id: expect.stringMatching(/^con_/), identities: [{ channel: kind }] },
      data: { message: { direction: "inbound", content: { type: "text", text } } },
    });
  }
  expect(receiver.unverified).toEqual([]);
});

test("an answer leaves by the channel that the customer wrote on, once, and its echo makes no second message", async () => {
  const { simulator, server, receiver } = await openBusiness();
  simulator.social.configure({ echoes: "before", deliveries: true, reads: true, duplicate: true });
  for (const [from, to, platform] of [
    [ADA, PAGE, "messenger"],
    [ADA_ON_INSTAGRAM, SHOP, "instagram"],
  ] as const) {
    await simulator.social.emitMessage({ from, to, text: `hello ${platform}` });
    const { body } = await receiver.next("the message", received(`hello ${platform}`));
    const reply = { conversation_id: body.conversation.id, text: `Hi on ${platform}!` };
    const answer = await server.call("POST", "/send", reply);
    // Here the echo and the reading come before the answer does.
    expect([answer.status, answer.body]).toMatchObject([200, { status: "read", platform }]);
    await simulator.idle();
    const read = await receiver.next(
      "the reading",
      ({ body: told }) => told.type === "message.read" && told.data.message_id === answer.body.id,
    );
    expect(read.body.channel.kind).toBe(platform);
    const { body: list } = await server.call(
      "GET",
      `/conversations/${body.conversation.id}/messages`,
    );
    expect(list.data).toHaveLength(2);
  }
  expect(simulator.social.accepted().messages.map(({ text }) => text)).toEqual([
    "Hi on messenger!",
    "Hi on instagram!",
  ]);
});

test("order notice: a template with the carrier's picture by WhatsApp, a text by SMS, one key each", async () => {
  const { simulator, server } = await openBusiness();
  simulator.putTemplate({
    name: "order_shipped",
    language: "en_US",
    category: "UTILITY",
    components: [
      { type: "HEADER", format: "IMAGE" },
      { type: "BODY", text: "Hi {{1}}, order {{2}} is on its way." },
    ],
  });
  const components = [
    {
      type: "header",
      parameters: [{ type: "image", image: { link: "https://cdn.example/dhl.png" } }],
    },
    {
      type: "body",
      parameters: [
        { type: "text", text: "Sheena" },
        { type: "text", text: "17" },
      ],
    },
  ];
  const notice = {
    ...{ to_phone: `+${SHEENA}`, platform: "whatsapp", template_name: "order_shipped" },
    ...{ template_language: "en_US", template_components: components, idempotency_key: "order-17" },
  };
  const first = await server.call("POST", "/send", notice);
  expect([first.status, first.body]).toMatchObject([200, { status: "sent", platform: "whatsapp" }]);
  expect((await server.call("POST", "/send", notice)).body.id).toBe(first.body.id);
  expect(simulator.accepted().messages).toMatchObject([
    { type: "template", body: { template: { name: "order_shipped", components } } },
  ]);
  const text = { to_phone: "+14017122661", text: "Your order is on its way." };
  const sms = await server.call("POST", "/send", text);
  expect([sms.status, sms.body]).toMatchObject([200, { status: "sent", platform: "sms" }]);
});

test("ad to CRM: who comes by an advertisement brings it along, and it stays the conversation's first touch", async () => {
  const { simulator, receiver } = await openBusiness();
  const referral = {
    source_url: "https://fb.me/3cr4Wqqkv",
    source_id: "120226305854810726",
    source_type: "ad",
    headline: "Chat with us",
    body: "Summer succulents are here!",
    media_type: "image",
    ctwa_clid: "Aff-n8ZTODiE79d22KtAwQKj9e",
  };
  await simulator.emitMessage({ from: SHEENA, text: "More info?", item: { referral } });
  const first = await receiver.next("the first message", received("More info?"));
  expect(first.body.data.message.referral).toMatchObject({
    ...{ source: "ad", ad_id: "120226305854810726", headline: "Chat with us" },
    ctwa_clid: referral.ctwa_clid,
  });
  await simulator.emitMessage({ from: SHEENA, text: "Hello?" });
  const second = await receiver.next("the second message", received("Hello?"));
  expect(second.body.conversation.first_touch).toMatchObject({ ctwa_clid: referral.ctwa_clid });
  expect(second.body.data.message.referral ?? null).toBeNull();

  const ads = { ref: "summer", ad_id: "6045246247433", source: "ADS", type: "OPEN_THREAD" };
  await simulator.social.emitMessage({
    ...{ from: ADA_ON_INSTAGRAM, to: SHOP },
    text: "Saw your ad",
    referral: ads,
  });
  const instagram = await receiver.next("the message by an ad", received("Saw your ad"));
  expect(instagram.body.data.message.referral).toMatchObject({
    ad_id: "6045246247433",
    ref: "summer",
  });
});

test("appointment reminder: a template opens the talk, the customer's words are answered freely, a day later a template follows", async () => {
  const { simulator, server, receiver } = await openBusiness();
  simulator.configure({ window: "sync" });
  simulator.putTemplate({
    name: "reminder",
    language: "en_US",
    category: "UTILITY",
    body: "Tomorrow at {{1}}.",
  });
  const remind = {
    ...{ to_phone: `+${SHEENA}`, platform: "whatsapp", template_name: "reminder" },
    ...{ template_language: "en_US" },
    template_components: [{ type: "body", parameters: [{ type: "text", text: "9:00" }] }],
  };
  const reminder = await server.call("POST", "/send", remind);
  expect([reminder.status, reminder.body]).toMatchObject([200, { status: "sent" }]);
  await simulator.emitMessage({ from: SHEENA, text: "Can we make it 10?" });
  const { body } = await receiver.next("the answer", received("Can we make it 10?"));
  expect(body.conversation.id).toBe(reminder.body.conversation_id);
  const reply = { conversation_id: body.conversation.id, text: "10 it is." };
  expect((await server.call("POST", "/send", reply)).body.status).toBe("sent");

  await simulator.moveClock({ advance_ms: DAY_MS });
  const followUp = await server.call("POST", "/send", remind);
  expect([followUp.status, followUp.body]).toMatchObject([
    200,
    { status: "sent", conversation_id: body.conversation.id },
  ]);
  expect(simulator.accepted().messages.map(({ type, fails_with }) => [type, fails_with])).toEqual([
    ["template", null],
    ["text", null],
    ["template", null],
  ]);
});
