import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type IdPrefix, parseId, publicId } from "../../src/core/ids.ts";
import type { Principal } from "../../src/core/workspaces/principal.ts";
import type { Scope } from "../../src/core/workspaces/scopes.ts";
import { mediaRoutes } from "../../src/http/conversations/media.ts";
import { mediaUploadRoutes } from "../../src/http/conversations/media-upload.ts";
import { messageRoutes } from "../../src/http/conversations/messages.ts";
import { sendRoutes } from "../../src/http/send/send.ts";
import { MediaRemover } from "../../src/inbox/media/media-remover.ts";
import { type MediaRoom, openMediaRoom } from "../../src/runtime/media/media-room.ts";
import { mediaTypeOf } from "../../src/runtime/media/media-type.ts";
import { dropUploadsOf } from "../../src/storage/conversations/uploads.ts";
import { ensurePartitions } from "../../src/storage/retention/partitions.ts";
import type { Answer } from "../support/api/api.ts";
import { conformanceTo, type Described } from "../support/api/conformance.ts";
import { httpApp, jsonRequest, principalWith } from "../support/api/http.ts";
import { PNG } from "../support/messages/media-room.ts";
import {
  accepted,
  LINK_MS,
  openPostOffice,
  type PostOffice,
  refusedBy,
  type Station,
} from "../support/messages/post-office.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MAX = 200_000;
const PDF = Buffer.from("%PDF-1.7\n1 0 obj");

let office: PostOffice;
let station: Station;
let room: MediaRoom;
let directory: string;
let remover: MediaRemover;
let conversation: string;
beforeEach(async () => {
  office = await openPostOffice();
  station = await office.station();
  directory = mkdtempSync(join(tmpdir(), "curlew-uploads-"));
  room = await openMediaRoom({ dataDir: directory, s3: null, clock: office.clock });
  remover = new MediaRemover({ db: station.deps.db, store: room.store, logger: office.logger });
  conversation = publicId("cnv", (await office.hear(station)).conversationId);
});
afterEach(async () => {
  await office.end();
  rmSync(directory, { recursive: true, force: true });
});

function appFor(principal: Partial<Principal> = {}) {
  const { outbox, deps } = station;
  const { db, clock, logger, linkMedia } = deps;
  return httpApp({
    principal: { ...principalWith(), workspaceId: office.workspaceId, ...principal },
    routes: [
      mediaUploadRoutes({
        ...{ db, clock, ...room, typeOf: mediaTypeOf, maxBytes: MAX },
        newId: () => office.ids.next(),
      }),
      sendRoutes({ db, outbox, clock, logger, linkMedia }),
      messageRoutes({ db, outbox, clock, linkMedia }),
    ],
    open: [mediaRoutes({ db, clock, store: room.store, links: office.links })],
  });
}

async function call(
  path: string,
  init: RequestInit = {},
  principal: Partial<Principal> = {},
): Promise<Answer> {
  const app = appFor(principal);
  const response = await app.request(`/v1${path}`, init);
  const { status, headers } = response;
  const text = await response.text();
  const body = text === "" ? null : JSON.parse(text);
  const document = (await (await app.request("/openapi.json")).json()) as Described; // by our own generator
  conformanceTo(document)({
    ...{ method: init.method ?? "GET", path: `/v1${path.replace(/\?.*/, "")}`, status, body },
    contentType: headers.get("content-type"),
  });
  return { status, headers, body };
}

const bring = (
  bytes: Uint8Array,
  { type = "image/png", name = "", ...principal }: Partial<Principal> & Named = {},
) =>
  call(
    `/media${name === "" ? "" : `?filename=${encodeURIComponent(name)}`}`,
    { method: "POST", body: Buffer.from(bytes), headers: { "content-type": type } },
    principal,
  );
interface Named {
  type?: string;
  name?: string;
}

const send = (media: object, more: object = {}, principal: Partial<Principal> = {}) =>
  call("/send", jsonRequest("POST", { conversation_id: conversation, media, ...more }), principal);

/** What the provider was asked to send, in order. */
const asked = () => office.requests.map(({ body }) => JSON.parse(body ?? "{}"));

async function open(url: string): Promise<Response> {
  const { pathname, search } = new URL(url);
  return appFor().request(`${pathname}${search}`);
}

const files = () =>
  readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(directory, name)).isFile(),
  );
const uuid = (prefix: IdPrefix, id: string) => parseId(prefix, id) ?? "";
const scopes = (...some: Scope[]) => ({ scopes: new Set(some) });

describe("a file that is brought", () => {
  test("is told of by what it is, and how long it is kept", async () => {
    const answer = await bring(PNG, { name: "Kelim.png", type: "application/octet-stream" });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        id: expect.stringMatching(/^med_/),
        mime: "image/png",
        bytes: PNG.length,
        sha256: createHash("sha256").update(PNG).digest("hex"),
        filename: "Kelim.png",
        expires_at: new Date(office.clock.now() + DAY).toISOString(),
      },
    });
    expect(files()).toHaveLength(1);
  });

  test("is what its bytes say, and a text what whoever brings it says", async () => {
    expect((await bring(PDF, { type: "image/png" })).body.mime).toBe("application/pdf");
    const list = Buffer.from('{"a": 1}');
    expect((await bring(list, { type: "application/json" })).body.mime).toBe("application/json");
    const letter = Buffer.from("d0cf11e0a1b11ae1", "hex");
    const padded = Buffer.concat([letter, Buffer.alloc(600)]);
    const declared = await bring(padded, { type: "application/msword" });
    expect(declared.body.mime).toBe("application/msword");
    expect((await bring(padded, { type: "image/png" })).body.mime).toBe("application/x-cfb");
  });

  test("may hold what JSON may not: nobody reads it as such", async () => {
    const odd = Buffer.from('{"a": "\\u0000"');
    expect((await bring(odd, { type: "application/json" })).status).toBe(201);
  });

  test.each([
    ["nothing", Buffer.alloc(0), "image/png", "file_refused", 422],
    ["a program", Buffer.from("MZ\x90\0\x03\0"), "image/png", "file_refused", 422],
    ["more than is taken", Buffer.alloc(MAX + 1), "text/plain", "body_too_large", 413],
    ["a form around it", PNG, "multipart/form-data; boundary=x", "invalid_request", 422],
  ])(
    "is refused when it is %s, and nothing is left of it",
    async (_, bytes, type, code, status) => {
      expect(await bring(bytes, { type })).toMatchObject({ status, body: { code } });
      expect(files()).toEqual([]);
      expect(await office.rows("select 1 from upload")).toEqual([]);
    },
  );

  test("is counted as it comes when nobody has said its length", async () => {
    const app = appFor();
    const pieces = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(MAX / 4)),
    });
    const init = { method: "POST", body: pieces, duplex: "half" as const };
    expect((await app.request("/v1/media", init)).status).toBe(413);
    expect(files()).toEqual([]);
  });

  test("that breaks off leaves nothing behind", async () => {
    const broken = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(1_000)),
      pull: (controller) => controller.error(new Error("hung up")),
    });
    const init = { method: "POST", body: broken, duplex: "half" as const };
    const response = await appFor().request("/v1/media", init);
    expect([response.status, await response.json()]).toMatchObject([
      422,
      { code: "invalid_request", detail: "The file did not come whole." },
    ]);
    expect(files()).toEqual([]);
  });

  test.each(["../secret", "a/b", "a\\b", "a\0b", "x".repeat(241)])(
    "is not called %j",
    async (name) => {
      expect((await bring(PNG, { name })).status).toBe(422);
    },
  );

  test("needs the leave to send", async () => {
    expect((await bring(PNG, scopes("messages:read"))).status).toBe(403);
    const { id } = (await bring(PNG)).body;
    const remove = { method: "DELETE" };
    expect((await call(`/media/${id}`, remove, scopes("messages:read"))).status).toBe(403);
  });

  test("finds no room beside too many that wait", async () => {
    const { id } = (await bring(Buffer.alloc(1_000, 65), { type: "text/plain" })).body;
    await office.rows("update upload set bytes = $1", [20 * MAX - 500]);
    const more = Buffer.alloc(1_000, 66);
    expect(await bring(more, { type: "text/plain" })).toMatchObject({
      status: 422,
      body: { code: "upload_limit" },
    });
    await call(`/media/${id}`, { method: "DELETE" });
    expect((await bring(more, { type: "text/plain" })).status).toBe(201);
  });
});

describe("a message with a file that is here", () => {
  test("leaves with an address of Curlew's, at which the provider has the file", async () => {
    const { id } = (await bring(PNG, { name: "Kelim.png" })).body;
    const answer = await send({ type: "image", id, caption: "This one?" });
    expect(answer).toMatchObject({ status: 200, body: { status: "sent" } });
    const { link, ...image } = asked()[0].image;
    expect(image).toEqual({ caption: "This one?" });
    expect(link).toMatch(/^https:\/\/curlew\.example\/media\/med_\w+\/Kelim\.png\?exp=/);
    const file = await open(link);
    expect([file.status, file.headers.get("content-type")]).toEqual([200, "image/png"]);
    expect(Buffer.from(await file.arrayBuffer())).toEqual(PNG);
  });

  test("tells of it in events and in the API, as of a customer's file", async () => {
    const { id, sha256 } = (await bring(PNG, { name: "Kelim.png" })).body;
    const { message_id: message } = (await send({ type: "image", id })).body;
    const media = {
      ...{ id, state: "stored", mime: "image/png", bytes: PNG.length, sha256 },
      filename: "Kelim.png",
    };
    const [event] = await office.events("message.sent");
    expect(event?.body.data.message.content).toMatchObject({ type: "image", media });
    const frozen = event?.body.data.message.content.media;
    expect((await open(frozen.url)).status).toBe(200);
    expect(Date.parse(frozen.expires_at)).toBe(office.clock.now() + LINK_MS);
    await office.clock.advance(LINK_MS);
    expect((await open(frozen.url)).status).toBe(403);
    const shown = (await call(`/messages/${message}`)).body.content.media;
    expect(shown).toMatchObject(media);
    expect((await open(shown.url)).status).toBe(200);
  });

  test("has a document under the name that it was brought with, or is given now", async () => {
    const { id } = (await bring(PDF, { name: "Angebot für Ada.pdf" })).body;
    await send({ type: "document", id });
    await send({ type: "file", id, filename: "offer.pdf" });
    const [first, second] = asked().map(({ document }) => document);
    expect(first.filename).toBe("Angebot für Ada.pdf");
    expect((await open(first.link)).headers.get("content-disposition")).toContain(
      "filename*=UTF-8''Angebot%20f%C3%BCr%20Ada.pdf",
    );
    expect(second.filename).toBe("offer.pdf");
    expect(second.link).toContain("/offer.pdf?");
  });

  test("that waits for its hour leaves with an address that is good then", async () => {
    const { id } = (await bring(PNG)).body;
    const at = office.clock.now() + LINK_MS + DAY;
    const sent = await send({ type: "image", id }, { send_at: new Date(at).toISOString() });
    expect(sent.status).toBe(202);
    for (let day = 0; day < 8; day += 1) {
      await office.clock.advance(DAY);
      await ensurePartitions(office.database.connections.pool, office.clock.now(), 1);
      await station.engine.beatOnce();
    }
    await remover.dropUnsent(office.clock);
    await remover.runOnce();
    await station.outbox.send(uuid("msg", sent.body.message_id), 1_000);
    expect((await open(asked()[0].image.link)).status).toBe(200);
  });

  test.each([
    ["a text as a picture", PDF, "image", /is application\/pdf; as image WhatsApp takes image/],
    ["a file without a known type as a document", Buffer.from([0, 1, 2, 0]), "document", /octet/],
  ])("is refused for %s", async (_, bytes, type, detail) => {
    const { id } = (await bring(bytes)).body;
    expect(await send({ type, id })).toMatchObject({
      status: 422,
      body: { code: "file_unfit", errors: [{ pointer: "/media/id" }] },
    });
    const { detail: said } = (await send({ type, id })).body;
    expect(said).toMatch(detail);
    expect(asked()).toEqual([]);
  });

  test("is refused for a picture that is too large, before anything is kept", async () => {
    const { id } = (await bring(PNG)).body;
    await office.rows("update upload set bytes = $1", [5 * 1024 * 1024 + 1]);
    expect(await send({ type: "image", id })).toMatchObject({
      status: 422,
      body: { code: "file_unfit", detail: expect.stringContaining("takes 5242880") },
    });
    expect(await office.rows("select 1 from message where direction = 'outbound'")).toEqual([]);
  });

  test("needs a file that is here, and either an id or an address", async () => {
    const nowhere = publicId("med", office.ids.next());
    expect(await send({ type: "image", id: nowhere })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/media/id" }] },
    });
    const { id } = (await bring(PNG)).body;
    expect(await send({ type: "image" })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/media/url" }] },
    });
    expect(await send({ type: "image", id, url: "https://a.b/c.png" })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/media/id", detail: "goes without url" }] },
    });
  });

  test("takes along what a message has already: its own file again, or a customer's", async () => {
    const { id } = (await bring(PNG, { name: "Kelim.png" })).body;
    await send({ type: "image", id });
    const again = await send({ type: "image", id });
    expect(again.status).toBe(200);
    expect(asked()[1].image.link).toContain("/Kelim.png?");
    expect(await office.rows("select 1 from media")).toHaveLength(1);
    await office.rows("update media set state = 'failed'");
    expect((await send({ type: "image", id })).status).toBe(422);
  });

  test("gives what stands in for it the same file", async () => {
    const { id } = (await bring(PNG)).body;
    office.script(({ body }) =>
      body?.includes("first") ? refusedBy(131026) : accepted("wamid.second"),
    );
    const answer = await send(
      { type: "image", id, caption: "first" },
      { fallback: [{ media: { type: "image", id, caption: "second" } }] },
    );
    expect(answer.body).toMatchObject({ status: "sent", provider_message_id: "wamid.second" });
    expect((await open(asked()[1].image.link)).status).toBe(200);
  });

  test("is not sent by a dry run, and the file waits on", async () => {
    const { id } = (await bring(PNG)).body;
    expect((await send({ type: "image", id }, { dry_run: true })).status).toBe(200);
    expect(await office.rows("select 1 from upload")).toHaveLength(1);
  });
});

describe("a key of one account", () => {
  test("sends its own files and those of its conversations, and no others", async () => {
    const confined = { accountId: office.accountId };
    const common = (await bring(PNG)).body.id;
    expect((await send({ type: "image", id: common }, {}, confined)).status).toBe(422);
    const own = (await bring(PNG, confined)).body.id;
    expect((await send({ type: "image", id: own }, {}, confined)).status).toBe(200);
    expect((await send({ type: "image", id: own }, {}, confined)).status).toBe(200);
    const elsewhere = { accountId: office.ids.next() };
    const removed = await call(`/media/${common}`, { method: "DELETE" }, elsewhere);
    expect(removed.status).toBe(404);
  });

  test("of another workspace finds nothing", async () => {
    const { id } = (await bring(PNG)).body;
    const stranger = { workspaceId: office.ids.next() };
    expect((await call(`/media/${id}`, { method: "DELETE" }, stranger)).status).toBe(404);
    expect((await bring(PNG, stranger)).status).toBe(404);
    expect(files()).toHaveLength(2);
  });
});

describe("a file that waits", () => {
  test("goes at once when it is taken back", async () => {
    const { id } = (await bring(PNG)).body;
    expect((await call(`/media/${id}`, { method: "DELETE" })).status).toBe(204);
    await remover.runOnce();
    expect(files()).toEqual([]);
    expect((await send({ type: "image", id })).status).toBe(422);
    expect((await call(`/media/${id}`, { method: "DELETE" })).status).toBe(404);
  });

  test("is not taken back once a message has it", async () => {
    const { id } = (await bring(PNG)).body;
    await send({ type: "image", id });
    expect((await call(`/media/${id}`, { method: "DELETE" })).status).toBe(404);
    await remover.runOnce();
    expect(files()).toHaveLength(1);
  });

  test("goes after a day that nobody sent it, and what was sent stays", async () => {
    const { id } = (await bring(PNG)).body;
    const sent = (await bring(PNG)).body.id;
    await send({ type: "image", id: sent });
    await office.clock.advance(DAY + 1);
    expect((await send({ type: "image", id })).status, "it may go any moment").toBe(422);
    await remover.dropUnsent(office.clock);
    await remover.runOnce();
    expect(files(), "who sends it right now still has it").toHaveLength(2);
    await office.clock.advance(HOUR);
    await remover.dropUnsent(office.clock);
    await remover.runOnce();
    expect(files()).toHaveLength(1);
    expect((await open(asked()[0].image.link)).status).toBe(200);
  });

  test("goes with its workspace", async () => {
    await bring(PNG);
    const { db } = station.deps;
    expect(await dropUploadsOf(db, office.workspaceId, 100, office.clock.now())).toBe(1);
    await remover.runOnce();
    expect(files()).toEqual([]);
  });

  test("is not begun for a workspace that is being deleted", async () => {
    await office.rows("update workspace set deleted_at = now()");
    expect((await bring(PNG)).status).toBe(404);
    expect(await office.rows("select 1 from upload")).toEqual([]);
  });
});

describe("what files a channel takes", () => {
  test("is listed with types, sizes and captions, as far as this server takes them", async () => {
    const { status, body } = await call(
      `/channels/${publicId("ch", office.channelId)}/file-limits`,
    );
    expect(status).toBe(200);
    expect(body.data[0]).toEqual({
      ...{ type: "image", mimes: ["image/jpeg", "image/png"], max_caption: 1024 },
      max_bytes: MAX,
    });
    expect(body.data.map(({ type }: { type: string }) => type)).toEqual([
      ...["image", "video", "audio", "voice", "document", "sticker"],
    ]);
  });

  test("is nobody else's to know", async () => {
    const path = `/channels/${publicId("ch", office.channelId)}/file-limits`;
    const stranger = { workspaceId: office.ids.next() };
    expect((await call(path, {}, stranger)).status).toBe(404);
    expect((await call(path, {}, scopes("messages:send"))).status).toBe(403);
  });
});
