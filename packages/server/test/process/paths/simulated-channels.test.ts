import { expect, test, vi } from "vitest";
import { createHome } from "../../support/processes/server-home.ts";
import {
  type Answer,
  type ServerProcess,
  startServer,
} from "../../support/processes/server-process.ts";
import { until } from "../../support/until.ts";

vi.setConfig({ testTimeout: 90_000 });

const STRICT = { CURLEW_ALLOW_TARGETS: "" };

async function ok(answer: Promise<Answer>) {
  const { status, body } = await answer;
  if (status > 299) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}

interface Entry {
  id: string;
  author: string;
  type: string;
  text: string | null;
  about: string | null;
  statuses: string[];
  webhook_status: number | null;
}

interface Caught {
  id: string;
  event_type: string;
  signature: { accepted: boolean };
}

const threadOf = async (server: ServerProcess, channelId: string): Promise<Entry[]> =>
  (await ok(server.call("GET", `/simulator/channels/${channelId}/thread`))).data;
const act = (server: ServerProcess, channelId: string, body: object): Promise<Entry> =>
  ok(server.call("POST", `/simulator/channels/${channelId}/acts`, body));

/** The first caught event of a type for which this holds, with its body. */
async function caught(server: ServerProcess, catcherId: string, type: string, text: string) {
  // biome-ignore lint/suspicious/noExplicitAny: a native body, which each test knows
  let body: any = null;
  await until(`${type} with ${text} is caught`, async () => {
    const { data } = await ok(server.call("GET", `/catchers/${catcherId}/requests?limit=100`));
    for (const each of (data as Caught[]).filter(({ event_type }) => event_type === type)) {
      const whole = await ok(server.call("GET", `/catchers/${catcherId}/requests/${each.id}`));
      if (!whole.body.includes(text)) continue;
      expect(each.signature.accepted, whole.body).toBe(true);
      body = JSON.parse(whole.body);
    }
    return body !== null;
  });
  return body;
}

async function catchAll(server: ServerProcess): Promise<string> {
  const catcher = await ok(server.call("POST", "/catchers", { keep: 500 }));
  await ok(server.call("POST", "/endpoints", { name: "Catcher", url: catcher.url }));
  return catcher.id;
}

test("from the phone to a signed webhook and back with the reply, on every kind of channel, and again after a restart", async () => {
  const home = await createHome();
  const first = await startServer(home.place, STRICT);
  const catcherId = await catchAll(first);
  const channels: { id: string; kind: string }[] = [];
  for (const kind of ["whatsapp", "instagram", "messenger", "sms"]) {
    const channel = await ok(first.call("POST", "/simulator/channels", { kind }));
    expect(channel).toMatchObject({ kind, simulated: true, state: "connected" });
    expect(channel.name).toMatch(/^Simulated (WhatsApp|Instagram|Messenger|SMS)$/);
    channels.push(channel);
    const question = `Open on Sunday, ${kind}?`;
    const asked = await act(first, channel.id, { text: question });
    expect(asked).toMatchObject({ author: "customer", text: question, webhook_status: 200 });
    const received = await caught(first, catcherId, "message.received", question);
    expect(received).toMatchObject({
      channel: { kind },
      data: { message: { provider_id: asked.id, content: { type: "text", text: question } } },
    });
    const reply = { conversation_id: received.conversation.id, text: `Yes, ${kind}.` };
    const sent = await ok(first.call("POST", "/send", reply));
    expect(sent.status).toBe("sent");
    const last = kind === "instagram" ? "message.read" : "message.delivered";
    await caught(first, catcherId, last, sent.message_id);
    const thread = await threadOf(first, channel.id);
    expect(thread.map(({ author, text }) => [author, text])).toEqual([
      ["customer", question],
      ["business", `Yes, ${kind}.`],
    ]);
    expect(thread[1]?.id).toBe(sent.provider_message_id);
    expect(thread[1]?.statuses.length, kind).toBeGreaterThan(0);
  }
  const { channels: listed, available } = await ok(first.call("GET", "/simulator"));
  expect(available).toBe(true);
  expect(new Set(listed.map(({ id }: { id: string }) => id))).toEqual(
    new Set(channels.map(({ id }) => id)),
  );
  await first.stop();

  const second = await startServer(home.place, STRICT);
  for (const { id, kind } of channels) {
    const { data } = await ok(second.call("GET", `/conversations?channel_id=${id}`));
    const reply = { conversation_id: data[0].id, text: `After a night, ${kind}.` };
    expect((await ok(second.call("POST", "/send", reply))).status, kind).toBe("sent");
    expect((await threadOf(second, id)).map(({ text }) => text)).toEqual([reply.text]);
  }
});

test("a customer sends pictures, reactions, answers to stories and clicks on ads; what a channel cannot is refused", async () => {
  const server = await startServer((await createHome()).place, STRICT);
  const catcherId = await catchAll(server);
  const connect = (kind: string) => ok(server.call("POST", "/simulator/channels", { kind }));
  const [whatsapp, instagram, sms] = [
    await connect("whatsapp"),
    await connect("instagram"),
    await connect("sms"),
  ];
  for (const { id, kind } of [whatsapp, instagram]) {
    await act(server, id, { ad_click: { text: `From the ad, ${kind}` } });
    const clicked = await caught(server, catcherId, "message.received", `From the ad, ${kind}`);
    expect(clicked.data.message.referral ?? clicked.data.referral, kind).toBeTruthy();
    await act(server, id, { image: { caption: `A picture, ${kind}` } });
    const picture = await caught(server, catcherId, "message.received", `A picture, ${kind}`);
    expect(JSON.stringify(picture.data.message.content)).toContain("image");
    const message_id = clicked.data.message.provider_id;
    await act(server, id, { reaction: { message_id, emoji: "👀" } });
    await caught(server, catcherId, "message.reaction_added", "👀");
  }
  await act(server, instagram.id, { story_reply: { text: "What a story" } });
  const story = await caught(server, catcherId, "message.received", "What a story");
  expect(JSON.stringify(story.data)).toContain("story");
  const refused = await server.call("POST", `/simulator/channels/${sms.id}/acts`, {
    reaction: { message_id: "SM1", emoji: "👍" },
  });
  expect([refused.status, refused.body.code]).toEqual([422, "unsupported_action"]);
  const nothing = await server.call("POST", `/simulator/channels/${sms.id}/acts`, {});
  expect([nothing.status, nothing.body.detail]).toEqual([
    422,
    "The body: holds one of text, image, reaction, story_reply and ad_click",
  ]);

  // What goes wrong on purpose: twice is told once, a forger is refused, a lost answer is in doubt.
  const right = { deliver_twice: true, out_of_order: true, lose_answers: false };
  await ok(server.call("PUT", "/simulator/faults", right));
  await act(server, whatsapp.id, { text: "only once" });
  const once = await caught(server, catcherId, "message.received", "only once");
  const { data } = await ok(
    server.call("GET", `/conversations/${once.conversation.id}/messages?limit=100`),
  );
  const twice = data.filter(
    ({ provider_id }: { provider_id: string }) => provider_id === once.data.message.provider_id,
  );
  expect(twice).toHaveLength(1);
  const wrong = { ...right, deliver_twice: false, wrong_signature: true, lose_answers: true };
  await ok(server.call("PUT", "/simulator/faults", wrong));
  expect((await act(server, whatsapp.id, { text: "forged" })).webhook_status).toBe(401);
  const lost = await ok(
    server.call("POST", "/send", { conversation_id: once.conversation.id, text: "Lost answer" }),
  );
  // In doubt, until the provider's own word settles it, which carries our id and may be here already.
  expect(lost.status).not.toBe("failed");
  await until("the statuses make up for the answer", async () => {
    const { status } = await ok(server.call("GET", `/messages/${lost.id}`));
    return status !== "sending";
  });
});

test("a customer's picture, and the story that is answered, are had by the link in their webhook", async () => {
  const server = await startServer((await createHome()).place, STRICT);
  const catcherId = await catchAll(server);
  for (const kind of ["whatsapp", "instagram", "messenger", "sms"]) {
    const { id } = await ok(server.call("POST", "/simulator/channels", { kind }));
    await act(server, id, { image: { caption: `Seen today, ${kind}` } });
    await expectPicture(server, catcherId, `Seen today, ${kind}`);
    if (kind !== "instagram") continue;
    await act(server, id, { story_reply: { text: "What a story" } });
    await expectPicture(server, catcherId, "What a story");
  }
});

/** The message with these words was told of with a link to a file that is here. */
async function expectPicture(server: ServerProcess, catcherId: string, words: string) {
  const told = await caught(server, catcherId, "message.received", words);
  const { url } = told.data.message.content.media;
  expect(new URL(url).origin, words).toBe(server.url);
  const picture = await fetch(url);
  expect([words, picture.status, picture.headers.get("content-type")]).toEqual([
    ...[words, 200, "image/png"],
  ]);
  const bytes = Buffer.from(await picture.arrayBuffer());
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
}

test("where others reach the server, channels are simulated only if the operator says so", async () => {
  const home = await createHome();
  const env = { CURLEW_PUBLIC_URL: "https://curlew.example", ...STRICT };
  const server = await startServer(home.place, env);
  expect(await ok(server.call("GET", "/simulator"))).toMatchObject({
    ...{ available: false, reason: expect.stringContaining("CURLEW_SIMULATOR"), channels: [] },
  });
  const refused = await server.call("POST", "/simulator/channels", { kind: "sms" });
  expect([refused.status, refused.body.code]).toEqual([403, "forbidden"]);
  await server.stop();

  const allowed = await startServer(home.place, { ...env, CURLEW_SIMULATOR: "on" });
  const { id } = await ok(allowed.call("POST", "/simulator/channels", { kind: "sms" }));
  // Twilio signs the public address; the connection goes to this machine.
  expect((await act(allowed, id, { text: "Hello" })).webhook_status).toBe(200);
});
