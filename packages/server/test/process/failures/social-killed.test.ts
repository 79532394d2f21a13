import { expect, onTestFinished, test, vi } from "vitest";
import { type Simulator, startSimulator } from "../../../../simulator/src/index.ts";
import { createHome, type ServerHome } from "../../support/processes/server-home.ts";
import { type ServerProcess, startServer } from "../../support/processes/server-process.ts";
import { until } from "../../support/until.ts";

vi.setConfig({ testTimeout: 90_000 });

const APP_SECRET = "an-app-secret";
const VERIFY_TOKEN = "a-verify-token";
const TEXT = "Your order is ready.";

const SHOPS = [
  { kind: "messenger", account: "309900000000001", simulated: "page", ada: "24680000000000001" },
  {
    kind: "instagram",
    account: "17841400000000001",
    simulated: "instagram",
    ada: "13570000000001",
  },
] as const;
type Shop = (typeof SHOPS)[number];

interface Stage {
  home: ServerHome;
  simulator: Simulator;
  env: Record<string, string>;
  server: ServerProcess;
  shop: Shop;
  conversationId: string;
}

/** A server with one account, Meta behind it, and a customer who has just written. */
async function setStage(shop: Shop): Promise<Stage> {
  const home = await createHome();
  const simulator = await startSimulator({ appSecret: APP_SECRET });
  onTestFinished(() => simulator.close());
  simulator.social.putAccount({ id: shop.account, kind: shop.simulated, name: "Shop" });
  const env = {
    CURLEW_META_APP_SECRET: APP_SECRET,
    CURLEW_META_VERIFY_TOKEN: VERIFY_TOKEN,
    CURLEW_META_GRAPH_URL: simulator.url,
    CURLEW_LOG_LEVEL: "warn",
  };
  const server = await startServer(home.place, env);
  const { kind, account: external_id } = shop;
  const channel = { kind, name: "Shop", external_id, credentials: { access_token: "EAAB" } };
  expect((await server.call("POST", "/channels", channel)).status).toBe(201);
  await connect(simulator, server);
  await simulator.social.emitMessage({ from: shop.ada, to: shop.account, text: "Hello" });
  let conversationId = "";
  await until("the customer is told of", async () => {
    const { body } = await server.call("GET", "/conversations");
    conversationId = body.data[0]?.id ?? "";
    return conversationId !== "";
  });
  return { home, simulator, env, server, shop, conversationId };
}

/** Every start serves on a port of its own. */
async function connect(simulator: Simulator, { url }: ServerProcess): Promise<void> {
  await simulator.subscribe({ url: `${url}/in/meta`, verify_token: VERIFY_TOKEN });
}

/** Meta has the message and has not answered yet when the server is killed. */
async function killBetweenAnswerAndRecord(stage: Stage): Promise<string> {
  const { home, simulator, server, conversationId } = stage;
  simulator.addFaults({ kind: "hang" });
  const answer = server
    .call("POST", "/send", { conversation_id: conversationId, text: TEXT })
    .catch(() => null);
  await until("Meta has the message", () => simulator.social.accepted().messages.length === 1);
  await server.kill();
  expect(await answer, "nobody heard how it ended").toBeNull();
  stage.server = await startServer(home.place, stage.env);
  await connect(simulator, stage.server);
  const { body } = await stage.server.call("GET", `/conversations/${conversationId}/messages`);
  const sent = body.data.find((each: { direction: string }) => each.direction === "outbound");
  expect(sent.status).toBe("sending");
  return sent.id;
}

const statusOf = async ({ server }: Stage, id: string): Promise<string> =>
  (await server.call("GET", `/messages/${id}`)).body.status;

const toldOf = async ({ server }: Stage): Promise<string[]> => {
  const { body } = await server.call("GET", "/events");
  return body.data
    .map((each: { type: string }) => each.type)
    .filter((type: string) => /^message\.(sent|unconfirmed|failed)$/.test(type));
};

const isInDoubt = async ({ home }: Stage) =>
  (await home.query("select 1 from outbox where state = 'in_doubt'")).length === 1;

const sends = ({ simulator }: Stage) =>
  simulator
    .requests()
    .requests.filter(({ method, path }) => method === "POST" && path.endsWith("/messages")).length;

test.each(SHOPS)(
  "on $kind what a killed server had handed over is sent when it is echoed, once",
  async (shop) => {
    const stage = await setStage(shop);
    const messageId = await killBetweenAnswerAndRecord(stage);
    await until("it is in doubt", () => isInDoubt(stage));
    const [taken] = stage.simulator.social.accepted().messages;
    const echo = { to: shop.ada, from: shop.account, id: taken?.id ?? "", text: TEXT };
    // Instagram tells neither the application nor what was given along.
    const own = shop.kind === "messenger" ? { metadata: taken?.metadata ?? "" } : {};
    await stage.simulator.social.emitEcho({ ...echo, ...own });
    expect(await statusOf(stage, messageId)).toBe("sent");
    const { body } = await stage.server.call("GET", `/messages/${messageId}`);
    expect(body.provider_id).toBe(taken?.id);
    expect(await toldOf(stage)).toEqual(["message.sent"]);
    expect(await stage.home.query("select 1 from outbox")).toEqual([]);
    expect(sends(stage)).toBe(1);
  },
);

test.each(SHOPS)(
  "on $kind what is never echoed is unconfirmed in the end, and not sent again",
  async (shop) => {
    const stage = await setStage(shop);
    const messageId = await killBetweenAnswerAndRecord(stage);
    await until("it is in doubt", () => isInDoubt(stage));
    // Fifteen minutes go by.
    await stage.home.query("update outbox set doubt_until = doubt_until - interval '15 minutes'");
    await until(
      "its time is over",
      async () => (await statusOf(stage, messageId)) === "unconfirmed",
    );
    expect(await toldOf(stage)).toEqual(["message.unconfirmed"]);
    expect(sends(stage)).toBe(1);
  },
);
