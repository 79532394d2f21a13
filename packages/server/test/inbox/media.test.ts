import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { wanted } from "../../src/channels/meta/items.ts";
import { parseMeta } from "../../src/channels/parse-meta.ts";
import { parseForm } from "../../src/channels/twilio/form.ts";
import { parseMessage } from "../../src/channels/twilio/parse.ts";
import { parseId, publicId } from "../../src/core/ids.ts";
import { ensurePartitions } from "../../src/storage/retention/partitions.ts";
import { metaBody } from "../support/messages/inbox-world.ts";
import { type MediaWorld, openMediaWorld, PNG } from "../support/messages/media-room.ts";
import { LINK_MS, SHOP } from "../support/messages/post-office.ts";
import { openShop } from "../support/messages/shops.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let world: MediaWorld;
beforeEach(async () => {
  world = await openMediaWorld();
});
afterEach(() => world.end());

const sha256 = createHash("sha256").update(PNG).digest("hex");
// biome-ignore lint/suspicious/noExplicitAny: a test reads into bodies as a consumer does
const mediaOf = (body: any) => body.data.message.content.media;

/** What the message says now. */
async function contentNow(body: { data: { message: { id: string } } }) {
  const id = parseId("msg", body.data.message.id);
  const [row] = await world.rows<{ content: string }>("select content from message where id = $1", [
    id,
  ]);
  return JSON.parse(row?.content ?? "null");
}

/** A problem document, with its status. */
async function problemAt(url: string) {
  const response = await world.open(url);
  return { status: response.status, body: await response.json() };
}

describe("a file that a customer sends", () => {
  test("is told of at once, with a link of ours and nothing of the provider's", async () => {
    const body = await world.send({ more: { caption: "this one?" } });
    const media = mediaOf(body);
    expect(media).toMatchObject({ state: "fetching", mime: "image/png", caption: "this one?" });
    expect(media.url).toMatch(/^https:\/\/curlew\.example\/media\/med_/);
    expect(media.url).toContain(media.id);
    expect(Date.parse(media.expires_at)).toBe(world.office.clock.now() + LINK_MS);
    expect(JSON.stringify(body)).not.toContain(world.simulator.url);
  });

  test("is fetched, described by what it is, and served by its link", async () => {
    const body = await world.send();
    await world.fetcher.runOnce();
    expect((await contentNow(body)).media).toMatchObject({
      state: "stored",
      mime: "image/png",
      bytes: PNG.length,
      sha256,
      url: mediaOf(body).url,
    });
    const response = await world.open(mediaOf(body).url);
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(PNG);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "image/png",
      "content-length": String(PNG.length),
      "content-disposition": "inline",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      etag: `"${sha256}"`,
    });
    expect(world.counted).toEqual(["whatsapp stored"]);
    expect(await world.office.events("message.media_failed")).toEqual([]);
  });

  test("is served in parts, and not again to who has it", async () => {
    const { url } = mediaOf(await world.send());
    await world.fetcher.runOnce();
    const part = await world.open(url, { range: "bytes=1-3" });
    expect([part.status, await part.text()]).toEqual([206, "PNG"]);
    expect(part.headers.get("content-range")).toBe(`bytes 1-3/${PNG.length}`);
    expect((await world.open(url, { range: "bytes=5000-" })).status).toBe(416);
    expect((await world.open(url, { "if-none-match": `"${sha256}"` })).status).toBe(304);
    const changed = await world.open(url, { range: "bytes=1-3", "if-range": '"old"' });
    expect(changed.status).toBe(200);
  });

  test("is waited for by who asks while it is fetched", async () => {
    const { url } = mediaOf(await world.send());
    const asked = world.open(url);
    await world.fetcher.runOnce();
    await world.office.clock.advance(500);
    expect((await asked).status).toBe(200);
  });

  test("is not to be had yet where that takes longer", async () => {
    const { url } = mediaOf(await world.send());
    const asked = world.open(url);
    for (let n = 0; n < 45; n += 1) await world.office.clock.advance(250);
    const response = await asked;
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
  });

  test("is a document under the name that it was sent with, to be saved and not to be shown", async () => {
    const page = Buffer.from("<!doctype html><script>alert(1)</script>");
    const body = await world.send({
      ...{ bytes: page, mime: "text/html" },
      more: { filename: "Angebot für Ada.html" },
    });
    await world.fetcher.runOnce();
    const { headers } = await world.open(mediaOf(body).url);
    expect(headers.get("content-disposition")).toBe(
      "attachment; filename=\"Angebot_f_r_Ada.html\"; filename*=UTF-8''Angebot%20f%C3%BCr%20Ada.html",
    );
  });

  test("has a name even where that holds half a character", async () => {
    const more = { filename: "offer\ud83d.html" };
    const body = await world.send({ bytes: Buffer.from("<p>"), mime: "text/html", more });
    await world.fetcher.runOnce();
    const { headers, status } = await world.open(mediaOf(body).url);
    expect(status).toBe(200);
    expect(headers.get("content-disposition")).toContain("filename*=UTF-8''offer%EF%BF%BD.html");
  });

  test("is what its bytes say, whatever was declared", async () => {
    const body = await world.send({ bytes: Buffer.from("%PDF-1.7\n"), mime: "image/jpeg" });
    await world.fetcher.runOnce();
    expect((await contentNow(body)).media).toMatchObject({ mime: "application/pdf" });
    const { headers } = await world.open(mediaOf(body).url);
    expect(headers.get("content-disposition")).toMatch(/^attachment/);
  });
});

describe("a link", () => {
  test("that was changed or has ended opens nothing", async () => {
    const { url, id } = mediaOf(await world.send());
    await world.fetcher.runOnce();
    const other = publicId("med", world.office.ids.next());
    expect((await problemAt(url.replace(id, other))).status).toBe(403);
    expect((await problemAt(url.replace(/sig=.{4}/, "sig=AAAA"))).status).toBe(403);
    await world.office.clock.advance(LINK_MS);
    expect(await problemAt(url)).toMatchObject({
      status: 403,
      body: { code: "link_refused", detail: "The link has ended." },
    });
  });
});

describe("a file that cannot be fetched", () => {
  test("is told of with the reason, which its link tells too", async () => {
    const body = await world.send();
    await world.office.clock.advance(7 * DAY);
    const { pool } = world.office.database.connections;
    await ensurePartitions(pool, world.office.clock.now(), 1);
    await world.fetcher.runOnce();
    const [event, ...others] = await world.office.events("message.media_failed");
    expect(others).toEqual([]);
    expect(event?.body).toMatchObject({
      conversation: { id: body.conversation.id, seq: body.conversation.seq + 1 },
      data: {
        message_id: body.data.message.id,
        media: { id: mediaOf(body).id },
        error: { code: "expired" },
      },
    });
    expect((await contentNow(body)).media).toMatchObject({ state: "failed", url: null });
    expect(world.files()).toEqual([]);
    expect(world.counted).toEqual(["whatsapp failed"]);
    await world.fetcher.runOnce();
    expect(await world.office.events("message.media_failed")).toHaveLength(1);
  });

  test("answers at its link with the reason", async () => {
    const { url } = mediaOf(await world.send({ bytes: Buffer.from("MZ\x90\0\x03\0") }));
    await world.fetcher.runOnce();
    expect(await problemAt(url)).toMatchObject({
      status: 424,
      body: { code: "media_failed", reason: "type_refused" },
    });
    expect(world.files()).toEqual([]);
  });

  test("because it is too large leaves nothing behind", async () => {
    await world.send({ bytes: Buffer.alloc(1_000_001, 65), mime: "text/plain" });
    await world.fetcher.runOnce();
    const [event] = await world.office.events("message.media_failed");
    expect(event?.body.data.error.code).toBe("too_large");
    expect(world.files()).toEqual([]);
  });

  test("now is tried again later, and then had", async () => {
    const body = await world.send();
    world.simulator.addFaults({ kind: "bare", status: 502, on: "media" });
    await world.fetcher.runOnce();
    expect(world.counted).toEqual(["whatsapp retried"]);
    await world.fetcher.runOnce();
    expect((await contentNow(body)).media.state, "not before its time").toBe("fetching");
    await world.office.clock.advance(5_000);
    await world.fetcher.runOnce();
    expect((await contentNow(body)).media.state).toBe("stored");
    expect(await world.office.events("message.media_failed")).toEqual([]);
  });

  test("with a token that is refused waits until it was mended, for a day", async () => {
    const body = await world.send();
    world.simulator.setToken({ token: "EAAB", state: "expired" });
    await world.fetcher.runOnce();
    expect((await contentNow(body)).media.state).toBe("fetching");
    for (let hour = 0; hour < 30; hour += 1) {
      await world.office.clock.advance(HOUR);
      await world.fetcher.runOnce();
    }
    const [event] = await world.office.events("message.media_failed");
    expect(event?.body.data.error).toMatchObject({ code: "credentials_refused" });
    const lines = JSON.stringify(world.office.logger.lines);
    expect(lines).not.toContain("EAAB");
  });
});

describe("several processes", () => {
  test("fetch each file once", async () => {
    for (let n = 0; n < 20; n += 1) await world.send();
    await world.office.clock.advance(3_000);
    expect(await world.fetcher.backlog()).toEqual({ files: 20, oldestS: 3 });
    const others = [world.fetcher, world.anotherFetcher(), world.anotherFetcher()];
    await Promise.all(others.map((each) => each.runOnce()));
    expect(world.counted).toHaveLength(20);
    const { requests } = world.simulator.requests();
    const fetched = requests.filter(({ path }) => path.startsWith("/whatsapp_business"));
    expect(fetched).toHaveLength(20);
  });

  test("take over what one of them did not end", async () => {
    const body = await world.send();
    const dying = world.anotherFetcher({ download: () => new Promise(() => {}) });
    expect(await dying.begin()).toBe(1);
    await world.fetcher.runOnce();
    expect((await contentNow(body)).media.state, "it is still the other's").toBe("fetching");
    await world.office.clock.advance(10 * MINUTE);
    await world.fetcher.runOnce();
    expect((await contentNow(body)).media.state).toBe("stored");
  });

  test("that come too late change nothing", async () => {
    const body = await world.send();
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = world.anotherFetcher({
      download: async () => {
        await finished;
        return { kind: "answered", status: 404 };
      },
    });
    await slow.begin();
    await world.office.clock.advance(10 * MINUTE);
    await world.fetcher.runOnce();
    finish();
    await slow.quiet();
    expect((await contentNow(body)).media.state).toBe("stored");
    expect((await world.open(mediaOf(body).url)).status).toBe(200);
    expect(await world.office.events("message.media_failed")).toEqual([]);
  });

  test("give up what is under way when they stop, and lose no attempt by it", async () => {
    const body = await world.send();
    const stopping = world.anotherFetcher({
      download: ({ signal }) =>
        new Promise((resolve) => {
          const giveUp = () => resolve({ kind: "failed", detail: "given up" });
          if (signal?.aborted) giveUp();
          else signal?.addEventListener("abort", giveUp);
        }),
    });
    await stopping.begin();
    await stopping.close();
    await world.fetcher.runOnce();
    expect((await contentNow(body)).media.state).toBe("stored");
  });
});

describe("a file goes", () => {
  async function withdraw(providerId: string) {
    const revoke = {
      id: "wamid.revoke",
      from: "16505551234",
      timestamp: String(Math.trunc(world.office.clock.now() / 1000)),
      type: "revoke",
      revoke: { original_message_id: providerId },
    };
    const body = metaBody({ [SHOP]: { messages: [revoke] } });
    const items = wanted(parseMeta(new TextEncoder().encode(body)));
    await world.inbox.accept({ provider: "meta", items, onlyChannelId: null });
  }

  test("when its sender withdraws the message", async () => {
    const body = await world.send();
    await world.fetcher.runOnce();
    expect(world.files()).toHaveLength(1);
    await withdraw(body.data.message.provider_id);
    expect(await problemAt(mediaOf(body).url)).toMatchObject({
      status: 410,
      body: { code: "media_gone" },
    });
    await world.remover.runOnce();
    expect(world.files()).toEqual([]);
    expect(await world.rows("select 1 from media_removal")).toEqual([]);
  });

  test("when that happens while it is fetched", async () => {
    const body = await world.send();
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const fetcher = world.anotherFetcher({
      typeOf: async () => {
        await finished;
        return "image/png";
      },
    });
    await fetcher.begin();
    await withdraw(body.data.message.provider_id);
    await world.remover.runOnce();
    finish();
    await fetcher.quiet();
    expect(world.files()).toEqual([]);
    expect((await problemAt(mediaOf(body).url)).status).toBe(410);
  });

  test("with its day when retention is over", async () => {
    const body = await world.send();
    await world.fetcher.runOnce();
    await world.remover.removeExpired(world.office.clock, DAY);
    expect(world.files()).toHaveLength(1);
    await world.office.clock.advance(2 * DAY);
    await world.remover.removeExpired(world.office.clock, DAY);
    expect(world.files()).toEqual([]);
    expect((await problemAt(mediaOf(body).url)).status).toBe(410);
  });
});

describe("files of the other channels", () => {
  test("come from Twilio with the account's credentials, by its redirect", async () => {
    const account = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const { office, simulator } = world;
    const credentials = { account_sid: account, auth_token: "simulated-auth-token" };
    await office.rows(
      `insert into channel (id, workspace_id, account_id, kind, name, external_id, credentials, created_at, updated_at)
       values ($1, $2, $3, 'sms', 'Number', '+15558675310', $4, $5, $5)`,
      [
        ...[office.ids.next(), office.workspaceId, office.accountId, JSON.stringify(credentials)],
        new Date(office.clock.now()),
      ],
    );
    const media = [{ content_type: "image/jpeg", base64: PNG.toString("base64") }];
    const emitted = { from: "+14017122661", body: "look", media, lose_webhook: true };
    const { sid } = await simulator.twilio.emitMessage(emitted);
    const list = `${simulator.url}/2010-04-01/Accounts/${account}/Messages/${sid}/Media.json`;
    const basic = Buffer.from(`${account}:${credentials.auth_token}`).toString("base64");
    const answer = await fetch(list, { headers: { authorization: `Basic ${basic}` } });
    const { media_list } = (await answer.json()) as { media_list: { sid: string }[] };
    const form = {
      ...{ MessageSid: sid, From: "+14017122661", To: "+15558675310", Body: "look", NumMedia: "1" },
      MediaUrl0: list.replace(".json", `/${media_list[0]?.sid}`),
      MediaContentType0: "image/jpeg",
    };
    const items = parseMessage(parseForm(new URLSearchParams(form).toString()) ?? new Map(), {
      kind: "sms",
      externalId: "+15558675310",
    });
    await world.inbox.accept({ provider: "twilio", items, onlyChannelId: null });
    await world.fetcher.runOnce();
    expect(world.counted).toEqual(["sms stored"]);
    const [event] = await office.events("message.received");
    expect((await world.open(mediaOf(event?.body).url)).headers.get("content-type")).toBe(
      "image/png",
    );
  });

  test("come from Messenger's links, several of one message, each with a link of its own", async () => {
    const { office, simulator } = world;
    const { channelId } = await openShop(office, "messenger", { externalId: "309" });
    const { link } = simulator.addMedia({
      mime_type: "image/png",
      base64: PNG.toString("base64"),
    });
    const attachments = [
      { type: "image", payload: { url: link } },
      { type: "image", payload: { url: "https://example.com/not-meta.png" } },
    ];
    const messaging = {
      ...{ sender: { id: "24" }, recipient: { id: "309" }, timestamp: office.clock.now() },
      message: { mid: "m_1", attachments },
    };
    const body = { object: "page", entry: [{ id: "309", time: 1, messaging: [messaging] }] };
    const items = wanted(parseMeta(new TextEncoder().encode(JSON.stringify(body))));
    await world.inbox.accept({ provider: "meta", items, onlyChannelId: channelId });
    await world.fetcher.runOnce();
    const [event] = await office.events("message.received");
    const content = await contentNow(event?.body);
    expect(content.media).toMatchObject({ state: "stored", mime: "image/png" });
    expect(content.attachments[0].media).toMatchObject({ state: "failed", url: null });
    const [refused] = await office.events("message.media_failed");
    expect(refused?.body.data.error).toMatchObject({
      code: "address_refused",
      message: "The file is said to be at example.com, which is not the provider's.",
    });
    const ids = [content.media.id, content.attachments[0].media.id];
    expect(new Set(ids).size).toBe(2);
    expect(JSON.stringify(event?.body)).not.toContain("example.com");
  });
});
