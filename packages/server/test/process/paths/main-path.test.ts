import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Simulator, startSimulator } from "../../../../simulator/src/index.ts";
import { createHome, type ServerHome } from "../../support/processes/server-home.ts";
import { type ServerProcess, startServer } from "../../support/processes/server-process.ts";
import type { Receipt } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";
import { APP_SECRET, inboundText, PHONE_NUMBER_ID, postToMeta } from "../load.ts";
import { type Customer, openShop } from "../shop.ts";

vi.setConfig({ testTimeout: 60_000 });

const VERIFY_TOKEN = "a-verify-token";
const SHEENA = "16505551234";
const RECORDED = fileURLToPath(
  new URL("../../../../../../shared/fixtures/whatsapp/", import.meta.url),
);

interface Stage {
  home: ServerHome;
  simulator: Simulator;
  server: ServerProcess;
  customer: Customer;
}

/** A server with one number at the simulated provider, and one customer who wants every event. */
async function setStage(endpoint: object = {}): Promise<Stage> {
  const home = await createHome();
  const simulator = await startSimulator({ appSecret: APP_SECRET, verifyToken: VERIFY_TOKEN });
  onTestFinished(() => simulator.close());
  const server = await startServer(home.place, {
    CURLEW_META_APP_SECRET: `another-app-secret,${APP_SECRET}`,
    CURLEW_META_VERIFY_TOKEN: VERIFY_TOKEN,
    CURLEW_META_GRAPH_URL: simulator.url,
  });
  const [customer] = await openShop(server, ["Shop's own backend"], endpoint);
  if (!customer) throw new Error("There is no customer");
  await simulator.subscribe({ url: `${server.url}/in/meta` });
  return { home, simulator, server, customer };
}

const ofType = (type: string) => (receipt: Receipt) => receipt.body.type === type;

test("what a customer writes arrives signed, the answer leaves once, and its statuses come back", async () => {
  const { simulator, server, customer } = await setStage();
  const { receiver } = customer;
  const { ids } = await simulator.emitMessage({
    ...{ from: SHEENA, name: "Sheena Nelson", text: "Is it still there? 🌻 \\ /" },
  });
  const received = await receiver.next("the message", ofType("message.received"));
  expect(received.headers).toMatchObject({
    "webhook-id": received.body.id,
    "webhook-attempt": "1",
    "webhook-event": "message.received",
  });
  expect(received.text).toBe(JSON.stringify(JSON.parse(received.text)));
  expect(received.body).toMatchObject({
    channel: { kind: "whatsapp", external_id: PHONE_NUMBER_ID },
    contact: { name: "Sheena Nelson" },
    data: {
      message: {
        direction: "inbound",
        provider_id: ids[0],
        content: { type: "text", text: "Is it still there? 🌻 \\ /" },
      },
    },
  });
  const created = await receiver.next("the conversation", ofType("conversation.created"));
  const { conversation } = received.body;
  expect([created.body.conversation.seq, conversation.seq]).toEqual([1, 2]);

  simulator.configure({ statuses: "sent,delivered,read" });
  const reply = { conversation_id: conversation.id, text: "It is.", idempotency_key: "reply-1" };
  const answer = await server.call("POST", "/send", reply);
  expect([answer.status, answer.body]).toMatchObject([200, { status: "sent", duplicate: false }]);
  const again = await server.call("POST", "/send", reply);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.body.id).toBe(answer.body.id);

  const { id, provider_message_id } = answer.body;
  const sent = await receiver.next("the sending", ofType("message.sent"));
  expect(sent.body.data.message).toMatchObject({ id, provider_id: provider_message_id });
  for (const type of ["message.delivered", "message.read"]) {
    const { body } = await receiver.next(type, ofType(type));
    expect(body.data).toMatchObject({ message_id: id, provider_id: provider_message_id });
  }
  await simulator.idle();
  const sends = simulator.requests().requests.filter(({ path }) => path.endsWith("/messages"));
  expect(sends).toHaveLength(1);
  expect(sends[0]?.body).toMatchObject({
    ...{ to: `+${SHEENA}`, text: { body: "It is." }, biz_opaque_callback_data: id },
  });
  const read = await server.call("GET", `/messages/${id}`);
  expect(read.body.status).toBe("read");
  expect(receiver.unverified).toEqual([]);
  expect(new Set(receiver.receipts.map(({ body }) => body.conversation.seq))).toEqual(
    new Set([1, 2, 3, 4, 5]),
  );
});

test("a callback with a wrong signature is refused and leaves no trace", async () => {
  const { home, server, simulator, customer } = await setStage();
  const canary = "canary-of-a-forger";
  const forged = inboundText("wamid.forged", SHEENA, canary);
  expect(await postToMeta(server.url, forged, "not-the-secret")).toMatchObject({ status: 401 });
  const { posts } = await simulator.emitMessage({
    ...{ from: SHEENA, text: canary, signature: "sha1_only" as const },
  });
  expect(posts[0]?.attempts[0]?.status).toBe(401);
  expect((await simulator.emitMessage({ from: SHEENA, text: "honest" })).posts[0]?.state).toBe(
    "delivered",
  );
  await customer.receiver.next("the honest message", ofType("message.received"));

  const tables = await home.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  );
  expect(tables.length).toBeGreaterThan(20);
  const holding = async (text: string) => {
    const names: string[] = [];
    for (const { name } of tables) {
      const rows = await home.query(`select from ${name} t where strpos(t::text, $1) > 0`, [text]);
      if (rows.length > 0) names.push(name);
    }
    return names;
  };
  expect(await holding(canary)).toEqual([]);
  expect(await holding("honest"), "the search finds what is there").toEqual(["event", "message"]);
  expect(customer.receiver.receipts.filter(({ text }) => text.includes(canary))).toEqual([]);
  expect(server.output()).not.toContain(canary);
});

test("a delivery whose schedule is spent is a dead letter, and its replay brings the same bytes under the same id", async () => {
  const { server, simulator, customer } = await setStage({
    ...{ retry_schedule: [1], events: ["message.received"] },
  });
  const { receiver } = customer;
  receiver.behave(500);
  await simulator.emitMessage({ from: SHEENA, text: "Hello?" });
  await until("it is dead", async () => {
    const { body } = await server.call("GET", "/dead-letters");
    return body.data.length === 1;
  });
  const { body } = await server.call("GET", "/dead-letters");
  expect(body.data[0]).toMatchObject({ state: "dead", attempts: 2, last_status: 500 });

  receiver.behave(200);
  const { id } = body.data[0];
  expect((await server.call("POST", `/deliveries/${id}/replay`)).status).toBe(202);
  await receiver.next("the replay", ({ attempt }) => attempt === 3);
  await until("it is delivered", async () => {
    const delivery = await server.call("GET", `/deliveries/${id}`);
    return delivery.body.state === "delivered";
  });
  const detail = await server.call("GET", `/deliveries/${id}`);
  expect(detail.body.attempts.map((each: { status: number }) => each.status)).toEqual([
    500, 500, 200,
  ]);
  expect((await server.call("GET", "/dead-letters")).body.data).toEqual([]);
  expect(new Set(receiver.receipts.map(({ text }) => text)).size).toBe(1);
  expect(new Set(receiver.receipts.map((each) => each.id)).size).toBe(1);
  const signatures = receiver.receipts.map(({ headers }) => headers["webhook-signature"]);
  expect(new Set(signatures).size, "each second is signed anew").toBeGreaterThan(1);
});

test("dead letters are replayed together, and an endpoint gets again what it had since a time", async () => {
  const { server, simulator, customer } = await setStage({
    ...{ retry_schedule: [1], events: ["message.received"] },
  });
  const { receiver, id } = customer;
  receiver.behave(500);
  const texts = ["one", "two", "three"];
  for (const text of texts) await simulator.emitMessage({ from: SHEENA, text });
  await until("all are dead", async () => {
    const { body } = await server.call("GET", `/dead-letters?endpoint_id=${id}`);
    return body.data.length === texts.length;
  });
  receiver.behave(200);
  const dead = await server.call("POST", "/dead-letters/replay", { endpoint_id: id });
  expect([dead.status, dead.body]).toMatchObject([202, { count: 3 }]);
  const isThere = (times: number) => () => receiver.receipts.length === times * texts.length;
  await until("all are replayed", isThere(2));
  await until("the job is done", async () => {
    const { body } = await server.call("GET", `/jobs/${dead.body.job_id}`);
    return body.state === "done";
  });

  await until("what was replayed is settled", async () => {
    const { body } = await server.call("GET", `/deliveries?endpoint_id=${id}&state=delivered`);
    return body.data.length === texts.length;
  });

  const since = { since: "2026-01-01T00:00:00Z", states: ["delivered"] };
  const dry = await server.call("POST", `/endpoints/${id}/replay`, { ...since, dry_run: true });
  expect(dry.body).toMatchObject({ count: 3, job_id: null, dry_run: true });
  const all = await server.call("POST", `/endpoints/${id}/replay`, since);
  expect([all.status, all.body]).toMatchObject([202, { count: 3 }]);
  await until("all come once more", isThere(3));
  expect(new Set(receiver.receipts.map(({ text }) => text)).size).toBe(3);
});

test.runIf(existsSync(RECORDED))(
  "every text that the provider is on record with reaches the customer",
  async () => {
    const { server, customer } = await setStage();
    const recorded = readdirSync(RECORDED)
      .sort()
      .flatMap((name) => {
        const text = readFileSync(`${RECORDED}${name}`, "utf8");
        const texts = textsIn(JSON.parse(text));
        return texts.length === 0 ? [] : [{ name, text, texts }];
      });
    expect(recorded.length).toBeGreaterThan(0);
    const numbers = new Set(recorded.flatMap(({ texts }) => texts.map(({ number }) => number)));
    numbers.delete(PHONE_NUMBER_ID);
    for (const number of numbers) {
      const channel = { kind: "whatsapp", name: number, external_id: number };
      expect((await server.call("POST", "/channels", channel)).status).toBe(201);
    }
    for (const { name, text } of recorded) {
      expect((await postToMeta(server.url, text, "not-the-secret")).status, name).toBe(401);
      expect((await postToMeta(server.url, text)).status, name).toBe(200);
    }
    for (const { name, texts } of recorded) {
      for (const { number, id, body } of texts) {
        const { body: event } = await customer.receiver.next(
          `${id} of ${name}`,
          (each) =>
            each.body.data.message?.provider_id === id && each.body.channel.external_id === number,
        );
        expect(event.data.message.content).toMatchObject({ type: "text", text: body });
      }
    }
    expect(customer.receiver.unverified).toEqual([]);
  },
);

interface RecordedText {
  number: string;
  id: string;
  body: string;
}

/** The texts that people wrote in a callback, however it is batched. */
// biome-ignore lint/suspicious/noExplicitAny: recorded by others, and asserted field by field
function textsIn(callback: any): RecordedText[] {
  if (callback?.object !== "whatsapp_business_account") return [];
  // biome-ignore lint/suspicious/noExplicitAny: as above
  return (callback.entry ?? []).flatMap((entry: any) =>
    // biome-ignore lint/suspicious/noExplicitAny: as above
    (entry.changes ?? []).flatMap(({ field, value }: any) =>
      field !== "messages"
        ? []
        : (value.messages ?? [])
            // biome-ignore lint/suspicious/noExplicitAny: as above
            .filter(({ type }: any) => type === "text")
            // biome-ignore lint/suspicious/noExplicitAny: as above
            .map(({ id, text }: any) => ({
              number: value.metadata.phone_number_id,
              id,
              body: text.body,
            })),
    ),
  );
}
