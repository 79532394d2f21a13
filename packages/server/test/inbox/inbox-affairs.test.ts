import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { wanted } from "../../src/channels/meta/items.ts";
import { parseMeta } from "../../src/channels/parse-meta.ts";
import { findCorrespondent } from "../../src/storage/sending/sending.ts";
import {
  ADA,
  IGSID,
  INSTA,
  type InboxWorld,
  metaRequest,
  OTHER_SHOP,
  openInboxWorld,
  PAGE,
  PSID,
  pageRequest,
  SHOP,
  WABA,
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
const whatsapp = (...messages: object[]) => world.take(metaRequest({ [SHOP]: { messages } }));
/** A change of a field that is not `messages`; `of` is the number, or null where it is the account's. */
const field = (
  name: string,
  value: object,
  of: string | null = SHOP,
  onlyChannelId: string | null = null,
) => {
  const metadata = of === null ? {} : { metadata: { phone_number_id: of } };
  const change = { field: name, value: { ...metadata, ...value } };
  const body = {
    object: "whatsapp_business_account",
    entry: [{ id: WABA, time: 1_795_000_000, changes: [change] }],
  };
  const items = wanted(parseMeta(new TextEncoder().encode(JSON.stringify(body))));
  return world.take({ provider: "meta", items, onlyChannelId });
};
const system = (id: string, from: string, to: object) => ({
  id,
  from,
  timestamp: world.time(),
  type: "system",
  system: { type: "user_changed_number", body: "changed", ...to },
});
const conversationsOf = async () =>
  (await world.events())
    .filter(({ type }) => type === "message.received")
    .map(({ conversationId }) => conversationId);

describe("a changed number", () => {
  const NEW = "15550199777";

  test("moves the identity: who writes from it is the same person in the same conversation", async () => {
    await whatsapp(world.text("wamid.1"));
    await whatsapp(system("wamid.2", ADA, { wa_id: NEW }));
    await whatsapp(world.text("wamid.3", "me", { from: NEW }));
    expect(new Set(await conversationsOf()).size).toBe(1);
    const updated = (await world.events()).find(({ type }) => type === "contact.updated");
    expect(updated?.body.data["changes"]).toEqual([
      {
        field: "identities",
        from: [{ kind: "wa_id", id: ADA }],
        to: [{ kind: "wa_id", id: NEW }],
      },
    ]);
    expect(updated?.body.contact.identities).toMatchObject([{ id: NEW }]);
  });

  test("leaves the old one to whoever gets it next", async () => {
    await whatsapp(world.text("wamid.1"));
    await whatsapp(system("wamid.2", ADA, { wa_id: NEW }));
    await whatsapp(world.text("wamid.3", "somebody else"));
    expect(new Set(await conversationsOf()).size).toBe(2);
  });

  test("of somebody who has written from the new one already makes one contact of two", async () => {
    await whatsapp(world.text("wamid.1"));
    await whatsapp(world.text("wamid.2", "me", { from: NEW }));
    await whatsapp(system("wamid.3", ADA, { wa_id: NEW }));
    expect((await world.types()).filter((type) => type === "contact.merged")).toHaveLength(1);
    await whatsapp(world.text("wamid.4", "me", { from: NEW }));
    const conversations = await conversationsOf();
    expect(conversations.at(-1)).toBe(conversations[0]);
  });

  test("and a changed user id do so without any telephone number", async () => {
    const user = (id: string) => ({ from: "", from_user_id: id });
    await whatsapp(world.text("wamid.1", "hi", user("DE.1")));
    await field("user_id_update", {
      user_id_update: [{ user_id: { previous: "DE.1", current: "DE.2" }, timestamp: "1795000000" }],
    });
    await whatsapp({
      id: "wamid.2",
      timestamp: world.time(),
      type: "system",
      system: {
        type: "user_changed_user_id",
        body: "User Ada changed from DE.2 to DE.3",
        user_id: "DE.3",
      },
    });
    await whatsapp(world.text("wamid.3", "me", user("DE.3")));
    expect(new Set(await conversationsOf()).size).toBe(1);
    expect((await world.last()).contact.identities).toMatchObject([{ kind: "bsuid", id: "DE.3" }]);
  });

  test("of somebody who is unknown makes nobody", async () => {
    await field("user_id_update", {
      user_id_update: [{ user_id: { previous: "DE.1", current: "DE.2" } }],
    });
    expect(await world.rows("select id from contact")).toEqual([]);
    expect(await world.types()).toEqual([]);
  });
});

test("after two contacts became one, the other's conversation still has somebody to write to", async () => {
  const BSUID = "DE.7700000000000000001";
  await whatsapp(world.text("wamid.1"));
  await whatsapp(world.text("wamid.2", "me", { from: "", from_user_id: BSUID }));
  await whatsapp(world.text("wamid.3", "me", { from_user_id: BSUID }));
  const [, left] = await conversationsOf();
  const { workspaceId = "" } = world.channels[SHOP] ?? {};
  const owner = { workspaceId, accountId: null };
  const found = await findCorrespondent(world.database.connections.pool, owner, { id: left ?? "" });
  expect(found?.identities).toEqual([
    { kind: "wa_id", value: ADA },
    { kind: "bsuid", value: BSUID },
  ]);
});

describe("what brought somebody", () => {
  const referral = (ref: string) => ({ ref, source: "SHORTLINK", type: "OPEN_THREAD" });

  test("stands on the message, and the first of it on the conversation for good", async () => {
    await page(world.did({ referral: referral("spring") }));
    await page(world.said({ mid: "m_1", text: "Hi", referral: referral("autumn") }));
    const [created, opened, received] = await world.events();
    expect(created?.body.data["referral"]).toMatchObject({ ref: "spring", source: "short_link" });
    expect(opened?.body.data.message).toMatchObject({
      content: { type: "referral_open", referral: { ref: "spring" } },
      referral: { ref: "spring" },
    });
    expect(received?.body).toMatchObject({
      conversation: { first_touch: { ref: "spring", source: "short_link" } },
      data: { message: { referral: { ref: "autumn" } } },
    });
  });

  test("an advertisement for WhatsApp keeps its click id and loses the provider's own links", async () => {
    const ad = {
      source_url: "https://fb.me/3cr4Wqqkv",
      source_id: "1202",
      source_type: "ad",
      headline: "Chat",
      media_type: "image",
      image_url: "https://scontent.xx.fbcdn.net/secret",
      ctwa_clid: "Aff-n8",
    };
    await whatsapp(world.text("wamid.1", "Hi", { referral: ad }));
    const body = await world.last();
    expect(body.data.message.referral).toEqual({
      source: "ad",
      type: null,
      ref: null,
      ad_id: "1202",
      source_url: "https://fb.me/3cr4Wqqkv",
      headline: "Chat",
      body: null,
      media: { type: "image" },
      ctwa_clid: "Aff-n8",
      product_id: null,
    });
    expect(JSON.stringify(body)).not.toContain("fbcdn");
  });
});

describe("files", () => {
  test("are told as being fetched, each by an id of ours; where they are stays inside", async () => {
    const file = (type: string, name: string) => ({
      type,
      payload: { url: `https://cdn.fbsbx.com/${name}?secret` },
    });
    await page(
      world.said({
        mid: "m_1",
        text: "These",
        attachments: [file("image", "a"), file("video", "b")],
      }),
    );
    const body = await world.last();
    const id = expect.stringMatching(/^med_/);
    expect(body.data.message.content).toMatchObject({
      type: "image",
      media: { id, state: "fetching", url: null, caption: "These" },
      attachments: [{ type: "video", media: { id, state: "fetching", url: null } }],
    });
    expect(JSON.stringify(body)).not.toContain("fbsbx");
    expect(await world.rows("select part, provider_url, state from media order by part")).toEqual([
      { part: 0, provider_url: "https://cdn.fbsbx.com/a?secret", state: "fetching" },
      { part: 1, provider_url: "https://cdn.fbsbx.com/b?secret", state: "fetching" },
    ]);
  });
});

describe("a group", () => {
  test("has one conversation, and each of its members is the author of what they wrote", async () => {
    const group = { group_id: "Y2FwaV9ncm91cA" };
    await whatsapp(world.text("wamid.1", "a", group));
    await whatsapp(world.text("wamid.2", "b", { ...group, from: "15550199002" }));
    await whatsapp(world.text("wamid.3", "c"));
    const [first, second, own] = await conversationsOf();
    expect(second).toBe(first);
    expect(own).not.toBe(first);
    const received = (await world.events()).filter(({ type }) => type === "message.received");
    const authors = received.map(({ body }) => body.data.message.actor.id);
    expect(new Set(authors).size).toBe(2);
    expect(authors[2]).toBe(authors[0]);
    expect(received[0]?.body.contact.identities).toMatchObject([{ kind: "wa_group" }]);
  });
});

describe("history", () => {
  test("is kept and told to nobody; the first new message tells of the conversation", async () => {
    const [outcome] = await field("history", {
      history: [
        {
          threads: [
            {
              id: ADA,
              messages: [
                {
                  id: "wamid.h1",
                  from: ADA,
                  timestamp: "1739230955",
                  type: "text",
                  text: { body: "1" },
                },
                {
                  id: "wamid.h2",
                  from: "1555",
                  timestamp: "1739230956",
                  type: "text",
                  text: { body: "2" },
                },
              ],
            },
          ],
        },
      ],
    });
    expect(outcome).toMatchObject({ messages: 2 });
    expect(await world.types()).toEqual([]);
    expect(await world.rows("select last_inbound_at as at from conversation")).toEqual([
      { at: null },
    ]);
    await whatsapp(world.text("wamid.1"));
    expect(await world.types()).toEqual(["conversation.created", "message.received"]);
    expect(await world.rows("select id from message")).toHaveLength(3);
  });
});

describe("comments", () => {
  const comment = (more: object = {}) => ({
    field: "comments",
    value: {
      id: "c_1",
      text: "How much?",
      from: { id: IGSID, username: "ada" },
      media: { id: "p_1", media_product_type: "FEED" },
      ...more,
    },
  });
  const say = (...changes: object[]) => world.take(pageRequest("instagram", [], changes));

  test("are told once, although those on advertisements come twice", async () => {
    await say(comment(), comment());
    await say(comment());
    expect(await world.types()).toEqual(["comment.received"]);
    const { data } = await world.last();
    expect(data["comment"]).toMatchObject({
      id: "c_1",
      text: "How much?",
      author: { id: IGSID, username: "ada" },
      post: { id: "p_1" },
      is_live: false,
    });
  });

  test("of somebody who has written are that contact's", async () => {
    await world.take(pageRequest("instagram", [world.said({ mid: "m_1", text: "Hi" }, INSTA)]));
    const { contact } = await world.last();
    await say(comment());
    expect((await world.last()).contact.id).toBe(contact.id);
  });

  test("of the business itself are replies; mentions and live ones say what they are", async () => {
    await say(
      comment({ id: "c_2", from: { id: INSTA, username: "shop" } }),
      { field: "mentions", value: { comment_id: "c_3", media_id: "p_3" } },
      { ...comment({ id: "c_4" }), field: "live_comments" },
    );
    const events = await world.events();
    expect(events.map(({ type }) => type)).toEqual([
      "comment.replied",
      "comment.received",
      "comment.received",
    ]);
    expect(events[1]?.body.data["comment"]).toMatchObject({
      id: "c_3",
      text: null,
      is_mention: true,
    });
    expect(events[2]?.body.data["comment"]).toMatchObject({ is_live: true });
  });

  test("of a Page are told when they are made, changed and taken away", async () => {
    const feed = (verb: string) => ({
      field: "feed",
      value: {
        item: "comment",
        verb,
        comment_id: "1_2",
        post_id: "1_1",
        message: "Nice",
        from: { id: PSID, name: "Ada" },
      },
    });
    await world.take(pageRequest("page", [], [feed("add"), feed("edited"), feed("remove")]));
    expect(await world.types()).toEqual(["comment.received", "comment.edited", "comment.deleted"]);
  });
});

describe("consent", () => {
  const preference = (value: string, timestamp: number) => ({
    user_preferences: [
      { wa_id: ADA, category: "marketing_messages", value, detail: "said so", timestamp },
    ],
  });
  const kept = () => world.rows("select topic, state from consent");

  test("is told and kept, and an older word undoes no newer one", async () => {
    const now = Math.trunc(world.clock.now() / 1000);
    await field("user_preferences", preference("stop", now));
    await field("user_preferences", preference("resume", now - 60));
    expect(await world.types()).toEqual(["consent.opted_out", "consent.opted_in"]);
    expect((await world.events())[0]?.body.data).toMatchObject({
      channel: "whatsapp",
      topic: "marketing_messages",
      keyword: "stop",
      evidence: "said so",
    });
    expect(await kept()).toEqual([{ topic: "marketing_messages", state: "opted_out" }]);
    await field("user_preferences", preference("signup", now + 60));
    expect(await kept()).toEqual([{ topic: "marketing_messages", state: "opted_in" }]);
  });
});

describe("the channel itself", () => {
  test("a template's change is told to every workspace that has the business account, once", async () => {
    const value = {
      event: "PAUSED",
      message_template_id: 77,
      message_template_name: "hello",
      reason: "NONE",
    };
    await field("message_template_status_update", value, null);
    await field("message_template_status_update", value, null);
    const events = await world.events();
    expect(events.map(({ type }) => type)).toEqual([
      "template.status_changed",
      "template.status_changed",
    ]);
    expect(new Set(events.map(({ body }) => body.workspace_id)).size).toBe(2);
    expect(events[0]?.body.data).toMatchObject({
      template: { id: "77", name: "hello" },
      after: "paused",
      reason: null,
    });
  });

  test("who speaks for one channel speaks for its business account in that workspace alone", async () => {
    const { id, workspaceId } = world.channels[OTHER_SHOP] ?? {};
    const value = { event: "ACCOUNT_VIOLATION", violation_info: { violation_type: "ADULT" } };
    await field("account_update", value, null, id);
    const [event, ...more] = await world.events();
    expect(more).toEqual([]);
    expect(event?.type).toBe("account.degraded");
    const { publicId } = await import("../../src/core/ids.ts");
    expect(event?.body.workspace_id).toBe(publicId("ws", workspaceId ?? ""));
  });

  test.each([
    [
      "template.quality_changed",
      "message_template_quality_update",
      { new_quality_score: "RED", previous_quality_score: "GREEN" },
    ],
    [
      "template.category_changed",
      "template_category_update",
      { new_category: "MARKETING", previous_category: "UTILITY" },
    ],
    [
      "account.degraded",
      "account_alerts",
      { alert_info: { alert_severity: "CRITICAL", alert_type: "X" } },
    ],
    ["account.disconnected", "account_update", { event: "PARTNER_REMOVED" }],
    [
      "account.connected",
      "account_update",
      { event: "DISABLED_UPDATE", ban_info: { waba_ban_state: "REINSTATE" } },
    ],
    [
      "account.degraded",
      "phone_number_quality_update",
      { event: "FLAGGED", display_phone_number: "1555" },
    ],
    ["account.updated", "phone_number_name_update", { decision: "APPROVED" }],
  ])("tells %s", async (type, name, value) => {
    await field(name, value, null);
    expect(new Set(await world.types())).toEqual(new Set([type]));
  });

  test("an error of the number itself degrades it", async () => {
    await field("messages", { errors: [{ code: 130429, title: "Rate limit hit" }] });
    expect((await world.events())[0]).toMatchObject({
      type: "account.degraded",
      body: {
        channel: { name: "Shop" },
        data: { code: "provider_error", reason: "Rate limit hit" },
      },
    });
  });

  test("a business account that nobody has connected is kept", async () => {
    await world.rows("update channel set waba_id = null");
    await field("account_update", { event: "PARTNER_REMOVED" }, null);
    expect(await world.rows("select reason, external_id from unroutable")).toEqual([
      { reason: "unknown_channel", external_id: WABA },
    ]);
    await world.rows("update channel set waba_id = $1 where kind = 'whatsapp'", [WABA]);
  });

  test("a policy of Messenger's blocks the Page and lets it go again", async () => {
    const decide = (action: string) => ({
      recipient: { id: PAGE },
      timestamp: world.clock.now(),
      "policy-enforcement": { action, reason: "spam" },
    });
    await page(decide("block"), decide("unblock"));
    expect(await world.types()).toEqual(["account.degraded", "account.connected"]);
  });

  test("other applications want, get and take the conversation", async () => {
    await page(world.said({ mid: "m_1", text: "Hi" }));
    await page(
      world.did({ request_thread_control: { requested_owner_app_id: 1, metadata: "please" } }),
      world.did({ pass_thread_control: { new_owner_app_id: 1, previous_owner_app_id: 2 } }),
      world.did({ take_thread_control: { previous_owner_app_id: 1, new_owner_app_id: 2 } }),
    );
    const events = (await world.events()).slice(2);
    expect(events.map(({ type }) => type)).toEqual([
      "control.offered",
      "control.passed",
      "control.released",
    ]);
    expect(events[1]?.body.data).toMatchObject({ from: { app_id: "2" }, to: { app_id: "1" } });
    expect(events[1]?.conversationId).not.toBeNull();
  });
});

test("what is overheard while another application answers is a message that says so", async () => {
  const request = pageRequest("page", []);
  const body = JSON.stringify({
    object: "page",
    entry: [{ id: PAGE, time: 1, standby: [world.said({ mid: "m_1", text: "Hi" })] }],
  });
  const items = wanted(parseMeta(new TextEncoder().encode(body)));
  await world.take({ ...request, items });
  expect((await world.last()).data.message).toMatchObject({
    content: { type: "text", text: "Hi" },
    standby: true,
  });
});

test("a name from the telephone's address book becomes the contact's, and is told", async () => {
  await whatsapp(world.text("wamid.1"));
  const sync = (phone_number: string) => ({
    state_sync: [
      { type: "contact", contact: { full_name: "Ada L.", phone_number }, action: "add" },
    ],
  });
  await field("smb_app_state_sync", sync(ADA));
  await field("smb_app_state_sync", sync("15550199999"));
  const events = (await world.events()).slice(2);
  expect(events).toMatchObject([
    {
      type: "contact.updated",
      body: { contact: { name: "Ada L." }, data: { changes: [{ field: "name", to: "Ada L." }] } },
    },
  ]);
});
