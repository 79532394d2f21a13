import { wanted } from "../../../src/channels/meta/items.ts";
import { parseMeta } from "../../../src/channels/parse-meta.ts";
import type { messageObject } from "../../../src/core/events/envelope.ts";
import { publicId } from "../../../src/core/ids.ts";
import type { InboundOutcome, InboundRequest } from "../../../src/core/messages/inbound.ts";
import type { MessageStatus } from "../../../src/core/messages/message-status.ts";
import { rejoinOnce } from "../../../src/inbox/batch/rejoin.ts";
import { inboxSpec } from "../../../src/inbox/inbox.ts";
import { createIds, type Ids } from "../../../src/runtime/ids.ts";
import { ensurePartitions } from "../../../src/storage/retention/partitions.ts";
import { createTestDatabase, type TestDatabase } from "../database/database.ts";
import { ManualClock, SOME_DAY_MS } from "../manual-clock.ts";
import { acceptorOf, type OpenRecording, openRecording, type RecordingDeps } from "./recording.ts";

export const SHOP = "109900000000001";
export const OTHER_SHOP = "109900000000002";
export const ADA = "15550199001";
/** A Page and an Instagram account of the shop's workspace. */
export const PAGE = "309900000000001";
export const INSTA = "17841400000000001";
/** Ada, as these two call her. */
export const PSID = "24680000000000001";
export const IGSID = "13570000000000001";
/** The WhatsApp business account of both shops. */
export const WABA = "209900000000001";

export interface ValueParts {
  contacts?: unknown[];
  messages?: unknown[];
  statuses?: unknown[];
}

/** One of Meta's requests, with one value for each number. */
export function metaBody(values: Record<string, ValueParts>): string {
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: Object.entries(values).map(([phoneNumberId, parts]) => ({
      id: "209900000000001",
      changes: [
        {
          field: "messages",
          value: {
            messaging_product: "whatsapp",
            metadata: { display_phone_number: "15550100001", phone_number_id: phoneNumberId },
            ...parts,
          },
        },
      ],
    })),
  });
}

export function metaRequest(
  values: Record<string, ValueParts>,
  onlyChannelId: string | null = null,
): InboundRequest {
  const items = wanted(parseMeta(new TextEncoder().encode(metaBody(values))));
  return { provider: "meta", items, onlyChannelId };
}

/** One of Meta's requests about a Page or an Instagram account, an entry an item. */
export function pageRequest(
  object: "page" | "instagram",
  messaging: readonly object[],
  changes: readonly object[] = [],
): InboundRequest {
  const id = object === "page" ? PAGE : INSTA;
  const body = JSON.stringify({
    object,
    entry: [
      ...messaging.map((each) => ({ id, time: 1_795_000_000_000, messaging: [each] })),
      ...(changes.length > 0 ? [{ id, time: 1_795_000_000, changes }] : []),
    ],
  });
  return {
    provider: "meta",
    items: wanted(parseMeta(new TextEncoder().encode(body))),
    onlyChannelId: null,
  };
}

export interface StoredEvent {
  type: string;
  seq: number | null;
  conversationId: string | null;
  body: EventBody;
}

/** As far as the tests read into a body. */
export interface EventBody {
  workspace_id: string;
  channel: { name: string };
  conversation: { id: string; status: string; window: { free_form_until: string | null } };
  contact: { id: string; name: string | null; identities: object[] };
  data: {
    message: ReturnType<typeof messageObject>;
    first_message?: object;
    error?: object;
    surviving?: { id: string };
    [name: string]: unknown;
  };
}

/** Two channels of two workspaces on a real database, and a clock to move. */
export interface InboxWorld {
  database: TestDatabase;
  clock: ManualClock;
  ids: Ids;
  /** For other acceptors of the same world. */
  deps: RecordingDeps;
  channels: Record<string, { id: string; workspaceId: string; accountId: string | null }>;
  /** Seconds, as Meta writes them: now, or so many seconds from now. */
  time(offsetS?: number): string;
  text(id: string, body?: string, more?: object): { id: string };
  /** Something of Ada's on Messenger or Instagram. */
  said(message: object, on?: string): object;
  /** The same from the business to her. */
  echoed(message: object, on?: string): object;
  /** Any other item of hers. */
  did(item: object, on?: string): object;
  take(...requests: InboundRequest[]): Promise<InboundOutcome[]>;
  /** Takes up what has waited for its message; answers how much that was. */
  rejoin(): Promise<number>;
  /** The body of the last event. */
  last(): Promise<EventBody>;
  /** A transaction that the test ends itself, as another process would have it. */
  begin(): Promise<OpenRecording>;
  /** A message of ours that waits for the provider's word, in a conversation with Ada. */
  outbound(
    status?: MessageStatus,
    channel?: typeof SHOP | typeof PAGE | typeof INSTA,
  ): Promise<{ id: string; publicId: string; conversationId: string }>;
  events(): Promise<StoredEvent[]>;
  types(): Promise<string[]>;
  rows<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  end(): Promise<void>;
}

export async function openInboxWorld(): Promise<InboxWorld> {
  const database = await createTestDatabase();
  const clock = new ManualClock(SOME_DAY_MS, database.rest);
  const { pool } = database.connections;
  await ensurePartitions(pool, clock.now(), 1);
  const ids = createIds(clock);
  const at = new Date(clock.now());
  const channels: InboxWorld["channels"] = {};
  for (const [externalId, name] of [
    [SHOP, "Shop"],
    [OTHER_SHOP, "Other shop"],
  ] as const) {
    const [workspaceId, accountId, id] = [ids.next(), ids.next(), ids.next()];
    const own = { workspaceId, accountId };
    await pool.query("insert into workspace (id, name, created_at) values ($1, $2, $3)", [
      workspaceId,
      name,
      at,
    ]);
    await pool.query(
      "insert into account (id, workspace_id, name, created_at) values ($1, $2, $3, $4)",
      [accountId, workspaceId, `${name}'s account`, at],
    );
    await pool.query(
      `insert into channel (id, workspace_id, account_id, kind, name, external_id, waba_id, created_at, updated_at)
       values ($1, $2, $3, 'whatsapp', $4, $5, $6, $7, $7)`,
      [id, workspaceId, accountId, name, externalId, WABA, at],
    );
    channels[externalId] = { id, ...own };
    if (externalId !== SHOP) continue;
    for (const [kind, address] of [
      ["messenger", PAGE],
      ["instagram", INSTA],
    ] as const) {
      const other = ids.next();
      await pool.query(
        `insert into channel (id, workspace_id, account_id, kind, name, external_id, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)`,
        [other, workspaceId, accountId, kind, `${name} on ${kind}`, address, at],
      );
      channels[address] = { id: other, ...own };
    }
  }
  const deps = { connections: database.connections, clock, ids };
  const inbox = acceptorOf(deps, inboxSpec());
  const shop = channels[SHOP];
  if (!shop) throw new Error("there is no shop");

  const world: InboxWorld = {
    database,
    clock,
    ids,
    deps,
    channels,
    time: (offsetS = 0) => String(Math.trunc(clock.now() / 1000) + offsetS),
    text: (id, body = id, more = {}) => ({
      id,
      from: ADA,
      timestamp: world.time(),
      type: "text",
      text: { body },
      ...more,
    }),
    did: (item, on = PAGE) => ({
      sender: { id: on === PAGE ? PSID : IGSID },
      recipient: { id: on },
      timestamp: clock.now(),
      ...item,
    }),
    said: (message, on = PAGE) => world.did({ message }, on),
    echoed: (message, on = PAGE) => ({
      sender: { id: on },
      recipient: { id: on === PAGE ? PSID : IGSID },
      timestamp: clock.now(),
      message: { is_echo: true, ...message },
    }),
    take: (...requests) => inbox.acceptAll(requests),
    rejoin: () => rejoinOnce({ db: pool, inbox, clock }),
    begin: () => openRecording(deps),
    async outbound(status = "sending", on = SHOP) {
      const id = `hello.${ids.next()}`;
      await world.take(
        on === SHOP
          ? metaRequest({ [SHOP]: { messages: [world.text(id)] } })
          : pageRequest(on === PAGE ? "page" : "instagram", [
              world.said({ mid: id, text: "x" }, on),
            ]),
      );
      const place = channels[on] ?? shop;
      const [conversation] = await world.rows<{ id: string; contact_id: string }>(
        "select id, contact_id from conversation where channel_id = $1 order by id desc limit 1",
        [place.id],
      );
      if (!conversation) throw new Error("there is no conversation");
      const messageId = ids.next();
      await pool.query(
        `insert into message (id, workspace_id, account_id, channel_id, conversation_id, contact_id, direction,
           actor, status, content, created_at)
         values ($1, $2, $3, $4, $5, $6, 'outbound', 'bot', $7, '{"type":"text","text":"Hi"}', $8)`,
        [
          messageId,
          shop.workspaceId,
          shop.accountId,
          place.id,
          conversation.id,
          conversation.contact_id,
          status,
          new Date(clock.now()),
        ],
      );
      await pool.query(
        `insert into outbox (message_id, workspace_id, channel_id, conversation_id, state, attempts, request, next_at, created_at)
         values ($1, $2, $3, $4, 'in_doubt', 1, '{"key":null}', $5, $5)`,
        [messageId, shop.workspaceId, place.id, conversation.id, new Date(clock.now())],
      );
      await pool.query("truncate event");
      return {
        id: messageId,
        publicId: publicId("msg", messageId),
        conversationId: conversation.id,
      };
    },
    async events() {
      const rows = await world.rows<{
        type: string;
        seq: number | null;
        conversationId: string | null;
        payload: string;
      }>(`select type, seq, conversation_id as "conversationId", payload from event order by id`);
      return rows.map(({ payload, ...row }) => ({ ...row, body: JSON.parse(payload) }));
    },
    async last() {
      const event = (await world.events()).at(-1);
      if (!event) throw new Error("nothing has happened");
      return event.body;
    },
    types: async () => (await world.events()).map(({ type }) => type),
    async rows<Row extends object>(text: string, values: unknown[] = []) {
      return (await pool.query<Row>(text, values)).rows;
    },
    end: () => database.drop(),
  };
  return world;
}
