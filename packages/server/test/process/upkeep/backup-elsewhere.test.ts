import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startSimulator } from "../../../../simulator/src/index.ts";
import { readBooksOf } from "../../support/database/books.ts";
import { dataDirectory } from "../../support/database/data-directory.ts";
import { createEmbeddedHome } from "../../support/database/embedded-home.ts";
import { PNG } from "../../support/messages/media-room.ts";
import { createSharedHome } from "../../support/processes/server-home.ts";
import { environmentFor, runCurlew, startServer } from "../../support/processes/server-process.ts";
import { until } from "../../support/until.ts";
import { openShop } from "../shop.ts";

vi.setConfig({ testTimeout: 180_000 });

const APP_SECRET = "an-app-secret";
const VERIFY_TOKEN = "a-verify-token";
const ADA = "16505551234";

test("what a PostgreSQL of one's own held goes on in the embedded one: log, conversations, files and signatures", async () => {
  const home = await createSharedHome();
  const [filesHere, there] = [dataDirectory(), dataDirectory()];
  const simulator = await startSimulator({ appSecret: APP_SECRET });
  onTestFinished(() => simulator.close());
  const env = {
    CURLEW_META_APP_SECRET: APP_SECRET,
    CURLEW_META_VERIFY_TOKEN: VERIFY_TOKEN,
    CURLEW_META_GRAPH_URL: simulator.url,
  };
  const here = { ...env, CURLEW_DATA_DIR: filesHere };
  const a = await startServer(home.place, here);
  const [customer] = await openShop(a, ["Backend"]);
  if (!customer) throw new Error("There is no customer");
  const { receiver } = customer;
  const writes = async (url: string, item: Record<string, unknown>) => {
    await simulator.subscribe({ url: `${url}/in/meta`, verify_token: VERIFY_TOKEN });
    await simulator.emitMessage({ from: ADA, name: "Ada", item });
  };
  const { id } = simulator.addMedia({ mime_type: "image/png", base64: PNG.toString("base64") });
  await writes(a.url, { type: "image", image: { id, mime_type: "image/png", sha256: "said" } });
  const first = await receiver.next("the picture", ({ body }) => body.type === "message.received");
  const fileAt = (url: string) => {
    const { pathname, search } = new URL(first.body.data.message.content.media.url);
    return fetch(`${url}${pathname}${search}`);
  };
  expect((await fileAt(a.url)).status).toBe(200);
  const published = await a.call("POST", "/events", { type: "order.placed", data: { n: 1 } });
  await receiver.next("the order", ({ id }) => id === published.body.id);
  const file = join(there, "..", `elsewhere-${process.pid}.curlew`);
  const backup = await runCurlew(["backup", file, "--media"], {
    ...environmentFor(home.place),
    ...here,
  });
  expect(backup, backup.stderr).toMatchObject({ code: 0, stderr: "" });
  expect(backup.stdout).toContain("1 media file");
  await a.stop();

  const elsewhere = createEmbeddedHome(there);
  const restored = await runCurlew(["restore", file], environmentFor(elsewhere.place));
  expect(restored, restored.stderr).toMatchObject({ code: 0 });
  const b = await startServer(elsewhere.place, env);
  const resumed = await runCurlew(["resume"], environmentFor(elsewhere.place));
  expect(resumed, resumed.stderr).toMatchObject({ code: 0 });

  const kept = await fileAt(b.url);
  expect(Buffer.from(await kept.arrayBuffer())).toEqual(PNG);
  await writes(b.url, { type: "text", text: { body: "And this one?" } });
  const next = await receiver.next(
    "the next message",
    ({ body }) => body.data.message?.content?.text === "And this one?",
  );
  expect(next.body.conversation).toMatchObject({
    id: first.body.conversation.id,
    seq: first.body.conversation.seq + 1,
  });
  expect(next.body.contact.id).toBe(first.body.contact.id);
  const { body: delivery } = await b.call("GET", `/deliveries?event_id=${published.body.id}`);
  expect(delivery.data).toMatchObject([{ state: "delivered", attempts: 1 }]);
  expect((await b.call("POST", `/deliveries/${delivery.data[0].id}/replay`)).status).toBe(202);
  await until("the replay has come", () =>
    receiver.receipts.some(({ id, attempt }) => id === published.body.id && attempt === 2),
  );
  const texts = receiver.receipts.filter(({ id }) => id === published.body.id);
  expect(new Set(texts.map(({ text }) => text)).size).toBe(1);
  expect(receiver.unverified).toEqual([]);
  await b.stop();
  const last = await startServer(elsewhere.place, env);
  const books = await readBooksOf(elsewhere);
  expect(books.ledger).toEqual(books.counted);
  await last.stop();
});
