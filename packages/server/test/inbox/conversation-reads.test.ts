import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseId, publicId } from "../../src/core/ids.ts";
import type { Principal } from "../../src/core/workspaces/principal.ts";
import { SCOPES } from "../../src/core/workspaces/scopes.ts";
import { filterOf } from "../../src/http/parameters/feed-query.ts";
import { saveConsents } from "../../src/storage/conversations/consents.ts";
import { listEvents } from "../../src/storage/events/event-reads.ts";
import {
  type InboxWorld,
  metaRequest,
  OTHER_SHOP,
  openInboxWorld,
  SHOP,
} from "../support/messages/inbox-world.ts";
import { openReader } from "../support/messages/reader.ts";

let world: InboxWorld;
const people = ["15550199101", "15550199102", "15550199103"];
beforeAll(async () => {
  world = await openInboxWorld();
  for (const [n, from] of people.entries()) {
    const contacts = [{ profile: { name: `Person ${n}` }, wa_id: from }];
    const messages = [world.text(`wamid.${n}.a`, "first", { from })];
    await world.take(metaRequest({ [SHOP]: { contacts, messages } }));
    await world.clock.advance(1_000);
  }
  const again = world.text("wamid.0.b", "second", {
    from: people[0],
    context: { id: "wamid.0.a" },
  });
  await world.take(metaRequest({ [SHOP]: { messages: [again] } }));
  await world.take(metaRequest({ [OTHER_SHOP]: { messages: [world.text("wamid.other")] } }));
  await world.take(metaRequest({ "888800000000001": { messages: [world.text("wamid.x")] } }));
  await world.take(metaRequest({ [SHOP]: { statuses: [{ id: "wamid.y", status: "read" }] } }));
  // A status waits ten minutes for its message before it is given up.
  await world.clock.advance(11 * 60_000);
  await world.rejoin();
});
afterAll(() => world.end());

const reader = (overrides: Partial<Principal> = {}) => openReader(world, overrides);

describe("reading conversations", () => {
  test("lists them page by page, the newest first", async () => {
    const get = reader();
    const first = (await get("/conversations?limit=2")).body;
    expect(first.data.map((each) => each.contact.name)).toEqual(["Person 2", "Person 1"]);
    expect(first.has_more).toBe(true);
    const second = (await get(`/conversations?limit=2&cursor=${first.next_cursor}`)).body;
    expect(second.data.map((each) => each.contact.name)).toEqual(["Person 0"]);
    expect(second).toMatchObject({ has_more: false, next_cursor: null });
  });

  test("shows one with its channel, its contact and its window", async () => {
    const get = reader();
    const [listed] = (await get("/conversations?limit=1")).body.data;
    const { status, body } = await get(`/conversations/${listed.id}`);
    expect(status).toBe(200);
    expect(body).toEqual(listed);
    expect(body).toMatchObject({
      seq: 2,
      status: "open",
      channel: { kind: "whatsapp", external_id: SHOP, name: "Shop" },
      contact: { identities: [{ kind: "wa_id", id: people[2] }] },
      ticket_ref: null,
      closed_at: null,
    });
    expect(Date.parse(body.window.free_form_until) - Date.parse(body.last_inbound_at)).toBe(
      86_400_000,
    );
  });

  test("tells what keeps every message back: an opt-out of everything, a deleted channel", async () => {
    const { pool } = world.database.connections;
    const get = reader();
    const blocked = async () =>
      (await get("/conversations")).body.data.map((each) => each.blocked_by);
    const [{ contact, channel }] = (await get("/conversations")).body.data;
    const consent = {
      workspaceId: world.channels[SHOP]?.workspaceId ?? "",
      channelId: parseId("ch", channel.id) ?? "",
      contactId: parseId("con", contact.id) ?? "",
    };
    const says = (state: "opted_in" | "opted_out", topic: string) =>
      saveConsents(pool, [{ ...consent, topic, state, changedAt: world.clock.now() }]);
    await says("opted_out", "marketing");
    expect(await blocked()).toEqual([null, null, null]);
    await says("opted_out", "");
    expect(await blocked()).toEqual(["opted_out", null, null]);
    const setDeleted = (at: Date | null) =>
      pool.query("update channel set deleted_at = $2 where id = $1", [consent.channelId, at]);
    await setDeleted(new Date(world.clock.now()));
    const gone = "channel_deleted";
    expect(await blocked()).toEqual([gone, gone, gone]);
    await setDeleted(null);
    await says("opted_in", "");
    expect(await blocked()).toEqual([null, null, null]);
  });

  test("filters by contact, channel and status", async () => {
    const get = reader();
    const [{ contact, channel }] = (await get("/conversations")).body.data;
    expect((await get(`/conversations?contact_id=${contact.id}`)).body.data).toHaveLength(1);
    expect(
      (await get(`/conversations?channel_id=${channel.id}&status=open`)).body.data,
    ).toHaveLength(3);
    expect((await get("/conversations?status=closed")).body.data).toEqual([]);
    expect(await get("/conversations?state=open")).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "state" }] },
    });
  });

  test("lists first where something happened last, page by page, with what was said last", async () => {
    const get = reader();
    const first = (await get("/conversations?order=activity&limit=2")).body;
    expect(first.data.map((each) => [each.contact.name, each.last_message?.content])).toEqual([
      ["Person 0", { type: "text", text: "second" }],
      ["Person 2", { type: "text", text: "first" }],
    ]);
    const path = `/conversations?order=activity&limit=2&cursor=${first.next_cursor}`;
    const { data, has_more: more } = (await get(path)).body;
    expect(data.map((each) => each.contact.name)).toEqual(["Person 1"]);
    expect(more).toBe(false);
    const [{ last_activity_at: at, created_at: from }] = first.data;
    expect(Date.parse(at)).toBeGreaterThan(Date.parse(from));
  });

  test("shows what was said to nobody who may not read messages", async () => {
    const scopes = new Set(SCOPES.filter((each) => each !== "messages:read"));
    const { data } = (await reader({ scopes })("/conversations")).body;
    expect(data.map((each) => each.last_message)).toEqual([null, null, null]);
  });

  test.each([
    ["a part of a name", "erson 1", ["Person 1"]],
    ["a name in other letters", "PERSON 2", ["Person 2"]],
    ["a part of an address", "99103", ["Person 2"]],
    ["a number as people write it", "+1 (555) 019-9101", ["Person 0"]],
    ["what looks like a pattern and is none", "Person%", []],
    ["what nobody has", "Nobody", []],
  ])("finds them by %s", async (_, text, names) => {
    const { data } = (await reader()(`/conversations?q=${encodeURIComponent(text)}`)).body;
    expect(data.map((each) => each.contact.name)).toEqual(names);
  });

  test("finds the events that tell of a message, and not those that quote it", async () => {
    const get = reader();
    const [, , { id }] = (await get("/conversations")).body.data;
    const [second, first] = (await get(`/conversations/${id}/messages`)).body.data;
    const tell = async (message: string) => {
      const rows = await listEvents(
        world.database.connections.pool,
        { workspaceId: world.channels[SHOP]?.workspaceId ?? "", accountId: null },
        {
          ...{ before: undefined, from: undefined, to: undefined, limit: 10 },
          filter: filterOf({}),
          messageId: parseId("msg", message) ?? "",
        },
      );
      return rows.map(({ type, seq }) => [type, seq]);
    };
    expect(await tell(first.id)).toEqual([["message.received", 2]]);
    expect(await tell(second.id)).toEqual([["message.received", 3]]);
    expect(await tell(publicId("msg", "01890a5d-ac96-774b-bcce-b302099a8057"))).toEqual([]);
  });

  test("lists what was said, the newest first, and shows each", async () => {
    const get = reader();
    const conversations = (await get("/conversations")).body.data;
    const { id } = conversations[2];
    const { data } = (await get(`/conversations/${id}/messages`)).body;
    expect(data.map((each) => each.content)).toEqual([
      { type: "text", text: "second" },
      { type: "text", text: "first" },
    ]);
    expect(data[0]).toMatchObject({
      conversation_id: id,
      direction: "inbound",
      status: "received",
      actor: { type: "contact", name: "Person 0" },
      quoted: { message_id: data[1].id, provider_id: "wamid.0.a" },
      metadata: {},
      error: null,
      delivered_at: null,
    });
    expect((await get(`/messages/${data[0].id}`)).body).toEqual(data[0]);
    const page = (await get(`/conversations/${id}/messages?limit=1`)).body;
    const next = (await get(`/conversations/${id}/messages?limit=1&cursor=${page.next_cursor}`))
      .body;
    expect([...page.data, ...next.data]).toEqual(data);
  });

  test("lists contacts and shows each", async () => {
    const get = reader();
    const { data } = (await get("/contacts?limit=2")).body;
    expect(data.map((each) => each.name)).toEqual(["Person 2", "Person 1"]);
    expect((await get(`/contacts/${data[1].id}`)).body).toEqual(data[1]);
  });
});

describe("who may see what", () => {
  test("another workspace sees its own and nothing else", async () => {
    const own = reader();
    const other = reader({ workspaceId: world.channels[OTHER_SHOP]?.workspaceId ?? "" });
    const [conversation] = (await own("/conversations")).body.data;
    const [message] = (await own(`/conversations/${conversation.id}/messages`)).body.data;
    expect((await other("/conversations")).body.data).toHaveLength(1);
    expect((await other("/contacts")).body.data).toHaveLength(1);
    for (const path of [
      `/conversations/${conversation.id}`,
      `/conversations/${conversation.id}/messages`,
      `/messages/${message.id}`,
      `/contacts/${conversation.contact.id}`,
    ]) {
      expect(await other(path), path).toMatchObject({ status: 404, body: { code: "not_found" } });
    }
  });

  test("a key of one account sees that account's alone", async () => {
    const accountId = world.channels[SHOP]?.accountId ?? null;
    expect((await reader({ accountId })("/conversations")).body.data).toHaveLength(3);
    const stranger = reader({ accountId: world.ids.next() });
    const [conversation] = (await reader()("/conversations")).body.data;
    const [message] = (await reader()(`/conversations/${conversation.id}/messages`)).body.data;
    expect((await stranger("/conversations")).body.data).toEqual([]);
    expect((await stranger("/contacts")).body.data).toEqual([]);
    for (const path of [
      `/conversations/${conversation.id}`,
      `/conversations/${conversation.id}/messages`,
      `/messages/${message.id}`,
      `/contacts/${conversation.contact.id}`,
    ]) {
      expect((await stranger(path)).status, path).toBe(404);
    }
  });

  test("a key without the scope is refused", async () => {
    const none = reader({ scopes: new Set(["conversations:read"]) });
    const some = reader({ scopes: new Set(["messages:read"]) });
    const [{ id }] = (await none("/conversations")).body.data;
    expect((await none(`/conversations/${id}/messages`)).status).toBe(403);
    expect((await none(`/messages/${publicId("msg", world.ids.next())}`)).status).toBe(403);
    expect((await some("/conversations")).status).toBe(403);
    expect((await some("/contacts")).status).toBe(403);
  });

  test("only the operator sees what could not be placed", async () => {
    expect((await reader()("/unroutable")).status).toBe(403);
    const admin = reader({ kind: "admin" });
    const { data } = (await admin("/unroutable")).body;
    expect(data).toMatchObject([
      { reason: "unknown_message", channel_kind: "whatsapp", external_id: SHOP },
      {
        reason: "unknown_channel",
        provider: "meta",
        channel_kind: "whatsapp",
        external_id: "888800000000001",
      },
    ]);
    expect(data[0].id).toMatch(/^unr_/);
    expect(JSON.parse(data[1].payload)).toMatchObject({ id: "wamid.x" });
    expect((await admin("/unroutable?reason=unknown_channel")).body.data).toHaveLength(1);
    const page = (await admin("/unroutable?limit=1")).body;
    expect((await admin(`/unroutable?limit=1&cursor=${page.next_cursor}`)).body.data).toEqual([
      data[1],
    ]);
  });

  test("of what could not be placed a list holds no more than a page can bear", async () => {
    const payload = "ä".repeat(70_000);
    await world.rows(`update unroutable set payload = '${payload}'`);
    const { data } = (await reader({ kind: "admin" })("/unroutable")).body;
    expect(data[0].payload).toBe(payload.slice(0, 65_536));
    expect(data[0].payload_is_whole).toBe(false);
    await world.rows(`update unroutable set payload = '${payload.slice(0, 65_536)}'`);
    const whole = (await reader({ kind: "admin" })("/unroutable")).body.data;
    expect(whole[0]).toMatchObject({ payload: data[0].payload, payload_is_whole: true });
  });
});
