import { createHash } from "node:crypto";
import { expect, onTestFinished, test, vi } from "vitest";
import { CurlewClient } from "../../../../sdk/src/index.ts";
import { type Simulator, startSimulator } from "../../../../simulator/src/index.ts";
import { PNG } from "../../support/messages/media-room.ts";
import { createHome } from "../../support/processes/server-home.ts";
import {
  environmentFor,
  runCurlew,
  type ServerProcess,
  startServer,
} from "../../support/processes/server-process.ts";
import { startReceiver } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";

vi.setConfig({ testTimeout: 90_000 });

const VERIFY_TOKEN = "a-verify-token";
const ADA = "16505551234";

async function connect(simulator: Simulator, { url }: ServerProcess): Promise<void> {
  await simulator.subscribe({ url: `${url}/in/meta`, verify_token: VERIFY_TOKEN });
}

test("a file outlives the server that was fetching it, and is had by the link of its event", async () => {
  const home = await createHome();
  const simulator = await startSimulator({ appSecret: "an-app-secret" });
  onTestFinished(() => simulator.close());
  const env = {
    CURLEW_META_APP_SECRET: "an-app-secret",
    CURLEW_META_VERIFY_TOKEN: VERIFY_TOKEN,
    CURLEW_META_GRAPH_URL: simulator.url,
  };
  const server = await startServer(home.place, env);
  const channel = { kind: "whatsapp", name: "Shop", external_id: "106540352242922" };
  await server.call("POST", "/channels", { ...channel, credentials: { access_token: "EAAB" } });
  const receiver = await startReceiver();
  const { url, secret } = receiver;
  await server.call("POST", "/endpoints", { name: "Shop", url, secret });
  await connect(simulator, server);

  simulator.addFaults({ kind: "hang", on: "media" });
  const { id } = simulator.addMedia({ mime_type: "image/png", base64: PNG.toString("base64") });
  const image = { id, mime_type: "image/png", sha256: "said" };
  await simulator.emitMessage({ from: ADA, item: { type: "image", image } });
  const isReceived = ({ body }: { body: { type: string } }) => body.type === "message.received";
  const { body } = await receiver.next("the message", isReceived);
  expect(body.data.message.content.media).toMatchObject({ state: "fetching" });
  await until("it is being fetched", () =>
    simulator.requests().requests.some(({ path }) => path.includes("whatsapp_business")),
  );
  await server.kill();

  const next = await startServer(home.place, env);
  // The claim of the dead runs out.
  await home.query("update media set next_at = now() - interval '1 second'");
  const { pathname, search } = new URL(body.data.message.content.media.url);
  let response = await fetch(`${next.url}${pathname}${search}`);
  await until("the file is had", async () => {
    response = await fetch(`${next.url}${pathname}${search}`);
    return response.status === 200;
  });
  expect(Buffer.from(await response.arrayBuffer())).toEqual(PNG);
  const kept = await next.call("GET", `/messages/${body.data.message.id}`);
  expect(kept.body.content.media).toMatchObject({
    state: "stored",
    sha256: createHash("sha256").update(PNG).digest("hex"),
    url: expect.stringContaining(`${next.url}/media/`),
  });
  const metrics = await (await fetch(`${next.url}/metrics`)).text();
  expect(metrics).toMatch(/curlew_media_total\{channel="whatsapp",outcome="stored"\} 1/);
  expect(next.output()).not.toContain("EAAB");
});

test("a link to a file is good all the while that the master key is changed, and after the old one has gone", async () => {
  const home = await createHome();
  const simulator = await startSimulator({ appSecret: "an-app-secret" });
  onTestFinished(() => simulator.close());
  const [old, fresh] = [1, 2].map((n) => Buffer.alloc(32, n).toString("base64"));
  const start = (keys: string) =>
    startServer(home.place, {
      CURLEW_MASTER_KEY: keys,
      CURLEW_META_APP_SECRET: "an-app-secret",
      CURLEW_META_VERIFY_TOKEN: VERIFY_TOKEN,
      CURLEW_META_GRAPH_URL: simulator.url,
    });
  const first = await start(`${old}`);
  const channel = { kind: "whatsapp", name: "Shop", external_id: "106540352242922" };
  await first.call("POST", "/channels", { ...channel, credentials: { access_token: "EAAB" } });
  await connect(simulator, first);
  const { id } = simulator.addMedia({ mime_type: "image/png", base64: PNG.toString("base64") });
  await simulator.emitMessage({
    from: ADA,
    item: { type: "image", image: { id, mime_type: "image/png", sha256: "said" } },
  });
  const conversations = await first.call("GET", "/conversations");
  const [{ id: conversation }] = conversations.body.data;
  const messages = await first.call("GET", `/conversations/${conversation}/messages`);
  const { pathname, search } = new URL(messages.body.data[0].content.media.url);
  const statusAt = async ({ url }: ServerProcess) =>
    (await fetch(`${url}${pathname}${search}`)).status;
  expect(await statusAt(first)).toBe(200);
  await first.stop();

  const between = await start(`${fresh},${old}`);
  expect(await statusAt(between)).toBe(200);
  const rotated = await runCurlew(["rotate-master-key"], {
    ...environmentFor(home.place),
    CURLEW_MASTER_KEY: `${fresh},${old}`,
  });
  expect(rotated, rotated.stderr).toMatchObject({ code: 0 });
  expect(await statusAt(between)).toBe(200);
  await between.stop();

  const last = await start(`${fresh}`);
  expect(await statusAt(last)).toBe(200);
  await last.stop();
  const wrong = await start(`${old}`);
  expect(await statusAt(wrong), "who has another key makes no link, and takes none").toBe(403);
});

test("a file that a person brings is fetched by the provider from Curlew", async () => {
  const home = await createHome();
  const simulator = await startSimulator({ appSecret: "an-app-secret" });
  onTestFinished(() => simulator.close());
  const server = await startServer(home.place, {
    CURLEW_META_APP_SECRET: "an-app-secret",
    CURLEW_META_VERIFY_TOKEN: VERIFY_TOKEN,
    CURLEW_META_GRAPH_URL: simulator.url,
    CURLEW_MEDIA_MAX_MB: "3",
  });
  const channel = { kind: "whatsapp", name: "Shop", external_id: "106540352242922" };
  const credentials = { access_token: "EAAB" };
  const { body: shop } = await server.call("POST", "/channels", { ...channel, credentials });
  await connect(simulator, server);
  await simulator.emitMessage({ from: ADA, item: { type: "text", text: { body: "Which?" } } });
  const client = new CurlewClient({ baseUrl: server.url, apiKey: server.adminKey });

  const limits = await client.channels.fileLimits(shop.id);
  expect(limits[0]).toMatchObject({ type: "image", max_bytes: 3_000_000 });
  const large = new Uint8Array(2_900_000);
  large.set(PNG);
  const { id, mime } = await client.media.upload(large, { filename: "Kelim.png" });
  expect(mime).toBe("image/png");
  const sent = await client.send({ platform_user_id: ADA, media: { type: "image", id } });
  expect(sent.status).toBe("sent");
  const asked = simulator.requests().requests.find(({ path }) => path.endsWith("/messages"));
  // As Curlew renders it.
  const body = asked?.body as { image: { link: string } } | undefined;
  const fetched = await fetch(body?.image.link ?? "");
  expect(fetched.headers.get("content-type")).toBe("image/png");
  expect(new Uint8Array(await fetched.arrayBuffer())).toEqual(large);

  const tooLarge: unknown = await client.media
    .upload(new Uint8Array(3_000_001))
    .catch((error: unknown) => error);
  expect(tooLarge).toMatchObject({ status: 413, code: "body_too_large" });
});
