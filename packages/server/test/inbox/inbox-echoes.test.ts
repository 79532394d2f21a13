import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { wanted } from "../../src/channels/meta/items.ts";
import { parseMeta } from "../../src/channels/parse-meta.ts";
import { settleSendSpec } from "../../src/outbox/settle-send.ts";
import {
  ADA,
  INSTA,
  type InboxWorld,
  metaBody,
  metaRequest,
  openInboxWorld,
  PAGE,
  pageRequest,
  SHOP,
} from "../support/messages/inbox-world.ts";
import { acceptorOf } from "../support/messages/recording.ts";

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
const messages = () =>
  world.rows<{ actor: string; status: string; provider_id: string | null }>(
    "select actor, status, provider_id from message where direction = 'outbound' order by id",
  );

/** The provider's answer to a send. */
const answer = (
  ours: Awaited<ReturnType<InboxWorld["outbound"]>>,
  on: typeof PAGE | typeof INSTA,
  providerId: string,
) =>
  acceptorOf(world.deps, settleSendSpec()).accept({
    messageId: ours.id,
    workspaceId: world.channels[on]?.workspaceId ?? "",
    channelId: world.channels[on]?.id ?? "",
    channelKind: on === PAGE ? "messenger" : "instagram",
    conversationId: ours.conversationId,
    attempt: 1,
    word: { kind: "accepted", providerId, recipient: null },
    learned: null,
    spread: 0,
  });

describe("what a person types in the provider's own inbox", () => {
  test("is a message of the conversation by the actor echo", async () => {
    await page(world.said({ mid: "m_1", text: "Hi" }));
    await page(world.echoed({ mid: "m_2", text: "Hello from the inbox", app_id: 26390203743090 }));
    const event = (await world.events()).at(-1);
    expect(event).toMatchObject({
      type: "message.sent",
      body: {
        data: {
          message: {
            direction: "outbound",
            actor: { type: "echo", id: null },
            status: "sent",
            provider_id: "m_2",
            content: { type: "text", text: "Hello from the inbox" },
          },
        },
      },
    });
    expect(await world.rows("select id from conversation")).toHaveLength(1);
  });

  test("opens a conversation, and no window, with somebody who has never written", async () => {
    await page(world.echoed({ mid: "m_1", text: "Hello?" }));
    expect(await world.types()).toEqual(["conversation.created", "message.sent"]);
    expect((await world.last()).conversation.window.free_form_until).toBeNull();
  });

  test("neither reopens a closed conversation nor is it told twice", async () => {
    await page(world.said({ mid: "m_1", text: "Hi" }));
    await world.rows("update conversation set status = 'closed', closed_at = created_at");
    await page(world.echoed({ mid: "m_2", text: "Bye" }));
    expect(await page(world.echoed({ mid: "m_2", text: "Bye" }))).toMatchObject([
      { messages: 0, duplicates: 1 },
    ]);
    expect((await world.types()).slice(2)).toEqual(["message.sent"]);
    expect((await world.last()).conversation.status).toBe("closed");
  });

  test("moves on like any message: it is read, answered and reacted to", async () => {
    await page(world.echoed({ mid: "m_1", text: "Hello?" }));
    await world.clock.advance(1_000);
    await page(world.did({ read: { watermark: world.clock.now() } }));
    await page(world.said({ mid: "m_2", text: "Yes?", reply_to: { mid: "m_1" } }));
    expect((await world.types()).slice(2)).toEqual(["message.read", "message.received"]);
    const [echo] = await world.rows<{ id: string }>(
      "select id from message where direction = 'outbound'",
    );
    const { publicId } = await import("../../src/core/ids.ts");
    expect((await world.last()).data.message.quoted).toEqual({
      message_id: publicId("msg", echo?.id ?? ""),
      provider_id: "m_1",
    });
  });

  test("in the WhatsApp Business app is one, too; its edits and deletions are the business's", async () => {
    const echoes = (...message_echoes: object[]) => {
      const body = JSON.parse(metaBody({ [SHOP]: {} }));
      const [change] = body.entry[0].changes;
      change.field = "smb_message_echoes";
      change.value.message_echoes = message_echoes;
      const items = wanted(parseMeta(new TextEncoder().encode(JSON.stringify(body))));
      return world.take({ provider: "meta", items, onlyChannelId: null });
    };
    await world.take(metaRequest({ [SHOP]: { messages: [world.text("wamid.1")] } }));
    const to = { from: "15550100001", to: ADA, timestamp: world.time() };
    await echoes({ id: "wamid.2", ...to, type: "text", text: { body: "from my phone" } });
    const change = { original_message_id: "wamid.2" };
    await echoes({
      id: "wamid.3",
      ...to,
      type: "edit",
      edit: { ...change, message: { type: "text", text: { body: "corrected" } } },
    });
    await echoes({ id: "wamid.4", ...to, type: "revoke", revoke: change });
    expect((await world.types()).slice(2)).toEqual([
      "message.sent",
      "message.edited",
      "message.deleted",
    ]);
    expect((await world.last()).data["by"]).toBe("business");
  });
});

describe("the echo of a message of ours", () => {
  test("on Messenger names it by the id that we sent along, and reconciles it", async () => {
    const ours = await world.outbound("sending", PAGE);
    const [outcome] = await page(
      world.echoed({ mid: "m_9", text: "Hi", app_id: 7, metadata: ours.publicId }),
    );
    expect(outcome).toMatchObject({ messages: 0, statuses: 1 });
    expect(await world.types()).toEqual(["message.sent"]);
    expect(await messages()).toEqual([{ actor: "bot", status: "sent", provider_id: "m_9" }]);
    expect(await answer(ours, PAGE, "m_9")).toMatchObject({ status: "sent" });
    expect(await world.types()).toEqual(["message.sent"]);
    expect(await world.rows("select message_id from outbox")).toEqual([]);
  });

  test("on Instagram is known by whom it went to, what it says and its turn", async () => {
    const first = await world.outbound("sending", INSTA);
    const second = await world.outbound("sending", INSTA);
    await insta(world.echoed({ mid: "ig_1", text: "Hi" }, INSTA));
    await insta(world.echoed({ mid: "ig_2", text: " Hi\n" }, INSTA));
    expect(await messages()).toEqual([
      { actor: "bot", status: "sent", provider_id: "ig_1" },
      { actor: "bot", status: "sent", provider_id: "ig_2" },
    ]);
    await answer(first, INSTA, "ig_1");
    await answer(second, INSTA, "ig_2");
    expect((await world.types()).filter((type) => type === "message.sent")).toHaveLength(2);
  });

  test("on Instagram that says something else is another's, however much is under way", async () => {
    await world.outbound("sending", INSTA);
    await insta(world.echoed({ mid: "ig_1", text: "Something else" }, INSTA));
    expect(await messages()).toEqual([
      { actor: "bot", status: "sending", provider_id: null },
      { actor: "echo", status: "sent", provider_id: "ig_1" },
    ]);
  });

  test.each([
    [PAGE, "page"],
    [INSTA, "instagram"],
  ] as const)("that comes after the answer says nothing new (%s)", async (on, object) => {
    const ours = await world.outbound("sending", on);
    await answer(ours, on, "m_1");
    const another = await world.outbound("sending", on);
    const echo = world.echoed({ mid: "m_1", text: "Hi", metadata: ours.publicId }, on);
    await world.rows("truncate event");
    await world.take(pageRequest(object, [echo]), pageRequest(object, [echo]));
    expect(await world.types()).toEqual([]);
    expect(await messages()).toHaveLength(2);
    expect(await world.rows("select message_id from outbox")).toEqual([{ message_id: another.id }]);
  });

  test("with somebody else's word in its metadata is somebody else's", async () => {
    const ours = await world.outbound("sending", PAGE);
    const [inbound] = await world.rows<{ id: string }>(
      "select id from message where direction = 'inbound'",
    );
    const { publicId } = await import("../../src/core/ids.ts");
    await page(
      world.echoed({ mid: "m_1", text: "a", metadata: "DEVELOPER_DEFINED" }),
      world.echoed({ mid: "m_2", text: "b", metadata: publicId("msg", inbound?.id ?? "") }),
    );
    expect((await messages()).map(({ actor }) => actor)).toEqual(["bot", "echo", "echo"]);
    expect(ours.id).toBeDefined();
  });
});
