import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { settleSendSpec } from "../../src/outbox/settle-send.ts";
import {
  ADA,
  type InboxWorld,
  metaRequest,
  openInboxWorld,
  SHOP,
} from "../support/messages/inbox-world.ts";
import { acceptorOf } from "../support/messages/recording.ts";

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
});
afterEach(async () => {
  await world.rows(
    "truncate event, message, provider_ref, unroutable, waiting_item, outbox, conversation, identity, contact cascade",
  );
});
afterAll(() => world.end());

function word(status: string, more: object = {}) {
  return { id: "wamid.ours", status, timestamp: world.time(), recipient_id: ADA, ...more };
}

const say = (...statuses: object[]) => world.take(metaRequest({ [SHOP]: { statuses } }));

const stored = async (id: string) =>
  (
    await world.rows<{
      status: string;
      provider_id: string | null;
      sent_at: number | null;
      delivered_at: number | null;
      read_at: number | null;
      failed_at: number | null;
      error: string | null;
    }>(
      `select status, provider_id, sent_at, delivered_at, read_at, failed_at, error
       from message where id = $1`,
      [id],
    )
  )[0];

const inOutbox = async () => (await world.rows("select message_id from outbox")).length;

describe("a status with our token", () => {
  test("reconciles a message whose answer was lost: it is sent, once, and waits no more", async () => {
    const ours = await world.outbound("sending");
    const [outcome] = await say(word("sent", { biz_opaque_callback_data: ours.publicId }));
    expect(outcome).toMatchObject({ statuses: 1, unroutable: 0 });
    expect(await stored(ours.id)).toMatchObject({
      status: "sent",
      provider_id: "wamid.ours",
      sent_at: world.clock.now(),
    });
    expect(await inOutbox()).toBe(0);
    const [sent, ...more] = await world.events();
    expect(more).toEqual([]);
    expect(sent).toMatchObject({
      type: "message.sent",
      body: {
        conversation: { status: "open" },
        contact: { identities: [{ id: ADA }] },
        data: {
          message: {
            id: ours.publicId,
            provider_id: "wamid.ours",
            direction: "outbound",
            status: "sent",
            content: { type: "text", text: "Hi" },
          },
        },
      },
    });
  });

  test.each(["queued", "sending", "unconfirmed"] as const)(
    "lifts a message that is %s, and the next one needs no token",
    async (before) => {
      const ours = await world.outbound(before);
      await say(word("sent", { biz_opaque_callback_data: ours.publicId }));
      await say(word("delivered"));
      expect(await world.types()).toEqual(["message.sent", "message.delivered"]);
      expect(await stored(ours.id)).toMatchObject({ status: "delivered" });
    },
  );

  test("is told as sent once when the first word is that it was delivered", async () => {
    const ours = await world.outbound("sending");
    const token = { biz_opaque_callback_data: ours.publicId };
    await say(word("delivered", token), word("sent", token));
    await say(word("sent", token), word("delivered", token));
    expect(await world.types()).toEqual(["message.sent", "message.delivered"]);
    expect((await world.events())[0]?.body.data.message.status).toBe("sent");
    expect(await inOutbox()).toBe(0);
  });

  test("says nothing of sending when the answer came first", async () => {
    const ours = await world.outbound("sent");
    await say(word("sent", { biz_opaque_callback_data: ours.publicId }));
    expect(await world.types()).toEqual([]);
  });

  test("of another channel's message, an inbound one's or nobody's joins nothing", async () => {
    const ours = await world.outbound("sending");
    const [inbound] = await world.rows<{ id: string }>(
      "select id from message where direction = 'inbound'",
    );
    const { publicId } = await import("../../src/core/ids.ts");
    const tokens = [publicId("msg", inbound?.id ?? ""), publicId("msg", world.ids.next()), "msg_x"];
    const [outcome] = await say(
      ...tokens.map((token, n) => ({
        ...word("sent", { biz_opaque_callback_data: token }),
        id: `wamid.${n}`,
      })),
    );
    expect(outcome).toMatchObject({ statuses: 0, waiting: 3 });
    await world.rows("update message set channel_id = $1 where id = $2", [
      world.ids.next(),
      ours.id,
    ]);
    expect(await say(word("sent", { biz_opaque_callback_data: ours.publicId }))).toMatchObject([
      { statuses: 0, waiting: 1 },
    ]);
    expect(await stored(ours.id)).toMatchObject({ status: "sending", provider_id: null });
    expect(await world.types()).toEqual([]);
  });
});

describe("the provider's answer and its first status", () => {
  const answer = (ours: Awaited<ReturnType<InboxWorld["outbound"]>>) =>
    acceptorOf(world.deps, settleSendSpec()).accept({
      messageId: ours.id,
      workspaceId: world.channels[SHOP]?.workspaceId ?? "",
      channelId: world.channels[SHOP]?.id ?? "",
      channelKind: "whatsapp",
      conversationId: ours.conversationId,
      attempt: 1,
      word: { kind: "accepted", providerId: "wamid.ours", recipient: null },
      learned: null,
      spread: 0,
    });

  test.each([
    ["sent", ["message.sent"]],
    ["delivered", ["message.sent", "message.delivered"]],
    ["failed", ["message.failed"]],
  ])("are told once when the status, %s, comes first", async (status, told) => {
    const ours = await world.outbound("sending");
    await say(word(status, { biz_opaque_callback_data: ours.publicId }));
    expect(await answer(ours)).toMatchObject({ status, providerId: "wamid.ours" });
    expect(await world.types()).toEqual(told);
    expect(await stored(ours.id)).toMatchObject({ status });
  });

  test.each([
    ["sent", ["message.sent"]],
    ["delivered", ["message.sent", "message.delivered"]],
    ["failed", ["message.sent", "message.failed"]],
  ])("are told once when the answer comes before the status, %s", async (status, told) => {
    const ours = await world.outbound("sending");
    expect(await answer(ours)).toMatchObject({ status: "sent" });
    await say(word(status, { biz_opaque_callback_data: ours.publicId }));
    expect(await world.types()).toEqual(told);
    expect(await stored(ours.id)).toMatchObject({ status, provider_id: "wamid.ours" });
    expect(await inOutbox()).toBe(0);
  });
});

describe("statuses", () => {
  async function known(status: "sent" | "delivered" | "read" | "failed" = "sent") {
    const ours = await world.outbound(status);
    await world.rows("delete from outbox");
    await world.rows("update message set provider_id = 'wamid.ours' where id = $1", [ours.id]);
    await world.rows(
      "insert into provider_ref (channel_id, kind, provider_id, message_id) values ($1, 'message', 'wamid.ours', $2)",
      [world.channels[SHOP]?.id, ours.id],
    );
    return ours;
  }

  test("move a message up and are told", async () => {
    const ours = await known();
    const pricing = { billable: true, pricing_model: "PMP", type: "regular", category: "utility" };
    await say(word("delivered", { pricing }));
    await world.clock.advance(5_000);
    await say(word("read"));
    const [delivered, read] = await world.events();
    const at = world.clock.now();
    expect(delivered?.body).toMatchObject({
      type: "message.delivered",
      data: {
        message_id: ours.publicId,
        provider_id: "wamid.ours",
        at: new Date(at - 5_000).toISOString(),
        is_final: false,
        pricing: { billable: true, model: "PMP", type: "regular", category: "utility" },
      },
    });
    expect(read?.body).toMatchObject({
      type: "message.read",
      data: { at: new Date(at).toISOString(), is_final: true, pricing: null },
    });
    expect(await stored(ours.id)).toMatchObject({
      status: "read",
      delivered_at: at - 5_000,
      read_at: at,
    });
  });

  test("never move it backwards, in one request or in several; a late one still tells its time", async () => {
    const ours = await known();
    const at = world.clock.now();
    await say(word("read"), word("delivered", { timestamp: world.time(-3) }), word("sent"));
    await say(word("delivered"));
    expect(await world.types()).toEqual(["message.read"]);
    expect(await stored(ours.id)).toMatchObject({
      status: "read",
      delivered_at: at - 3_000,
      read_at: at,
    });
  });

  test("and messages are told in the order in which they came", async () => {
    await known();
    const message = (id: string) => metaRequest({ [SHOP]: { messages: [world.text(id)] } });
    const status = (word: object) => metaRequest({ [SHOP]: { statuses: [word] } });
    await world.take(message("wamid.1"), status(word("delivered")), message("wamid.2"));
    await world.take(status(word("read")), message("wamid.3"));
    expect(await world.types()).toEqual([
      "message.received",
      "message.delivered",
      "message.received",
      "message.read",
      "message.received",
    ]);
  });

  test("that come again change nothing", async () => {
    await known();
    for (let n = 0; n < 3; n++) await say(word("delivered"), word("delivered"));
    expect(await world.types()).toEqual(["message.delivered"]);
  });

  test("of a failure say what went wrong and what helps", async () => {
    const ours = await known();
    await say(
      word("failed", {
        errors: [{ code: 131047, title: "Re-engagement message", error_data: { details: "24 h" } }],
      }),
    );
    await say(word("delivered"), word("failed"));
    const events = await world.events();
    expect(events.map(({ type }) => type)).toEqual(["message.failed"]);
    const error = {
      code: "window_closed",
      provider_code: "131047",
      message: "Re-engagement message",
      details: "24 h",
      retryable: false,
    };
    expect(events[0]?.body.data).toMatchObject({ message_id: ours.publicId, error });
    const row = await stored(ours.id);
    expect(row).toMatchObject({ status: "failed", failed_at: world.clock.now() });
    expect(JSON.parse(row?.error ?? "")).toMatchObject(error);
  });

  test("of a failure after delivery are not believed", async () => {
    const ours = await known("delivered");
    await say(word("failed", { errors: [{ code: 131026 }] }));
    expect(await stored(ours.id)).toMatchObject({
      status: "delivered",
      error: null,
      failed_at: null,
    });
    expect(await world.types()).toEqual([]);
  });

  test("without a reason fail it all the same", async () => {
    await known();
    await say(word("failed"));
    expect((await world.events())[0]?.body.data.error).toMatchObject({ code: "provider_refused" });
  });

  test("that were played are seen, without an event of their own", async () => {
    const ours = await known("read");
    await say(word("played"));
    expect(await stored(ours.id)).toMatchObject({ status: "played" });
    expect(await world.types()).toEqual([]);
  });

  test("of messages that nobody knows wait, and are kept when nobody comes", async () => {
    const [outcome] = await say(word("sent"), word("read"));
    expect(outcome).toMatchObject({ statuses: 0, waiting: 2, unroutable: 0 });
    await world.clock.advance(9 * 60_000);
    expect(await world.rejoin()).toBe(0);
    await world.clock.advance(60_000);
    expect(await world.rejoin()).toBe(2);
    expect(await world.rows("select id from waiting_item")).toEqual([]);
    const kept = await world.rows<{ payload: string }>("select reason, payload from unroutable");
    expect(kept).toMatchObject([{ reason: "unknown_message" }, { reason: "unknown_message" }]);
    expect(JSON.parse(kept[0]?.payload ?? "")).toMatchObject({ id: "wamid.ours" });
  });

  test("of what customers wrote are no statuses of ours", async () => {
    await world.take(metaRequest({ [SHOP]: { messages: [world.text("wamid.theirs")] } }));
    const [outcome] = await say({ ...word("read"), id: "wamid.theirs" });
    expect(outcome).toMatchObject({ statuses: 0, unroutable: 1 });
  });

  test("teach the recipient's other names: who then answers by them is the same person", async () => {
    const ours = await known();
    await say(word("delivered", { recipient_user_id: "DE.1", recipient_id: "15550199222" }));
    await world.rows("truncate event");
    for (const from of [{ from_user_id: "DE.1", from: "" }, { from: "15550199222" }]) {
      const id = `wamid.${JSON.stringify(from)}`;
      await world.take(metaRequest({ [SHOP]: { messages: [world.text(id, "me", from)] } }));
    }
    const events = await world.events();
    expect(events.map(({ type }) => type)).toEqual(["message.received", "message.received"]);
    expect(events.map(({ conversationId }) => conversationId)).toEqual([
      ours.conversationId,
      ours.conversationId,
    ]);
  });

  test("and the answer in one request find the same conversation", async () => {
    const ours = await known();
    await world.take(
      metaRequest({
        [SHOP]: {
          messages: [world.text("wamid.answer", "me", { from_user_id: "DE.2", from: "" })],
          statuses: [word("delivered", { recipient_user_id: "DE.2" })],
        },
      }),
    );
    const events = await world.events();
    expect(events.map(({ type }) => type)).toEqual(["message.received", "message.delivered"]);
    expect(new Set(events.map(({ conversationId }) => conversationId))).toEqual(
      new Set([ours.conversationId]),
    );
  });
});
