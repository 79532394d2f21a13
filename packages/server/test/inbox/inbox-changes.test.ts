import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  ADA,
  IGSID,
  INSTA,
  type InboxWorld,
  metaRequest,
  openInboxWorld,
  PAGE,
  pageRequest,
  SHOP,
} from "../support/messages/inbox-world.ts";

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
});
afterEach(async () => {
  await world.rows(
    `truncate event, message, media, provider_ref, unroutable, waiting_item, outbox, conversation, consent,
      identity, contact cascade`,
  );
});
afterAll(() => world.end());

const page = (...items: object[]) => world.take(pageRequest("page", items));
const insta = (...items: object[]) => world.take(pageRequest("instagram", items));
const whatsapp = (...messages: object[]) => world.take(metaRequest({ [SHOP]: { messages } }));
const dataOf = async (type: string) =>
  (await world.events()).flatMap((event) => (event.type === type ? [event.body.data] : []));

const edit = (mid: string, text: string, at = world.clock.now()) =>
  world.did({ message_edit: { mid, text, num_edit: 1 }, timestamp: at });
const hello = (mid = "m_1", text = "Helo") => world.said({ mid, text });

describe("an edit", () => {
  test("changes what the message says and tells both", async () => {
    await page(hello());
    await page(edit("m_1", "Hello"));
    const [edited] = await dataOf("message.edited");
    expect(edited).toMatchObject({
      provider_id: "m_1",
      by: "contact",
      revision: 1,
      before: { type: "text", text: "Helo" },
      after: { type: "text", text: "Hello" },
    });
    const [row] = await world.rows<{ content: string; edited_at: number }>(
      "select content, edited_at from message",
    );
    expect(JSON.parse(row?.content ?? "")).toEqual({ type: "text", text: "Hello" });
    expect(row?.edited_at).toBe(world.clock.now());
  });

  test("that comes before its message waits for it and is told after it", async () => {
    expect(await page(edit("m_1", "Hello"))).toMatchObject([{ waiting: 1, unroutable: 0 }]);
    expect(await world.types()).toEqual([]);
    await page(hello());
    expect(await world.types()).toEqual([
      "conversation.created",
      "message.received",
      "message.edited",
    ]);
    expect(await world.rows("select id from waiting_item")).toEqual([]);
  });

  test("in one request with its message, before or after it, is told after it", async () => {
    await page(edit("m_1", "Hello"), hello());
    expect((await world.types()).slice(1)).toEqual(["message.received", "message.edited"]);
    await page(hello("m_2"), edit("m_2", "Hello"));
    expect((await world.types()).slice(3)).toEqual(["message.received", "message.edited"]);
    expect((await dataOf("message.received"))[1]?.message.content).toMatchObject({ text: "Helo" });
  });

  test("that was told before is told no more, and an older one undoes nothing", async () => {
    await page(hello());
    const now = world.clock.now();
    await page(edit("m_1", "Hello!", now));
    expect(await page(edit("m_1", "Hello!", now))).toMatchObject([{ duplicates: 1, facts: 0 }]);
    await page(edit("m_1", "Hell", now - 5_000));
    expect(await dataOf("message.edited")).toHaveLength(1);
  });

  test("of a WhatsApp picture's caption is one of its content", async () => {
    const image = (caption: string) => ({ type: "image", image: { id: "77", caption } });
    await whatsapp({ id: "wamid.1", from: ADA, timestamp: world.time(), ...image("Befor") });
    await whatsapp({
      id: "wamid.2",
      from: ADA,
      timestamp: world.time(),
      type: "edit",
      edit: { original_message_id: "wamid.1", message: image("After") },
    });
    const [edited] = await dataOf("message.edited");
    expect(edited).toMatchObject({
      before: { media: { caption: "Befor" } },
      after: { media: { caption: "After", state: "fetching", url: null } },
    });
  });
});

describe("what was unsent", () => {
  test("is gone from the message and from what came, and is told", async () => {
    await insta(world.said({ mid: "m_1", text: "secret", sticker_id: 7 }, INSTA));
    await insta(world.said({ mid: "m_1", is_deleted: true }, INSTA));
    const [deleted] = await dataOf("message.deleted");
    expect(deleted).toMatchObject({ provider_id: "m_1", by: "contact" });
    const [row] = await world.rows<{ content: string; raw: string | null; deleted_at: number }>(
      "select content, raw, deleted_at from message",
    );
    expect(row).toMatchObject({ raw: null, deleted_at: world.clock.now() });
    expect(JSON.parse(row?.content ?? "")).toEqual({ type: "purged", original_type: "text" });
  });

  test("stays gone whatever comes after", async () => {
    await page(hello());
    await page(world.said({ mid: "m_1", is_deleted: true }));
    await page(edit("m_1", "again"), world.said({ mid: "m_1", is_deleted: true }));
    expect(await world.types()).toEqual([
      "conversation.created",
      "message.received",
      "message.deleted",
    ]);
  });

  test("on WhatsApp is revoked, also before it came", async () => {
    const revoke = { type: "revoke", revoke: { original_message_id: "wamid.1" } };
    await whatsapp({ id: "wamid.9", from: ADA, timestamp: world.time(), ...revoke });
    await whatsapp(world.text("wamid.1"));
    expect((await world.types()).at(-1)).toBe("message.deleted");
  });
});

describe("a reaction", () => {
  const react = (more: object) => world.did({ reaction: { mid: "m_1", action: "react", ...more } });

  test("is told with what it was put on, and taken away again", async () => {
    await page(hello());
    await page(react({ emoji: "❤", reaction: "love" }));
    await world.clock.advance(1_000);
    await page(react({ action: "unreact" }));
    expect((await world.types()).slice(2)).toEqual([
      "message.reaction_added",
      "message.reaction_removed",
    ]);
    expect((await dataOf("message.reaction_added"))[0]).toMatchObject({
      reaction: { emoji: "❤", name: "love", by: "contact" },
      target: { provider_id: "m_1", direction: "inbound" },
    });
  });

  test("opens the window for free messages and no closed conversation", async () => {
    await page(hello());
    await world.rows("update conversation set status = 'closed', closed_at = created_at");
    await world.clock.advance(3_600_000);
    await page(react({ emoji: "👍" }));
    const [row] = await world.rows<{ status: string; at: number }>(
      "select status, last_inbound_at as at from conversation",
    );
    expect(row).toEqual({ status: "closed", at: world.clock.now() });
  });

  test("on WhatsApp is one of its own, and an empty one takes it away", async () => {
    await whatsapp(world.text("wamid.1"));
    const on = (id: string, emoji?: string) => ({
      id,
      from: ADA,
      timestamp: world.time(),
      type: "reaction",
      reaction: { message_id: "wamid.1", ...(emoji === undefined ? {} : { emoji }) },
    });
    await whatsapp(on("wamid.2", "😮"), on("wamid.3", ""), on("wamid.4"));
    expect((await world.types()).slice(2)).toEqual([
      "message.reaction_added",
      "message.reaction_removed",
      "message.reaction_removed",
    ]);
  });

  test("to a message that nobody ever sent is kept where somebody sees it", async () => {
    await page(react({ emoji: "👍" }));
    await world.clock.advance(10 * 60_000);
    await world.rejoin();
    expect(await world.rows("select reason, channel_kind from unroutable")).toEqual([
      { reason: "unknown_message", channel_kind: "messenger" },
    ]);
  });
});

describe("receipts of Messenger and Instagram", () => {
  async function sent(on: typeof PAGE | typeof INSTA, mid: string) {
    const ours = await world.outbound("sent", on);
    await world.rows("delete from outbox");
    await world.rows("update message set provider_id = $2, sent_at = $3 where id = $1", [
      ours.id,
      mid,
      new Date(world.clock.now()),
    ]);
    await world.rows(
      "insert into provider_ref (channel_id, kind, provider_id, message_id) values ($1, 'message', $2, $3)",
      [world.channels[on]?.id, mid, ours.id],
    );
    await world.clock.advance(1_000);
    return ours;
  }

  test("reach everything that was sent until then, and nothing after", async () => {
    const first = await sent(PAGE, "m_1");
    const second = await sent(PAGE, "m_2");
    const until = world.clock.now() - 500;
    await world.clock.advance(1_000);
    await sent(PAGE, "m_3");
    await world.rows("truncate event");
    await page(world.did({ read: { watermark: until } }));
    const read = await dataOf("message.read");
    expect(read.map((each) => each)).toMatchObject([
      { message_id: first.publicId, is_final: true },
      { message_id: second.publicId, is_final: true },
    ]);
    await page(world.did({ delivery: { watermark: until } }));
    expect(await world.types()).toEqual(["message.read", "message.read"]);
  });

  test("name messages, too, as numbers and as text", async () => {
    await sent(PAGE, "m_1");
    await world.rows("truncate event");
    await page(world.did({ delivery: { mids: ["m_1"], watermark: String(world.clock.now()) } }));
    expect(await world.types()).toEqual(["message.delivered"]);
  });

  test("of Instagram name the last message that was seen", async () => {
    await sent(INSTA, "ig_1");
    await sent(INSTA, "ig_2");
    await sent(INSTA, "ig_3");
    await world.rows("truncate event");
    await insta(world.did({ read: { mid: "ig_2" } }, INSTA));
    expect((await dataOf("message.read")).map((each) => each["provider_id"])).toEqual([
      "ig_1",
      "ig_2",
    ]);
  });

  test("that come before the send's answer wait for it", async () => {
    const ours = await world.outbound("sending", INSTA);
    await insta(world.did({ read: { mid: "ig_9" } }, INSTA));
    expect(await world.rejoin()).toBe(0);
    await world.rows("update message set status = 'sent', provider_id = 'ig_9' where id = $1", [
      ours.id,
    ]);
    await world.rows(
      "insert into provider_ref (channel_id, kind, provider_id, message_id) values ($1, 'message', 'ig_9', $2)",
      [world.channels[INSTA]?.id, ours.id],
    );
    expect(await world.rejoin()).toBe(1);
    expect(await world.types()).toEqual(["message.read"]);
    expect(await world.rejoin()).toBe(0);
  });

  test("of somebody unknown change nothing", async () => {
    const [outcome] = await insta({
      sender: { id: `${IGSID}9` },
      recipient: { id: INSTA },
      read: { watermark: world.clock.now() },
    });
    expect(outcome).toMatchObject({ facts: 1, unroutable: 0 });
    expect(await world.types()).toEqual([]);
  });
});
