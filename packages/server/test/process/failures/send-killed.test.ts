import { expect, onTestFinished, test } from "vitest";
import { type Simulator, startSimulator } from "../../../../simulator/src/index.ts";
import { createHome, type ServerHome } from "../../support/processes/server-home.ts";
import { type ServerProcess, startServer } from "../../support/processes/server-process.ts";
import { until } from "../../support/until.ts";

const APP_SECRET = "an-app-secret";
const VERIFY_TOKEN = "a-verify-token";
const PHONE_NUMBER_ID = "106540352242922";
const ADA = "16505551234";
const LIMIT_MS = 60_000;

interface Stage {
  home: ServerHome;
  simulator: Simulator;
  env: Record<string, string>;
  server: ServerProcess;
  conversationId: string;
}

/** A server with one number, the provider behind it, and a customer who has just written. */
async function setStage(): Promise<Stage> {
  const home = await createHome();
  const simulator = await startSimulator({ appSecret: APP_SECRET });
  onTestFinished(() => simulator.close());
  const env = {
    CURLEW_META_APP_SECRET: APP_SECRET,
    CURLEW_META_VERIFY_TOKEN: VERIFY_TOKEN,
    CURLEW_META_GRAPH_URL: simulator.url,
    CURLEW_LOG_LEVEL: "warn",
  };
  const server = await startServer(home.place, env);
  await server.call("POST", "/channels", {
    kind: "whatsapp",
    name: "Shop",
    external_id: PHONE_NUMBER_ID,
    credentials: { access_token: "EAAB" },
  });
  await connect(simulator, server);
  await simulator.emitMessage({ from: ADA, text: "Hello" });
  const { body } = await server.call("GET", "/conversations");
  return { home, simulator, env, server, conversationId: body.data[0].id };
}

/** Every start serves on a port of its own. */
async function connect(simulator: Simulator, { url }: ServerProcess): Promise<void> {
  await simulator.subscribe({ url: `${url}/in/meta`, verify_token: VERIFY_TOKEN });
}

/** The provider has the message and has not answered yet when the server is killed. */
async function killBetweenAnswerAndRecord(stage: Stage): Promise<string> {
  const { home, simulator, server, conversationId } = stage;
  simulator.addFaults({ kind: "hang" });
  const answer = server
    .call("POST", "/send", { conversation_id: conversationId, text: "Your order is ready." })
    .catch(() => null);
  await until("the provider has the message", () => simulator.accepted().messages.length === 1);
  await server.kill();
  expect(await answer, "nobody heard how it ended").toBeNull();
  stage.server = await startServer(home.place, stage.env);
  await connect(simulator, stage.server);
  const { body } = await stage.server.call("GET", `/conversations/${conversationId}/messages`);
  const sent = body.data.find((each: { direction: string }) => each.direction === "outbound");
  expect(sent.status).toBe("sending");
  return sent.id;
}

async function statusOf({ server }: Stage, messageId: string): Promise<string> {
  return (await server.call("GET", `/messages/${messageId}`)).body.status;
}

const typesOf = async ({ server }: Stage) => {
  const { body } = await server.call("GET", "/events");
  return body.data
    .map((each: { type: string }) => each.type)
    .filter((type: string) => /^message\.(sent|unconfirmed|failed)$/.test(type));
};

test("a message whose server was killed before it knew is sent when its status comes, once", {
  timeout: LIMIT_MS,
}, async () => {
  const stage = await setStage();
  const messageId = await killBetweenAnswerAndRecord(stage);
  await stage.simulator.emitStatus({ id: "last", status: "sent" });
  expect(await statusOf(stage, messageId)).toBe("sent");
  expect(await typesOf(stage)).toEqual(["message.sent"]);
  await until("the dead process is recovered", () => hasRecovered(stage.home));
  expect(await stage.home.query("select 1 from outbox")).toEqual([]);
  expect(stage.simulator.accepted().messages).toHaveLength(1);
});

test("a message whose server was killed before it knew is unconfirmed when no word comes, and not sent again", {
  timeout: LIMIT_MS,
}, async () => {
  const stage = await setStage();
  const messageId = await killBetweenAnswerAndRecord(stage);
  await until("it is in doubt", async () => {
    const rows = await stage.home.query("select 1 from outbox where state = 'in_doubt'");
    return rows.length === 1;
  });
  expect(await statusOf(stage, messageId)).toBe("sending");
  // Fifteen minutes go by.
  await stage.home.query("update outbox set doubt_until = doubt_until - interval '15 minutes'");
  await until("its time is over", async () => (await statusOf(stage, messageId)) === "unconfirmed");
  expect(await typesOf(stage)).toEqual(["message.unconfirmed"]);
  expect(stage.simulator.requests().requests.filter(isSend)).toHaveLength(1);
});

function isSend({ method, path }: { method: string; path: string }): boolean {
  return method === "POST" && path.endsWith(`/${PHONE_NUMBER_ID}/messages`);
}

async function hasRecovered(home: ServerHome): Promise<boolean> {
  const rows = await home.query<{ state: string }>(
    "select state from process where state <> 'high_water' order by id",
  );
  return rows.map(({ state }) => state).join() === "recovered,living";
}
