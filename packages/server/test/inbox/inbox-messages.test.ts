import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parseId } from "../../src/core/ids.ts";
import {
  ADA,
  type InboxWorld,
  metaRequest,
  OTHER_SHOP,
  openInboxWorld,
  SHOP,
} from "../support/messages/inbox-world.ts";

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
});
afterEach(async () => {
  await world.rows(
    "truncate event, message, provider_ref, unroutable, outbox, conversation, identity, contact cascade",
  );
});
afterAll(() => world.end());

const count = async (table: string) =>
  (await world.rows<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n;

const ada = { profile: { name: "Ada Fold" }, wa_id: ADA };

describe("a text message", () => {
  test("becomes a contact, a conversation, a message and two events", async () => {
    const outcome = await world.take(
      metaRequest({
        [SHOP]: { contacts: [ada], messages: [world.text("wamid.1", "Hello ☀ \u0000")] },
      }),
    );
    expect(outcome).toEqual([
      {
        messages: 1,
        unsupported: 0,
        duplicates: 0,
        statuses: 0,
        facts: 0,
        waiting: 0,
        unroutable: 0,
      },
    ]);
    const [created, received, ...more] = await world.events();
    expect(more).toEqual([]);
    expect(created).toMatchObject({ type: "conversation.created", seq: 1 });
    expect(received).toMatchObject({ type: "message.received", seq: 2 });
    const at = new Date(world.clock.now()).toISOString();
    expect(received?.body).toMatchObject({
      type: "message.received",
      occurred_at: at,
      account: { serial: 1, name: "Shop's account", external_id: null },
      channel: { kind: "whatsapp", name: "Shop", external_id: SHOP },
      conversation: {
        seq: 2,
        status: "open",
        window: {
          free_form_until: new Date(world.clock.now() + 86_400_000).toISOString(),
          human_agent_until: null,
        },
        ticket_ref: null,
      },
      contact: {
        name: "Ada Fold",
        identities: [{ channel: "whatsapp", kind: "wa_id", id: ADA, username: null }],
        custom_fields: {},
      },
      data: {
        message: {
          provider_id: "wamid.1",
          direction: "inbound",
          status: "received",
          actor: { type: "contact", name: "Ada Fold" },
          content: { type: "text", text: "Hello ☀ \u0000" },
          quoted: null,
          metadata: {},
          sent_at: at,
          received_at: at,
        },
      },
    });
    const { contact, conversation, data } = await world.last();
    expect(data.message.actor.id).toBe(contact.id);
    expect(created?.body.data.first_message).toEqual(data.message);
    expect(parseId("cnv", conversation.id)).toBe(received?.conversationId);
    const stored = await world.rows("select id, serial, content, raw, status from message");
    expect(stored).toEqual([
      {
        id: parseId("msg", data.message.id),
        serial: data.message.serial,
        content: '{"type":"text","text":"Hello ☀ \\u0000"}',
        raw: null,
        status: "received",
      },
    ]);
  });

  test("of somebody known goes on in the same conversation", async () => {
    await world.take(metaRequest({ [SHOP]: { messages: [world.text("wamid.1")] } }));
    await world.clock.advance(60_000);
    await world.take(
      metaRequest({ [SHOP]: { contacts: [ada], messages: [world.text("wamid.2")] } }),
    );
    expect(await world.types()).toEqual([
      "conversation.created",
      "message.received",
      "message.received",
    ]);
    expect(await count("contact")).toBe(1);
    const last = await world.last();
    expect(last.contact.name, "a name that came later").toBe("Ada Fold");
    expect(last.conversation).toMatchObject({
      seq: 3,
      window: {
        free_form_until: new Date(world.clock.now() + 86_400_000).toISOString(),
        human_agent_until: null,
      },
    });
  });

  test("names the message that it answers, known or not", async () => {
    const { id, publicId } = await world.outbound("sent");
    await world.rows(
      "insert into provider_ref (channel_id, kind, provider_id, message_id) values ($1, 'message', 'wamid.ours', $2)",
      [world.channels[SHOP]?.id, id],
    );
    await world.take(
      metaRequest({
        [SHOP]: {
          messages: [
            world.text("wamid.a", "a", { context: { id: "wamid.ours" } }),
            world.text("wamid.b", "b", { context: { id: "wamid.unheard" } }),
            world.text("wamid.c", "c", { context: { id: "wamid.a" } }),
          ],
        },
      }),
    );
    const messages = (await world.events()).map(({ body }) => body.data.message);
    expect(messages.map(({ quoted }) => quoted)).toEqual([
      { message_id: publicId, provider_id: "wamid.ours" },
      { message_id: null, provider_id: "wamid.unheard" },
      { message_id: messages[0]?.id, provider_id: "wamid.a" },
    ]);
  });

  test("from a clock that runs ahead is not of the future, and an old one opens no window", async () => {
    await world.take(
      metaRequest({
        [SHOP]: { messages: [world.text("wamid.1", "x", { timestamp: world.time(9_999) })] },
      }),
    );
    const [, ahead] = await world.events();
    const now = new Date(world.clock.now()).toISOString();
    expect(ahead?.body.data.message.sent_at).toBe(now);
    expect(ahead?.body.conversation.window.free_form_until).toBe(
      new Date(world.clock.now() + 86_400_000).toISOString(),
    );
    await world.take(
      metaRequest({
        [OTHER_SHOP]: {
          messages: [world.text("wamid.1", "x", { timestamp: world.time(-90_000) })],
        },
      }),
    );
    const { conversation } = await world.last();
    expect(conversation.window.free_form_until).toBe(
      new Date(world.clock.now() - 3_600_000).toISOString(),
    );
  });

  test("that comes late does not shorten the window", async () => {
    await world.take(metaRequest({ [SHOP]: { messages: [world.text("wamid.2")] } }));
    await world.take(
      metaRequest({
        [SHOP]: { messages: [world.text("wamid.1", "x", { timestamp: world.time(-600) })] },
      }),
    );
    const { conversation } = await world.last();
    expect(conversation.window.free_form_until).toBe(
      new Date(world.clock.now() + 86_400_000).toISOString(),
    );
    const [row] = await world.rows<{ at: number }>(
      "select last_inbound_at as at from conversation",
    );
    expect(row?.at).toBe(world.clock.now());
  });

  test("to a closed conversation reopens it", async () => {
    await world.take(metaRequest({ [SHOP]: { messages: [world.text("wamid.1")] } }));
    await world.rows("update conversation set status = 'closed', closed_at = created_at");
    await world.take(
      metaRequest({ [SHOP]: { messages: [world.text("wamid.2"), world.text("wamid.3")] } }),
    );
    const events = (await world.events()).slice(2);
    expect(events.map(({ type }) => type)).toEqual([
      "conversation.reopened",
      "message.received",
      "message.received",
    ]);
    expect(events[0]?.body).toMatchObject({
      conversation: { status: "open" },
      data: { changes: [{ field: "status", from: "closed", to: "open" }] },
    });
    expect(await world.rows("select status, closed_at from conversation")).toEqual([
      { status: "open", closed_at: null },
    ]);
  });

  test("to an escalated conversation leaves it escalated", async () => {
    await world.take(metaRequest({ [SHOP]: { messages: [world.text("wamid.1")] } }));
    await world.rows("update conversation set status = 'escalated'");
    await world.take(metaRequest({ [SHOP]: { messages: [world.text("wamid.2")] } }));
    expect((await world.last()).conversation.status).toBe("escalated");
    expect(await world.rows("select status from conversation")).toEqual([{ status: "escalated" }]);
  });
});

describe("what is not read yet", () => {
  test("is a message with its provider's type, and what came is kept", async () => {
    const poll = { id: "wamid.1", from: ADA, type: "poll", poll: { id: "7", sha256: "x" } };
    const [outcome] = await world.take(metaRequest({ [SHOP]: { messages: [poll] } }));
    expect(outcome).toMatchObject({ messages: 1, unsupported: 1, unroutable: 0 });
    const received = (await world.events()).at(-1);
    expect(received?.body.data.message).toMatchObject({
      content: { type: "unsupported", provider_type: "poll", reason: "not_yet_read" },
      sent_at: null,
    });
    const [row] = await world.rows<{ raw: string }>("select raw from message");
    expect(JSON.parse(row?.raw ?? "")).toEqual(poll);
  });

  test("a notice of WhatsApp's own opens no window", async () => {
    const system = world.text("wamid.1", "x", { type: "system", system: {} });
    await world.take(metaRequest({ [SHOP]: { messages: [system] } }));
    expect((await world.last()).conversation.window.free_form_until).toBeNull();
  });
});

describe("what a provider repeats", () => {
  test("is taken once, however often it comes in one request or in many", async () => {
    const request = metaRequest({
      [SHOP]: {
        messages: [world.text("wamid.1"), world.text("wamid.1", "again"), world.text("wamid.2")],
      },
    });
    expect(await world.take(request)).toMatchObject([{ messages: 2, duplicates: 1 }]);
    expect(await world.take(request, request)).toMatchObject([
      { messages: 0, duplicates: 3 },
      { messages: 0, duplicates: 3 },
    ]);
    expect(await world.types()).toEqual([
      "conversation.created",
      "message.received",
      "message.received",
    ]);
    const [, first] = await world.events();
    expect(first?.body.data.message.content).toEqual({ type: "text", text: "wamid.1" });
  });

  test("is taken once by requests of one batch", async () => {
    const request = metaRequest({ [SHOP]: { messages: [world.text("wamid.1")] } });
    expect(await world.take(request, request)).toMatchObject([
      { messages: 1, duplicates: 0 },
      { messages: 0, duplicates: 1 },
    ]);
  });

  test("the same name on another channel is another message", async () => {
    const [outcome] = await world.take(
      metaRequest({
        [SHOP]: { messages: [world.text("wamid.1")] },
        [OTHER_SHOP]: { messages: [world.text("wamid.1")] },
      }),
    );
    expect(outcome).toMatchObject({ messages: 2, duplicates: 0 });
    expect(await count("contact")).toBe(2);
  });
});

describe("a batch of several tenants", () => {
  test("lands where each belongs, and what belongs nowhere is kept", async () => {
    const [first, second] = await world.take(
      metaRequest({
        [SHOP]: {
          messages: [world.text("wamid.1"), null, world.text("wamid.2", "two", { id: "" })],
        },
        "888800000000001": { messages: [world.text("wamid.stranger")] },
        [OTHER_SHOP]: { messages: [world.text("wamid.3")] },
      }),
      metaRequest({ [OTHER_SHOP]: { statuses: [{ id: "wamid.nobody", status: "sent" }] } }),
    );
    expect(first).toMatchObject({ messages: 2, unroutable: 3 });
    expect(second).toMatchObject({ statuses: 0, waiting: 1, unroutable: 0 });
    const bodies = (await world.events()).map(({ body }) => [body.workspace_id, body.channel.name]);
    expect(new Set(bodies.map(String)).size).toBe(2);
    expect(bodies.filter(([, name]) => name === "Shop")).toHaveLength(2);
    const kept = await world.rows<{ payload: string }>(
      "select provider, reason, channel_kind, external_id, payload from unroutable order by id",
    );
    expect(kept).toMatchObject([
      { provider: "meta", reason: "malformed", channel_kind: "whatsapp", external_id: SHOP },
      { reason: "no_provider_id", external_id: SHOP },
      { reason: "unknown_channel", channel_kind: "whatsapp", external_id: "888800000000001" },
    ]);
    expect(JSON.parse(kept[2]?.payload ?? "")).toMatchObject({ id: "wamid.stranger" });
  });

  test("who speaks for one channel cannot speak for another", async () => {
    const [outcome] = await world.take(
      metaRequest(
        {
          [SHOP]: { messages: [world.text("wamid.1")] },
          [OTHER_SHOP]: { messages: [world.text("wamid.2")] },
        },
        world.channels[SHOP]?.id,
      ),
    );
    expect(outcome).toMatchObject({ messages: 1, unroutable: 1 });
    expect(await world.rows("select reason, external_id from unroutable")).toEqual([
      { reason: "other_channel", external_id: OTHER_SHOP },
    ]);
  });

  test("a channel or a workspace that was deleted takes nothing more", async () => {
    const { id, workspaceId } = world.channels[SHOP] ?? {};
    const request = metaRequest({ [SHOP]: { messages: [world.text("wamid.1")] } });
    await world.rows("update channel set deleted_at = created_at where id = $1", [id]);
    expect(await world.take(request)).toMatchObject([{ messages: 0, unroutable: 1 }]);
    await world.rows("update channel set deleted_at = null where id = $1", [id]);
    await world.rows("update workspace set deleted_at = created_at where id = $1", [workspaceId]);
    expect(await world.take(request)).toMatchObject([{ messages: 0, unroutable: 1 }]);
    await world.rows("update workspace set deleted_at = null where id = $1", [workspaceId]);
    expect(await world.take(request)).toMatchObject([{ messages: 1, unroutable: 0 }]);
  });

  test("of a thousand items is a dozen statements", async () => {
    const messages = Array.from({ length: 1_000 }, (_, n) =>
      world.text(`wamid.${n}`, `${n}`, { from: `1555${String(n % 400).padStart(7, "0")}` }),
    );
    const recording = await world.begin();
    const { inboxSpec } = await import("../../src/inbox/inbox.ts");
    const [outcome] = await inboxSpec().run(recording, [metaRequest({ [SHOP]: { messages } })]);
    await recording.commit();
    expect(outcome).toMatchObject({ messages: 1_000 });
    expect(recording.statements.length).toBeLessThanOrEqual(13);
    expect(await count("conversation")).toBe(400);
    expect(await count("event")).toBe(1_400);
    const seqs = await world.rows<{ n: number; top: number }>(
      "select count(*)::int as n, max(seq) as top from event group by conversation_id",
    );
    expect(seqs.every(({ n, top }) => n === top)).toBe(true);
  });
});
