import { randomBytes } from "node:crypto";
import { expect, onTestFinished, test, vi } from "vitest";
import { startSimulator } from "../../../../simulator/src/index.ts";
import { storedRows } from "../../support/database/stored-rows.ts";
import {
  ADA,
  canaries,
  filesWith,
  NUMBER,
  ofType,
  PUBLIC,
  setStage,
} from "../../support/processes/purging-number.ts";
import { createHome, type ServerHome } from "../../support/processes/server-home.ts";
import { startServer } from "../../support/processes/server-process.ts";
import type { Receipt } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";

vi.setConfig({ testTimeout: 120_000 });

/** Where the database keeps a text: in files, the write-ahead log included, where they can be read. */
async function placesOf(home: ServerHome, texts: readonly string[]): Promise<string[]> {
  const { place } = home;
  if ("dataDir" in place) return filesWith(place.dataDir, texts);
  const rows = await storedRows({
    async query<R extends object>(config: string | { text: string; values?: unknown[] }) {
      const { text, values = [] } = typeof config === "string" ? { text: config } : config;
      return { rows: await home.query<R>(text, values), rowCount: null };
    },
  });
  return rows.filter((row) => texts.some((text) => row.includes(text)));
}

test("a body that was forwarded is nowhere on the disk, nor in the logs, and a planted one is found", async () => {
  const home = await createHome();
  const { server, receiver, say } = await setStage(home);
  const [short, long] = canaries();
  // What a receiver says back is its own, and must not bring the body in again.
  receiver.behave(200);
  expect(await say(server, "SM1", short)).toBe(200);
  expect(await say(server, "SM2", long)).toBe(200);
  for (const text of [short, long]) {
    const fits = ({ body }: Receipt) => body.data.message?.content?.text === text;
    await receiver.next("the body", fits);
  }
  expect(receiver.unverified).toEqual([]);
  const planted = randomBytes(700).toString("hex");
  const own = { type: "order.shipped", data: { planted } };
  expect((await server.call("POST", "/events", own)).status).toBe(202);
  await receiver.next("the planted one", ofType("order.shipped"));
  await until("everything is settled", async () => {
    const open = await home.query(
      `select 1 from event e cross join unnest(e.targets) as t (endpoint) where not exists (
        select from delivery d where d.event_id = e.id and d.endpoint = t.endpoint)`,
    );
    return open.length === 0;
  });
  expect(await placesOf(home, [short, long])).toEqual([]);
  expect(await placesOf(home, [planted])).not.toEqual([]);
  if ("dataDir" in home.place) {
    const journals = await placesOf(home, [planted]);
    expect(journals.some((name) => name.includes("pg_wal"))).toBe(true);
  }
  await server.stop();
  if ("dataDir" in home.place) expect(await placesOf(home, [short, long])).toEqual([]);
  for (const text of [short, long]) expect(server.output()).not.toContain(text);
});

test("a body that was in flight when the process was killed is nowhere either, and is told of as lost", async () => {
  const home = await createHome();
  const { server, receiver, say } = await setStage(home);
  const [short, long] = canaries();
  receiver.behave("hang");
  await say(server, "SM1", short);
  await say(server, "SM2", long);
  const fits = ({ body }: Receipt) => body.data.message?.content?.text === long;
  await receiver.next("the body", fits);
  await server.kill();
  if ("dataDir" in home.place) expect(await placesOf(home, [short, long])).toEqual([]);
  receiver.behave(200);
  const heir = await startServer(home.place, { CURLEW_PUBLIC_URL: PUBLIC });
  onTestFinished(() => heir.kill());
  const seen = receiver.receipts.length;
  await until(
    "both losses are told of",
    () => {
      const told = receiver.receipts.slice(seen).filter(ofType("message.purge_lost"));
      return new Set(told.map(({ body }) => body.data.message_id)).size === 2;
    },
    30_000,
  );
  for (const { text } of receiver.receipts.slice(seen)) {
    expect(text).not.toContain(short);
    expect(text).not.toContain(long);
  }
  expect(await placesOf(home, [short, long])).toEqual([]);
  for (const text of [short, long]) {
    expect(server.output() + heir.output()).not.toContain(text);
  }
});

test("a body whose one attempt was refused is nowhere, and a graceful stop leaves nothing of one", async () => {
  const home = await createHome();
  const { server, receiver, say } = await setStage(home, { retry_schedule: [1, 1] });
  const [short, long] = canaries();
  receiver.behave(503);
  await say(server, "SM1", long);
  await until("the loss is told of", async () => {
    const told = await home.query("select 1 from event where type = 'message.purge_lost'");
    return told.length === 2;
  });
  receiver.behave({ status: 200, afterMs: 1_500 });
  await say(server, "SM2", short);
  await receiver.next("the second body", ({ body }) => body.data.message?.content?.text === short);
  // What is in flight, or waits for its slot, has its time to end.
  await server.stop();
  if ("dataDir" in home.place) expect(await placesOf(home, [short, long])).toEqual([]);
  expect(server.output()).not.toContain(short);
  expect(server.output()).not.toContain(long);
});

test("files that customers send are passed on, small and large, and are nowhere on the disk", async () => {
  const simulator = await startSimulator({ appSecret: "unused" });
  onTestFinished(() => simulator.close());
  const home = await createHome();
  const { server, receiver } = await setStage(home, {}, { CURLEW_TWILIO_API_URL: simulator.url });
  simulator.twilio.putNumber({ phone_number: NUMBER, sms_url: `${PUBLIC}/in/twilio` });
  simulator.twilio.configure({ connect_to: server.url });
  const picture = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
  const files = [3_000, 150_000].map((bytes) => Buffer.concat([picture, randomBytes(bytes)]));
  for (const file of files) {
    const media = [{ content_type: "image/jpeg", base64: file.toString("base64") }];
    await simulator.twilio.emitMessage({ from: ADA, body: "look", media });
  }
  const addresses = await Promise.all(
    ["inline", "once"].map(async (state) => {
      const has = ({ body }: Receipt) => body.data.message?.content?.media?.state === state;
      const { body } = await receiver.next(`the ${state} file`, has);
      // The server stands behind a proxy that is not there.
      return body.data.message.content.media.url.replace(PUBLIC, server.url);
    }),
  );
  const passedOn = addresses.map(async (url) =>
    Buffer.from(await (await fetch(url)).arrayBuffer()),
  );
  expect(await Promise.all(passedOn)).toEqual(files);
  // A connection that has long been idle may just be closed by the server.
  const isSpent = ({ status }: Response) => status === 410;
  await until("the address is spent", () => fetch(addresses[1] ?? "").then(isSpent, () => false));
  const traces = files.flatMap((file) => [
    file.subarray(1_000, 1_040),
    file.toString("base64").slice(1_200, 1_240),
  ]);
  if ("dataDir" in home.place) expect(filesWith(home.place.dataDir, traces)).toEqual([]);
  await server.stop();
  if ("dataDir" in home.place) expect(filesWith(home.place.dataDir, traces)).toEqual([]);
  const texts = traces.filter((trace) => typeof trace === "string");
  expect(await placesOf(home, texts)).toEqual([]);
  for (const text of texts) expect(server.output()).not.toContain(text);
  for (const url of addresses.slice(1)) expect(server.output()).not.toContain(url.split("?t=")[1]);
});

test("the receipt of a body that was forwarded is written though the process is killed before it is", async () => {
  const home = await createHome();
  const { server, receiver, say } = await setStage(home, { events: ["message.received"] });
  receiver.behave({ status: 200, afterMs: 1_000 });
  const [short] = canaries();
  await say(server, "SM1", short);
  await home.hold("select 1 from purge_receipt for update");
  await until("the receiver's answer is kept", async () => {
    const rows = await home.query("select 1 from delivery where state = 'delivered'");
    return rows.length === 1;
  });
  await until("the receipt waits to be written", async () => {
    const waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock'";
    return (await home.query(`${waiting} and datname = current_database()`)).length > 0;
  });
  const purged = () =>
    home.query<{ payload: string }>("select payload from event where type = 'message.purged'");
  expect(await purged()).toEqual([]);
  await server.kill();
  receiver.behave(200);
  const heir = await startServer(home.place, { CURLEW_PUBLIC_URL: PUBLIC });
  onTestFinished(() => heir.kill());
  await until("the receipt is written", async () => (await purged()).length === 1, 30_000);
  const [receipt] = await purged();
  expect(JSON.parse(receipt?.payload ?? "").data).toMatchObject({ delivered: 1, lost: 0 });
});
