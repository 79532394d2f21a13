import twilio from "twilio";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Simulator, startSimulator } from "../../../../simulator/src/index.ts";
import { createHome, type ServerHome } from "../../support/processes/server-home.ts";
import { type ServerProcess, startServer } from "../../support/processes/server-process.ts";
import { type Receipt, type Receiver, startReceiver } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";

vi.setConfig({ testTimeout: 90_000 });

const ACCOUNT = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const AUTH_TOKEN = "simulated-auth-token";
const NUMBER = "+15558675310";
const ADA = "+14017122661";
const PUBLIC = "https://curlew.example";

interface Stage {
  home: ServerHome;
  simulator: Simulator;
  env: Record<string, string>;
  server: ServerProcess;
  receiver: Receiver;
}

/** A server behind a proxy, one Twilio number, and a customer who wants every event. */
async function setStage(): Promise<Stage> {
  const home = await createHome();
  const simulator = await startSimulator({ appSecret: "unused" });
  onTestFinished(() => simulator.close());
  const env = { CURLEW_TWILIO_API_URL: simulator.url, CURLEW_PUBLIC_URL: PUBLIC };
  const server = await startServer(home.place, env);
  const channel = {
    kind: "sms",
    name: "Shop",
    external_id: NUMBER,
    credentials: { account_sid: ACCOUNT, auth_token: AUTH_TOKEN },
  };
  expect((await server.call("POST", "/channels", channel)).status).toBe(201);
  const receiver = await startReceiver();
  const { url, secret } = receiver;
  const endpoint = await server.call("POST", "/endpoints", { name: "Shop", url, secret });
  expect(endpoint.status, JSON.stringify(endpoint.body)).toBe(201);
  simulator.twilio.putNumber({ phone_number: NUMBER, sms_url: `${PUBLIC}/in/twilio` });
  connect(simulator, server);
  return { home, simulator, env, server, receiver };
}

/** Every start serves on a port of its own; Twilio calls the public address all the same. */
function connect(simulator: Simulator, { url }: ServerProcess): void {
  simulator.twilio.configure({ connect_to: url });
}

const ofType = (type: string) => (receipt: Receipt) => receipt.body.type === type;

test("an SMS arrives signed, the answer leaves once from the number, and its statuses come back", async () => {
  const { simulator, server, receiver } = await setStage();
  const { sid, posts } = await simulator.twilio.emitMessage({ from: ADA, body: "Order 17? 🌻" });
  expect(posts).toMatchObject([{ state: "delivered", alert: null }]);
  const received = await receiver.next("the message", ofType("message.received"));
  expect(received.body).toMatchObject({
    channel: { kind: "sms", external_id: NUMBER },
    contact: { identities: [{ id: ADA }] },
    data: {
      message: {
        provider_id: sid,
        content: { type: "text", text: "Order 17? 🌻", encoding: "UCS-2", segments: 1 },
      },
    },
  });

  simulator.twilio.configure({ statuses: "sent,delivered", duplicate: true, reverse: true });
  const reply = { conversation_id: received.body.conversation.id, text: "On its way." };
  const answer = await server.call("POST", "/send", { ...reply, idempotency_key: "r1" });
  expect([answer.status, answer.body]).toMatchObject([200, { status: "sent", platform: "sms" }]);
  await simulator.idle();
  const delivered = await receiver.next("the delivery", ofType("message.delivered"));
  expect(delivered.body.data.message_id).toBe(answer.body.id);
  const again = await server.call("POST", "/send", { ...reply, idempotency_key: "r1" });
  expect(again.body.id).toBe(answer.body.id);
  expect(simulator.twilio.accepted().messages).toMatchObject([
    { from: NUMBER, to: ADA, body: "On its way.", sid: answer.body.provider_message_id },
  ]);
  expect((await server.call("GET", `/messages/${answer.body.id}`)).body.status).toBe("delivered");
  expect(receiver.unverified).toEqual([]);

  // A telephone number alone is written to by SMS, and the sender is nobody's to choose.
  const written = await server.call("POST", "/send", {
    to_phone: ADA,
    text: "Your parcel is here.",
  });
  expect([written.status, written.body]).toMatchObject([200, { status: "sent", platform: "sms" }]);
  for (const field of ["from", "from_phone"]) {
    const refused = await server.call("POST", "/send", {
      ...{ to_phone: ADA, text: "x" },
      [field]: "+15550001111",
    });
    expect(refused.status).toBe(422);
  }
  expect(simulator.twilio.accepted().messages).toHaveLength(2);
});

test("copies make one message, and what Twilio did not sign leaves no trace", async () => {
  const { simulator, server, receiver } = await setStage();
  await simulator.twilio.emitMessage({ from: ADA, body: "once", repeat: 10, parallel: true });
  const params = { MessageSid: "SMown", From: ADA, To: NUMBER, Body: "by the library" };
  const header = twilio.getExpectedTwilioSignature(AUTH_TOKEN, `${PUBLIC}/in/twilio`, params);
  const response = await fetch(`${server.url}/in/twilio`, {
    method: "POST",
    headers: { "x-twilio-signature": header },
    body: new URLSearchParams(params),
  });
  expect(response.status).toBe(200);
  await receiver.next(
    "the library's",
    ({ body }) => body.data.message?.content?.text === "by the library",
  );
  const copies = receiver.receipts.filter(ofType("message.received"));
  expect(copies).toHaveLength(2);

  const canary = "canary-of-a-forger";
  const forged = { from: ADA, body: canary };
  const { posts } = await simulator.twilio.emitMessage({ ...forged, signature: "wrong" });
  expect(posts[0]?.attempts[0]?.status).toBe(401);
  const stranger = await simulator.twilio.emitMessage({
    ...forged,
    params: { To: "+15550001111" },
  });
  expect(stranger.posts[0]?.attempts[0]?.status).toBe(403);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(/inbound_items_total\{channel="sms",outcome="unknown_channel"\} 1/);
  expect(metrics).toMatch(/inbound_items_total\{channel="sms",outcome="failed"\} 1/);
  await simulator.twilio.emitMessage({ from: ADA, body: "honest" });
  await receiver.next("the honest message", ofType("message.received"));
  expect(receiver.receipts.filter(({ text }) => text.includes(canary))).toEqual([]);
  expect(server.output()).not.toContain(canary);
});

test("who wrote STOP is told of, and is written to no more until START", async () => {
  const { simulator, server, receiver } = await setStage();
  await simulator.twilio.emitMessage({ from: ADA, body: "STOP" });
  const optedOut = await receiver.next("the wish", ofType("consent.opted_out"));
  expect(optedOut.body.data).toMatchObject({ keyword: "STOP" });
  const refused = await server.call("POST", "/send", { to_phone: ADA, text: "sale!" });
  expect(refused.status).toBe(422);
  await simulator.twilio.emitMessage({ from: ADA, body: "START" });
  await receiver.next("the other wish", ofType("consent.opted_in"));
  expect((await server.call("POST", "/send", { to_phone: ADA, text: "hi" })).status).toBe(200);
  expect(simulator.twilio.accepted().messages).toHaveLength(1);
});

test("a server that is killed before it hears Twilio's answer never sends twice, and learns from the status", async () => {
  const stage = await setStage();
  const { home, simulator, server, env } = stage;
  simulator.addFaults({ kind: "hang" });
  const answer = server.call("POST", "/send", { to_phone: ADA, text: "once" }).catch(() => null);
  await until("Twilio has the message", () => simulator.twilio.accepted().messages.length === 1);
  await server.kill();
  expect(await answer).toBeNull();
  const next = await startServer(home.place, env);
  connect(simulator, next);
  const [taken] = simulator.twilio.accepted().messages;
  await until("the status is taken", async () => {
    const { posts } = await simulator.twilio.emitStatus({ sid: "last", status: "delivered" });
    const { body: list } = await next.call("GET", "/conversations");
    const { body } = await next.call("GET", `/conversations/${list.data[0].id}/messages`);
    const [sent] = body.data;
    const isTold = sent.status === "delivered" && sent.provider_id === taken?.sid;
    return posts[0]?.state === "delivered" && isTold;
  });
  expect(simulator.twilio.accepted().messages).toHaveLength(1);
});
