import { parseMeta } from "../../src/channels/meta/parse.ts";
import type { messageObject } from "../../src/core/envelope.ts";
import { publicId } from "../../src/core/ids.ts";
import type { InboundOutcome, InboundRequest } from "../../src/core/inbound.ts";
import type { MessageStatus } from "../../src/core/message-status.ts";
import { inboxSpec } from "../../src/inbox/inbox.ts";
import { createIds, type Ids } from "../../src/runtime/ids.ts";
import { ensurePartitions } from "../../src/storage/partitions.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { ManualClock } from "./manual-clock.ts";
import { acceptorOf, type OpenRecording, openRecording, type RecordingDeps } from "./recording.ts";

export const SHOP = "109900000000001";
export const OTHER_SHOP = "109900000000002";
export const ADA = "15550199001";

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
  const items = parseMeta(new TextEncoder().encode(metaBody(values)));
  return { provider: "meta", items, onlyChannelId };
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
  take(...requests: InboundRequest[]): Promise<InboundOutcome[]>;
  /** The body of the last event. */
  last(): Promise<EventBody>;
  /** A transaction that the test ends itself, as another process would have it. */
  begin(): Promise<OpenRecording>;
  /** A message of ours that waits for the provider's word, in a conversation with Ada. */
  outbound(
    status?: MessageStatus,
  ): Promise<{ id: string; publicId: string; conversationId: string }>;
  events(): Promise<StoredEvent[]>;
  types(): Promise<string[]>;
  rows<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  end(): Promise<void>;
}

export async function openInboxWorld(): Promise<InboxWorld> {
  const clock = new ManualClock();
  const database = await createTestDatabase();
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
      `insert into channel (id, workspace_id, account_id, kind, name, external_id, created_at, updated_at)
       values ($1, $2, $3, 'whatsapp', $4, $5, $6, $6)`,
      [id, workspaceId, accountId, name, externalId, at],
    );
    channels[externalId] = { id, workspaceId, accountId };
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
    take: (...requests) => inbox.acceptAll(requests),
    begin: () => openRecording(deps),
    async outbound(status = "sending") {
      await world.take(
        metaRequest({ [SHOP]: { messages: [world.text(`wamid.hello.${ids.next()}`)] } }),
      );
      const [conversation] = await world.rows<{ id: string; contact_id: string }>(
        "select id, contact_id from conversation where channel_id = $1 order by id desc limit 1",
        [shop.id],
      );
      if (!conversation) throw new Error("there is no conversation");
      const id = ids.next();
      await pool.query(
        `insert into message (id, workspace_id, account_id, channel_id, conversation_id, contact_id, direction,
           actor, status, content, created_at)
         values ($1, $2, $3, $4, $5, $6, 'outbound', 'bot', $7, '{"type":"text","text":"Hi"}', $8)`,
        [
          id,
          shop.workspaceId,
          shop.accountId,
          shop.id,
          conversation.id,
          conversation.contact_id,
          status,
          new Date(clock.now()),
        ],
      );
      await pool.query(
        `insert into outbox (message_id, workspace_id, channel_id, conversation_id, state, attempts, request, next_at, created_at)
         values ($1, $2, $3, $4, 'in_doubt', 1, '{"key":null}', $5, $5)`,
        [id, shop.workspaceId, shop.id, conversation.id, new Date(clock.now())],
      );
      await pool.query("truncate event");
      return { id, publicId: publicId("msg", id), conversationId: conversation.id };
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
