import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { firstIdAt, publicId } from "../../src/core/ids.ts";
import { SCOPES } from "../../src/core/workspaces/scopes.ts";
import { findMessages } from "../../src/storage/conversations/message-list.ts";
import { ensurePartitions } from "../../src/storage/retention/partitions.ts";
import { planOf } from "../support/database/plans.ts";
import {
  INSTA,
  type InboxWorld,
  metaRequest,
  OTHER_SHOP,
  openInboxWorld,
  PAGE,
  pageRequest,
  SHOP,
} from "../support/messages/inbox-world.ts";
import { openReader } from "../support/messages/reader.ts";

const DAY_MS = 86_400_000;

let world: InboxWorld;
let reader: (o?: Parameters<typeof openReader>[1]) => ReturnType<typeof openReader>;
let workspaceId: string;
let accountId: string;
beforeAll(async () => {
  world = await openInboxWorld();
  reader = (overrides) => openReader(world, overrides);
  workspaceId = world.channels[SHOP]?.workspaceId ?? "";
  accountId = world.channels[SHOP]?.accountId ?? "";
  const contacts = [{ profile: { name: "Ada" }, wa_id: "15550199001" }];
  await world.take(metaRequest({ [SHOP]: { contacts, messages: [world.text("wamid.a", "a")] } }));
  await world.clock.advance(60_000);
  await world.take(pageRequest("page", [world.said({ mid: "b", text: "b" })]));
  await world.clock.advance(60_000);
  await world.take(pageRequest("instagram", [world.said({ mid: "c", text: "c" }, INSTA)]));
  await world.clock.advance(60_000);
  await world.take(metaRequest({ [SHOP]: { messages: [world.text("wamid.d", "d")] } }));
  await world.clock.advance(60_000);
  await world.take(
    pageRequest("page", [world.echoed({ mid: "e", text: "e", app_id: 263902037430900 })]),
  );
  await world.take(metaRequest({ [OTHER_SHOP]: { messages: [world.text("wamid.x", "x")] } }));
});
afterAll(() => world.end());

/** What was said, as pages of a list show it, read to its end. */
async function said(query = "", get = reader()): Promise<string[]> {
  const texts: string[] = [];
  for (let cursor = ""; ; ) {
    const { status, body } = await get(`/messages?${query}${cursor}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    texts.push(...body.data.map(({ content }) => (content as { text: string }).text));
    if (!body.has_more) return texts;
    cursor = `&cursor=${body.next_cursor}`;
  }
}

const minute = (n: number) => new Date(world.clock.now() - (4 - n) * 60_000 - 30_000).toISOString();
const channel = (address: string) => publicId("ch", world.channels[address]?.id ?? "");

describe("messages of all conversations", () => {
  test("are listed with the newest first, page by page", async () => {
    expect(await said()).toEqual(["e", "d", "c", "b", "a"]);
    expect(await said("limit=2")).toEqual(["e", "d", "c", "b", "a"]);
    const { body } = await reader()("/messages?limit=2");
    expect(body).toMatchObject({ has_more: true, next_cursor: expect.any(String) });
    expect(body.data).toHaveLength(2);
  });

  test("are shown as everywhere else", async () => {
    const get = reader();
    for (const message of (await get("/messages")).body.data) {
      expect((await get(`/messages/${message.id}`)).body).toEqual(message);
    }
    const [, message] = (await get("/messages")).body.data;
    expect(message).toMatchObject({ actor: { type: "contact", name: "Ada" } });
  });

  test.each<[string, () => string, string[]]>([
    ["kinds of channels", () => "channel=whatsapp,instagram", ["d", "c", "a"]],
    ["a channel", () => `channel=${channel(PAGE)}`, ["e", "b"]],
    ["a kind and a channel", () => `channel=instagram,${channel(SHOP)}`, ["d", "c", "a"]],
    ["a channel of somebody else", () => `channel=${channel(OTHER_SHOP)}`, []],
    ["direction", () => "direction=outbound", ["e"]],
    ["status", () => "status=received", ["d", "c", "b", "a"]],
    ["a status that nothing has", () => "status=failed", []],
    ["a beginning", () => `since=${minute(2)}`, ["e", "d", "c"]],
    ["an end", () => `until=${minute(2)}`, ["b", "a"]],
    ["a span", () => `since=${minute(1)}&until=${minute(4)}&limit=1`, ["d", "c", "b"]],
    ["several things", () => `direction=inbound&channel=messenger&until=${minute(4)}`, ["b"]],
  ])("are narrowed by %s", async (_, query, wanted) => {
    expect(await said(query())).toEqual(wanted);
  });

  test("are narrowed by a conversation", async () => {
    const [, { conversation_id: id }] = (await reader()("/messages")).body.data;
    expect(await said(`conversation_id=${id}`)).toEqual(["d", "a"]);
    expect(await said(`conversation_id=${id}&until=${minute(1)}`)).toEqual(["a"]);
    expect(await said(`conversation_id=${publicId("cnv", world.ids.next())}`)).toEqual([]);
  });

  test.each<[string, string]>([
    ["channel=fax", "channel"],
    ["conversation_id=1", "conversation_id"],
    ["direction=in", "direction"],
    ["status=open", "status"],
    ["since=today", "since"],
    ["since=2026-03-02T10:00:00Z&until=2026-03-02T09:00:00Z", "since"],
    ["cursor=x", "cursor"],
    ["state=sent", "state"],
  ])("are not listed by %s", async (query, pointer) => {
    const { status, body } = await reader()(`/messages?${query}`);
    expect({ status, body }).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });

  test("are seen by their workspace, and by a key of their account", async () => {
    const other = world.channels[OTHER_SHOP];
    expect(await said("", reader({ workspaceId: other?.workspaceId ?? "" }))).toEqual(["x"]);
    expect(await said("", reader({ accountId }))).toHaveLength(5);
    expect(await said("", reader({ accountId: other?.accountId ?? "" }))).toEqual([]);
    const scopes = new Set(SCOPES.filter((each) => each !== "messages:read"));
    expect((await reader({ scopes })("/messages")).status).toBe(403);
  });
});

describe("among very many messages", () => {
  const MANY = 20_000;
  const SMALL_ACCOUNT = "00000000-0000-7000-8000-000000000001";
  const SMALL_WORKSPACE = "00000000-0000-7000-8000-000000000002";
  const CONVERSATION = "00000000-0000-7000-8000-000000000003";

  /** One every eight seconds, over two days; some of each are something special. */
  beforeAll(async () => {
    const { pool } = world.database.connections;
    const from = world.clock.now() + 60_000;
    await world.clock.advance(2 * DAY_MS);
    await ensurePartitions(pool, world.clock.now(), 1);
    await pool.query(
      `insert into message (id, workspace_id, account_id, channel_id, conversation_id, contact_id, direction,
         actor, status, content, created_at)
       select (left(at, 8) || '-' || right(at, 4) || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
         case when n % 40 = 1 then $3::uuid else $2::uuid end, case when n % 4000 = 2 then $4::uuid end, $5,
         case when n % 40 = 3 then $6 else $7 end::uuid, $5, 'outbound', 'bot', 'sent',
         json_build_object('type', 'text', 'text', n::text)::text, now()
       from generate_series(1, $1::int) as n,
         lateral (select lpad(to_hex($8::bigint + n * 8000), 12, '0') as at) as t`,
      [
        ...[MANY, workspaceId, SMALL_WORKSPACE, SMALL_ACCOUNT, world.channels[SHOP]?.id],
        ...[CONVERSATION, world.ids.next(), from],
      ],
    );
    await pool.query("analyze message");
  });

  test("those of one account come page by page, and a page says where it stopped looking", async () => {
    const get = reader({ accountId: SMALL_ACCOUNT });
    const { body } = await get("/messages");
    expect(body).toMatchObject({ has_more: true, next_cursor: expect.any(String) });
    expect(body.data).toHaveLength(2);
    expect(await said("", get)).toEqual(["16002", "12002", "8002", "4002", "2"]);
    expect(await said("limit=1", get)).toEqual(["16002", "12002", "8002", "4002", "2"]);
    expect((await said("direction=inbound")).slice(0, 2)).toEqual(["d", "c"]);
  });

  test.each<[string, { workspace?: string; conversationId?: string }, RegExp]>([
    ["of a large workspace", {}, /_(pkey|workspace\w*) on message_20260303/],
    ["of a small one", { workspace: SMALL_WORKSPACE }, /_workspace\w* on message_20260303/],
    ["of a conversation", { conversationId: CONVERSATION }, /_conversation\w* on message_20260303/],
  ])(
    "a page %s is read from an index, in order, and the days after it are not",
    async (_, asked, index) => {
      const { workspace = workspaceId, conversationId = null } = asked;
      const before = firstIdAt(world.clock.now() - DAY_MS);
      const plan = await planOf(world.database.connections.pool, (db) =>
        findMessages(
          db,
          { workspaceId: workspace, accountId: null },
          { limit: 20, before, from: undefined, to: undefined },
          {
            ...{ channelKinds: [], channelIds: [], conversationId },
            ...{ direction: "outbound", status: undefined },
          },
        ),
      );
      expect(plan).toMatch(index);
      expect(plan).not.toMatch(/Sort|message_20260304/);
      expect(plan).toMatch(/on message_20260301 .*never executed/);
    },
  );
});
