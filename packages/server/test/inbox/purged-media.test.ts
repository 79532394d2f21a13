import { createHash, randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeHoldKey, openSealed } from "../../../sdk/src/webhooks/sealed.ts";
import { storedRows } from "../support/database/stored-rows.ts";
import { type DiscreetRoom, openDiscreetRoom } from "../support/messages/discreet-room.ts";
import { failing } from "../support/messages/discreet-shop.ts";
import { until } from "../support/until.ts";

const MAGIC = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
/** A picture by its first bytes; the rest cannot be compressed. */
const picture = (bytes: number) => Buffer.concat([MAGIC, randomBytes(bytes - MAGIC.length)]);
const SMALL = picture(4_000);
const LARGE = picture(200_000);

let room: DiscreetRoom;
beforeEach(async () => {
  room = await openDiscreetRoom();
});
afterEach(() => room.end());

const wants = { events: ["message.received"] };
async function mediaSentTo(url: string) {
  await room.shop.settle(room.station);
  return room.shop.sentTo(url).map(({ data }) => data.message.content.media);
}

/** Nothing of a file is in any row, in whatever way it might be written. */
async function expectKeptNowhere(...files: Buffer[]) {
  const rows = await storedRows(room.shop.database.connections.pool);
  for (const file of files) {
    const middle = file.subarray(1_000, 1_060);
    const traces = [middle.toString("hex"), file.toString("base64").slice(1_200, 1_260)];
    expect(rows.filter((row) => traces.some((trace) => row.includes(trace)))).toEqual([]);
  }
  expect(rows.filter((row) => row.includes("whatsapp_business"))).toEqual([]);
  expect(await room.shop.rows("select 1 from media")).toEqual([]);
}

describe("a small file under Inbound Body Purge", () => {
  test("goes along in the body, in every dialect's own place for it", async () => {
    const native = await room.shop.endpoint(wants);
    const chatgenius = await room.shop.endpoint({ ...wants, dialect: "chatgenius" });
    await room.send({ bytes: SMALL });
    const [media] = await mediaSentTo(native.url);
    const url = `data:image/jpeg;base64,${SMALL.toString("base64")}`;
    expect(media).toMatchObject({
      id: expect.stringMatching(/^med_/),
      ...{ state: "inline", mime: "image/jpeg", bytes: SMALL.length, expires_at: null, url },
      sha256: createHash("sha256").update(SMALL).digest("hex"),
    });
    expect(room.shop.sentTo(chatgenius.url)[0].message.media.url).toBe(url);
    await expectKeptNowhere(SMALL);
  });

  test("is what its bytes say, whatever was declared", async () => {
    const { url } = await room.shop.endpoint(wants);
    await room.send({ bytes: Buffer.from("%PDF-1.7\n"), mime: "image/jpeg" });
    expect((await mediaSentTo(url))[0]).toMatchObject({ mime: "application/pdf" });
  });

  test("that the provider has no more is said to be lost", async () => {
    const { url } = await room.shop.endpoint(wants);
    room.simulator.addFaults({ kind: "error", code: 100, on: "any" });
    await room.send({ bytes: SMALL });
    expect((await mediaSentTo(url))[0]).toMatchObject({ state: "failed", url: null });
  });

  test("that is not here in two seconds is handed on later", async () => {
    const { url } = await room.shop.endpoint(wants);
    room.simulator.addFaults({ kind: "hang", on: "media" });
    const taken = room.send({ bytes: SMALL });
    await until("the file is asked for", () =>
      room.simulator.requests().requests.some(({ path }) => path.includes("/attachments")),
    );
    await room.shop.clock.advance(2_000);
    await taken;
    const [media] = await mediaSentTo(url);
    expect(media).toMatchObject({ state: "once" });
    const response = await room.open(media.url);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(SMALL);
  });
});

describe("a larger file under Inbound Body Purge", () => {
  test("is handed on once to each endpoint that was told of it, and never kept", async () => {
    const ours = await room.shop.endpoint(wants);
    const theirs = await room.shop.endpoint(wants);
    await room.send({ bytes: LARGE });
    const [mine] = await mediaSentTo(ours.url);
    const [other] = await mediaSentTo(theirs.url);
    expect(mine).toMatchObject({ state: "once", bytes: null, mime: "image/jpeg" });
    expect(mine.url).toMatch(/^https:\/\/curlew\.example\/media\/once\/med_\w+\?t=v1\./);
    expect(mine.url).not.toContain("whatsapp_business");
    for (const { url } of [mine, other]) {
      const response = await room.open(url);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("image/jpeg");
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(Buffer.from(await response.arrayBuffer())).toEqual(LARGE);
    }
    const again = await room.open(mine.url);
    expect(again.status).toBe(410);
    expect(await again.json()).toMatchObject({ code: "media_gone" });
    await expectKeptNowhere(LARGE);
  });

  test("may be asked for again where it did not arrive whole, and is not spent by a look", async () => {
    const { url } = await room.shop.endpoint(wants);
    await room.send({ bytes: LARGE });
    const [media] = await mediaSentTo(url);
    expect((await room.open(media.url, "HEAD")).status).toBe(200);
    const broken = await room.open(media.url);
    const busy = await room.open(media.url);
    expect([busy.status, busy.headers.get("retry-after")]).toEqual([503, "5"]);
    await broken.body?.cancel();
    const whole = await room.open(media.url);
    expect((await whole.arrayBuffer()).byteLength).toBe(LARGE.length);
    expect((await room.open(media.url)).status).toBe(410);
  });

  test("answers with the reason where the provider does not give it, and may be asked for again", async () => {
    const { url } = await room.shop.endpoint(wants);
    await room.send({ bytes: LARGE });
    const [media] = await mediaSentTo(url);
    room.simulator.addFaults({ kind: "bare", status: 502, on: "media" });
    const refused = await room.open(media.url);
    expect(refused.status).toBe(424);
    expect(await refused.json()).toMatchObject({ code: "media_failed", reason: "unreachable" });
    expect((await room.open(media.url)).status).toBe(200);
  });

  test("is had by nobody whose link was changed, has ended, or was told to nobody", async () => {
    const { url } = await room.shop.endpoint(wants);
    await room.send({ bytes: LARGE });
    const [media] = await mediaSentTo(url);
    const changed = `${media.url.slice(0, -6)}AAAAAA`;
    expect((await room.open(changed)).status).toBe(403);
    expect(
      (await room.open(media.url.replace(/med_\w+/, media.id.replace(/.$/, "x")))).status,
    ).toBe(403);
    await room.shop.clock.advance(86_400_000);
    expect((await room.open(media.url)).status).toBe(403);
  });

  test("goes when its sender withdraws the message", async () => {
    const { url } = await room.shop.endpoint(wants);
    await room.send({ bytes: LARGE });
    const [media] = await mediaSentTo(url);
    await room.withdraw();
    expect((await room.open(media.url)).status).toBe(410);
  });

  test("is a document under the name that it was sent with", async () => {
    const { url } = await room.shop.endpoint(wants);
    const bytes = Buffer.concat([Buffer.from("%PDF-1.7\n"), randomBytes(90_000)]);
    await room.send({ bytes, mime: "application/pdf", filename: "offer.pdf" });
    const [media] = await mediaSentTo(url);
    const { headers } = await room.open(media.url);
    expect(headers.get("content-disposition")).toContain('attachment; filename="offer.pdf"');
  });
});

test("several small files go along up to 64 KB a message, and twenty messages a request", async () => {
  const { url } = await room.shop.endpoint(wants);
  await room.send(...Array.from({ length: 22 }, () => ({ bytes: SMALL })));
  const states = (await mediaSentTo(url)).map(({ state }) => state);
  expect(states.filter((state) => state === "inline")).toHaveLength(20);
  expect(states.filter((state) => state === "once")).toHaveLength(2);
});

test("a sealed body holds the file, or an address of the endpoint's own", async () => {
  const { hold_key, privateKey } = await makeHoldKey();
  const { url } = await room.shop.endpoint({ ...wants, holdKey: hold_key });
  room.shop.answers.set(url, failing(503));
  await room.send({ bytes: SMALL }, { bytes: LARGE });
  await room.shop.settle(room.station);
  const bodies = room.shop.posts.filter((post) => post.url === url).map(({ body }) => body);
  const opened = await Promise.all(bodies.map((body) => openSealed(body, privateKey)));
  const media = opened.map((body) => JSON.parse(body).data.message.content.media);
  expect(media.map(({ state }) => state)).toEqual(["inline", "once"]);
  expect((await room.open(media[1].url)).status).toBe(200);
  await expectKeptNowhere(SMALL, LARGE);
});
