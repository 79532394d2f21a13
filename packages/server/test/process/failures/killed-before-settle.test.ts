import { expect, onTestFinished, test } from "vitest";
import { startSimulator } from "../../../../simulator/src/index.ts";
import { createHome } from "../../support/processes/server-home.ts";
import { startServer } from "../../support/processes/server-process.ts";
import { until } from "../../support/until.ts";

const APP_SECRET = "an-app-secret";
const VERIFY_TOKEN = "a-verify-token";
const PUBLIC = "https://curlew.example";
const TWILIO = {
  account_sid: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  auth_token: "simulated-auth-token",
};
const SHOPS = [
  { kind: "whatsapp", account: "106540352242922", ada: "16505551234" },
  { kind: "messenger", account: "117172741761305", ada: "24680000000000001" },
  { kind: "instagram", account: "17841405822304914", ada: "13570000000001" },
  { kind: "sms", account: "+15558675310", ada: "+14017122661" },
] as const;
const textOn = (kind: string) => `Your order of ${kind} is ready.`;

test("on all four channels what a server was answered, and was killed before it wrote it down, is sent once", {
  timeout: 180_000,
}, async () => {
  const home = await createHome();
  const simulator = await startSimulator({ appSecret: APP_SECRET });
  onTestFinished(() => simulator.close());
  const env = {
    ...{ CURLEW_META_APP_SECRET: APP_SECRET, CURLEW_META_VERIFY_TOKEN: VERIFY_TOKEN },
    ...{ CURLEW_META_GRAPH_URL: simulator.url, CURLEW_TWILIO_API_URL: simulator.url },
    ...{ CURLEW_PUBLIC_URL: PUBLIC, CURLEW_LOG_LEVEL: "warn" },
  };
  const [whatsapp, messenger, instagram, sms] = SHOPS;
  simulator.twilio.putNumber({ phone_number: sms.account, sms_url: `${PUBLIC}/in/twilio` });
  const connect = async (url: string) => {
    await simulator.subscribe({ url: `${url}/in/meta`, verify_token: VERIFY_TOKEN });
    simulator.twilio.configure({ connect_to: url });
  };

  // Somebody has written on each.
  const server = await startServer(home.place, env);
  for (const { kind, account } of SHOPS) {
    const credentials = kind === "sms" ? TWILIO : { access_token: "EAAB" };
    const channel = { kind, name: kind, external_id: account, credentials };
    expect((await server.call("POST", "/channels", channel)).status, kind).toBe(201);
  }
  await connect(server.url);
  await simulator.emitMessage({ from: whatsapp.ada, text: "Hello" });
  for (const { ada, account } of [messenger, instagram]) {
    await simulator.social.emitMessage({ from: ada, to: account, text: "Hello" });
  }
  await simulator.twilio.emitMessage({ from: sms.ada, body: "Hello" });
  const conversations = new Map<string, string>();
  await until("everybody is told of", async () => {
    const { body } = await server.call("GET", "/conversations");
    for (const { id, channel } of body.data) conversations.set(channel.kind, id);
    return conversations.size === SHOPS.length;
  });

  // The providers have taken the messages; their answers are here, and wait to be written down.
  simulator.addFaults({ kind: "delay", ms: 2_000, count: SHOPS.length });
  const answers = SHOPS.map(({ kind }) =>
    server
      .call("POST", "/send", {
        conversation_id: conversations.get(kind),
        text: textOn(kind),
      })
      .catch(() => null),
  );
  const taken = () => [
    ...simulator.accepted().messages,
    ...simulator.social.accepted().messages,
    ...simulator.twilio.accepted().messages,
  ];
  await until("all of them have it", () => taken().length === SHOPS.length);
  await home.hold("select 1 from outbox for update");
  await until("all of them have answered", () => {
    const { requests } = simulator.requests();
    const sends = requests.filter(
      ({ method, path }) => method === "POST" && /\/messages(\.json)?$/i.test(path),
    );
    return sends.filter(({ status }) => status !== null && status < 300).length === SHOPS.length;
  });
  await until("what they answered waits to be written", async () => {
    const waiting = await home.query(
      "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    return waiting.length > 0;
  });
  await server.kill();
  expect(await Promise.all(answers)).toEqual([null, null, null, null]);

  // Another one asks nobody again, and hears of each by the provider's own word.
  const next = await startServer(home.place, env);
  await connect(next.url);
  await until("all are in doubt", async () => {
    const rows = await home.query("select 1 from outbox where state = 'in_doubt'");
    return rows.length === SHOPS.length;
  });
  await simulator.emitStatus({ id: "last", status: "sent" });
  for (const { kind, ada, account } of [messenger, instagram]) {
    const { messages } = simulator.social.accepted();
    const mine = messages.find(({ account_id }) => account_id === account);
    const own = kind === "messenger" ? { metadata: mine?.metadata ?? "" } : {};
    const echo = { to: ada, from: account, id: mine?.id ?? "", text: textOn(kind) };
    await simulator.social.emitEcho({ ...echo, ...own });
  }
  await simulator.twilio.emitStatus({ sid: "last", status: "sent" });
  await until("all are sent", async () => {
    const rows = await home.query(
      "select 1 from message where direction = 'outbound' and status = 'sent' and provider_id is not null",
    );
    return rows.length === SHOPS.length;
  });
  expect(await home.query("select 1 from outbox")).toEqual([]);
  expect(taken()).toHaveLength(SHOPS.length);
  const told = await home.query<{ type: string }>(
    "select type from event where type in ('message.sent', 'message.unconfirmed', 'message.failed')",
  );
  expect(told.map(({ type }) => type)).toEqual(Array(SHOPS.length).fill("message.sent"));
});
